import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { systemTimers } from "../../stores/engine/kv.ts";
import { bodyReader } from "../../routes/http/body.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { aProvider } from "../support/provider.ts";
import { silentLogger } from "../support/silent_logger.ts";

/** A request whose body arrives as the test says. */
function aSlowRequest() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start(made) {
      controller = made;
    },
    cancel() {
      cancelled = true;
    },
  });
  return {
    request: new Request("http://localhost/token", { method: "POST", body }),
    send: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    end: () => controller?.close(),
    isCancelled: () => cancelled,
  };
}

async function statusOf(read: Promise<unknown>): Promise<number | string> {
  try {
    await read;
    return "read";
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return error.status ?? error.code;
  }
}

/** One for which each body that is not there at once is slow, and none is too slow. */
function aPatientReader() {
  return bodyReader({
    timers: systemTimers,
    milliseconds: 5000,
    slowAfter: 1,
    underWay: 10,
    waiting: 1000,
  });
}

Deno.test("a body that does not arrive in time is refused, also if parts of it keep arriving", async () => {
  const read = bodyReader({
    timers: systemTimers,
    milliseconds: 60,
    slowAfter: 20,
    underWay: 10,
    waiting: 1000,
  });
  const silent = aSlowRequest();
  assertEquals(await statusOf(read(silent.request)), 408);
  const dripping = aSlowRequest();
  const drip = setInterval(() => dripping.send("a"), 10);
  assertEquals(await statusOf(read(dripping.request)), 408);
  clearInterval(drip);
  assert(silent.isCancelled() && dripping.isCancelled());
});

Deno.test("a client that goes away within its body is no failure of this server", async () => {
  const lines: string[] = [];
  const error = (message: string) => lines.push(message);
  await using provider = await aProvider({
    config: { registration: "open" },
    logger: { ...silentLogger, error },
  });
  for (const path of ["/token", "/login", "/register", "/api/v1/users"]) {
    for (const length of ["1000", "99999999"]) {
      const body = new ReadableStream({
        pull: (controller) => controller.error(new Deno.errors.BadResource("gone")),
      });
      const { status } = await provider.request(path, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "content-length": length,
          "authorization": "Bearer x",
        },
        body,
      });
      assert(status >= 400 && status < 500, `${status} ${path} ${length}`);
    }
  }
  assertEquals(lines, []);
});

Deno.test("a body that was read before, or that another reads, is a bug of the server", async () => {
  const read = aPatientReader();
  const heads: HeadersInit[] = [{ "content-length": "3" }, { "content-length": "99999999" }, {}];
  for (const headers of heads) {
    const post = () =>
      new Request("http://localhost/token", { method: "POST", body: "a=b", headers });
    const used = post();
    await used.text();
    const twice = post();
    await read(twice);
    for (const request of [used, twice]) {
      const error = await assertRejects(() => read(request), Error, "read before");
      assert(!(error instanceof OAuthError), "the client is not to blame");
    }
  }
  const locked = new Request("http://localhost/token", { method: "POST", body: "a=b" });
  locked.body?.getReader();
  await assertRejects(() => read(locked), TypeError);
});

Deno.test("a body in several parts is read completely, and an absent body is empty", async () => {
  const read = aPatientReader();
  const slow = aSlowRequest();
  const whole = read(slow.request);
  for (const part of ["a=", "b", "&c=d"]) {
    slow.send(part);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  slow.end();
  assertEquals(new TextDecoder().decode(await whole), "a=b&c=d");
  assertEquals((await read(new Request("http://localhost/"))).length, 0);
});

Deno.test("bodies of tens of thousands of parts take no more memory than their bytes", async () => {
  const read = aPatientReader();
  const inUse = () => Deno.memoryUsage().heapUsed + Deno.memoryUsage().external;
  const before = inUse();
  let [after, complete] = [0, 0];
  const allComplete = Promise.withResolvers<void>();
  // Each part has a buffer of a kibibyte, and V8 may let 64 MiB of them lie there. Four bodies have 240.
  const bodies = Array.from({ length: 4 }, () => {
    let parts = 0;
    return new ReadableStream({
      type: "bytes",
      async pull(controller) {
        const view = controller.byobRequest?.view;
        assert(view, "a reader with its own buffers");
        if (++parts <= 60_000) return controller.byobRequest?.respond(1);
        if (++complete === 4) {
          after = inUse();
          allComplete.resolve();
        }
        await allComplete.promise;
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  });
  const all = await Promise.all(
    bodies.map((body) => read(new Request("http://localhost/token", { method: "POST", body }))),
  );
  for (const bytes of all) assertEquals(bytes, new Uint8Array(60_000));
  const mebibytes = (after - before) / 2 ** 20;
  assert(mebibytes < 160, `${mebibytes} MiB`);
});

Deno.test("while many bodies are arriving, further ones are read in pieces, whatever length they promise", async () => {
  const limits = { milliseconds: 5000, slowAfter: 1000, underWay: 100, waiting: 1000 };
  const read = bodyReader({ timers: systemTimers, ...limits });
  const slow = Array.from({ length: 16 }, aSlowRequest);
  const reading = slow.map(({ request }) => read(request));
  let [buffer, parts] = [0, 0];
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      buffer = controller.byobRequest?.view?.byteLength ?? Infinity;
      if (++parts === 1) return controller.byobRequest?.respond(3);
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
  const headers = { "content-length": "3" };
  const request = new Request("http://localhost/token", { method: "POST", body, headers });
  assertEquals((await read(request)).length, 3);
  assert(buffer <= 4096, `${buffer}`);
  for (const { end } of slow) end();
  await Promise.all(reading);
});

Deno.test("if too many bodies are arriving, the slowest one is ended", async () => {
  const read = bodyReader({
    timers: systemTimers,
    milliseconds: 5000,
    slowAfter: 1,
    underWay: 3,
    waiting: 1000,
  });
  const slow = Array.from({ length: 5 }, aSlowRequest);
  const statuses = slow.map(({ request }) => statusOf(read(request)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (let n = 0; n < 20; n++) {
    const quick = aSlowRequest();
    quick.send("a=b");
    quick.end();
    assertEquals(await statusOf(read(quick.request)), "read");
  }
  for (const { end } of slow) {
    try {
      end();
    } catch {
      // it was cancelled
    }
  }
  const answers = await Promise.all(statuses);
  const gaveWay = Array(3).fill("temporarily_unavailable");
  assertEquals(answers, [...gaveWay, "read", "read"], "the oldest, until there is room");
});

Deno.test("during an attack of slow senders a client with a whole body is read at once, and the oldest give way", async () => {
  const limits = { milliseconds: 2000, slowAfter: 200, underWay: 4, waiting: 8 };
  const read = bodyReader({ timers: systemTimers, ...limits });
  const slow = Array.from({ length: 40 }, aSlowRequest);
  const ended: number[] = [];
  const statuses = slow.map(async ({ request }, n) => {
    const status = await statusOf(read(request));
    ended.push(n);
    return status;
  });
  const whole = new Request("http://localhost/token", { method: "POST", body: "a=b" });
  const began = performance.now();
  assertEquals(await statusOf(read(whole)), "read");
  const took = performance.now() - began;
  assert(took < limits.slowAfter, `${took} ms, though the ones before had not been slow yet`);
  // Of those that wait, the oldest were refused before anything of them was read.
  assertEquals(ended.slice(0, 29), Array.from({ length: 29 }, (_, n) => n + 4));
  for (const { end, isCancelled } of slow) if (!isCancelled()) end();
  const answers = await Promise.all(statuses);
  assert(answers.filter((status) => status === "temporarily_unavailable").length >= 29);
});

Deno.test("a body that waits for a turn is refused after the deadline", async () => {
  const sleeping = new Set<() => void>();
  const sleep = (_milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const wake = () => void (sleeping.delete(wake), resolve());
      sleeping.add(wake);
      signal?.addEventListener("abort", wake);
    });
  const limits = { milliseconds: 40, slowAfter: 40, underWay: 1, waiting: 8 };
  const read = bodyReader({ timers: { sleep }, ...limits });
  const first = aSlowRequest();
  const reading = statusOf(read(first.request));
  await new Promise((resolve) => setTimeout(resolve, 1));
  sleeping.clear(); // for the first body no time passes, so it is never slow and gives no turn
  let [isRefused, parts] = [false, 0];
  const answer = statusOf(read(aSlowRequest().request)).finally(() => isRefused = true);
  for (; !isRefused && parts < 50; parts++) {
    for (const wake of sleeping) wake();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assertEquals([await answer, parts], ["temporarily_unavailable", 11]);
  first.end();
  assertEquals(await reading, "read");
});

Deno.test("bodies that give way are answered 503 when to try again, and leave no line in the log", async () => {
  const lines: string[] = [];
  const keep = (message: string) => lines.push(message);
  const logger = { debug: keep, info: keep, warn: keep, error: keep };
  await using provider = await aProvider({ logger });
  lines.length = 0;
  const slow = Array.from({ length: 1102 }, aSlowRequest);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const asked = slow.map(({ request }) =>
    provider.request("/token", { method: "POST", body: request.body, headers })
  );
  for (const n of [100, 101]) {
    const response = await asked[n];
    assert(response);
    assertEquals(response.status, 503);
    assertEquals(response.headers.get("retry-after"), "3");
    assertEquals(response.headers.get("connection"), "close");
    assertEquals((await response.json()).error, "temporarily_unavailable");
  }
  assertEquals(lines, []);
  for (const { end } of slow) end();
  for (const response of await Promise.all(asked)) {
    if (!response.bodyUsed) await response.body?.cancel();
  }
});

Deno.test("a burst of bodies of any number is read", async () => {
  const read = bodyReader({
    timers: systemTimers,
    milliseconds: 5000,
    slowAfter: 1000,
    underWay: 3,
    waiting: 1000,
  });
  const statuses = await Promise.all(Array.from({ length: 500 }, () => {
    const body = new URLSearchParams({ a: "b" });
    return statusOf(read(new Request("http://localhost/token", { method: "POST", body })));
  }));
  assertEquals(new Set(statuses), new Set(["read"]));
});

Deno.test("a request whose body is too slow is answered while the body is still arriving", async () => {
  const read = bodyReader({
    timers: systemTimers,
    milliseconds: 100,
    slowAfter: 50,
    underWay: 10,
    waiting: 1000,
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const status = await statusOf(read(request));
    return new Response(null, { status: Number(status), headers: { Connection: "close" } });
  });
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  const head = "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nsome";
  await connection.write(new TextEncoder().encode(head));
  const bytes = new Uint8Array(500);
  const answer = new TextDecoder().decode(bytes.subarray(0, await connection.read(bytes) ?? 0));
  assertEquals(answer.startsWith("HTTP/1.1 408"), true, answer);
  connection.close();
  await server.shutdown();
});

Deno.test("many bodies that arrive in parts at the same time are all read completely", async () => {
  const limits = { milliseconds: 5000, slowAfter: 2000, underWay: 200, waiting: 1000 };
  const read = bodyReader({ timers: systemTimers, ...limits });
  const { promise: allBegun, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    if (++begun === 100) resolve();
    return new Response(await read(request));
  });
  const part = (letter: string) => letter.repeat(2500);
  const connections = await Promise.all(Array.from({ length: 100 }, async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    const head =
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n";
    await connection.write(new TextEncoder().encode(head + part("a")));
    return connection;
  }));
  await allBegun;
  const answers = await Promise.all(connections.map(async (connection) => {
    await connection.write(new TextEncoder().encode(part("b")));
    return await new Response(connection.readable).text();
  }));
  assertEquals(
    new Set(answers.map((answer) => answer.slice(answer.indexOf("\r\n\r\n") + 4))),
    new Set([part("a") + part("b")]),
  );
  await server.shutdown();
});

Deno.test("a body that has arrived while the process was busy is read, however long that took", async () => {
  const read = bodyReader({
    timers: systemTimers,
    milliseconds: 2000,
    slowAfter: 200,
    underWay: 1,
    waiting: 1000,
  });
  let [begun, length] = [0, 0];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    begun++;
    const body = await read(request);
    length += body.length;
    return new Response();
  });
  const connections = [];
  for (let n = 0; n < 3; n++) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    connections.push(connection);
    const head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    await connection.write(new TextEncoder().encode(head));
  }
  while (begun < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  for (const connection of connections) {
    await connection.write(new TextEncoder().encode("5\r\nhello\r\n0\r\n\r\n"));
  }
  const until = Date.now() + 400;
  while (Date.now() < until); // as if it computed password hashes
  for (const connection of connections) {
    const answer = new Uint8Array(64);
    await connection.read(answer);
    assertStringIncludes(new TextDecoder().decode(answer), "200 OK");
    connection.close();
  }
  assertEquals(length, 15);
  await server.shutdown();
});
