import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { anInstallation, freePort } from "../support/server_process.ts";

Deno.test("a stopping process is unready at once, answers for the drain time, and closes each connection", async () => {
  await using installation = await anInstallation({ env: { LATCHKEY_DRAIN_TIME: "2" } });
  const server = await installation.start();
  const { hostname, port } = new URL(server.url);
  using open = await Deno.connect({ hostname, port: Number(port) });
  assertStringIncludes(await answerOf(open, "/readyz"), "200 OK");

  const began = Date.now();
  const ended = server.kill("SIGTERM");
  await unready(server.url);
  assertEquals((await fetch(`${server.url}/healthz`).then(drained)).status, 200);
  const last = await answerOf(open, "/.well-known/openid-configuration");
  assertStringIncludes(last, "200 OK");
  assertStringIncludes(last.toLowerCase(), "connection: close");
  await new Response(open.readable).text(); // the connection ends
  assertEquals((await ended).code, 0, server.output());
  assert(Date.now() - began >= 2000, "it went on for the time to be noticed");
});

Deno.test("a second signal ends the drain time, unless it is a repetition of the first", async () => {
  await using installation = await anInstallation({ env: { LATCHKEY_DRAIN_TIME: "60" } });
  const server = await installation.start();
  const began = Date.now();
  const ended = server.kill("SIGTERM");
  void server.kill("SIGTERM"); // as systemd and `deno task` both send it
  await unready(server.url);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assertEquals((await fetch(`${server.url}/healthz`).then(drained)).status, 200);
  void server.kill("SIGTERM");
  assertEquals((await ended).code, 0);
  assert(Date.now() - began < 50_000);
});

Deno.test("connections that send nothing do not keep a stopping process", async () => {
  await using installation = await anInstallation({ env: { LATCHKEY_DRAIN_TIME: "0" } });
  const server = await installation.start();
  const { hostname, port } = new URL(server.url);
  using _silent = await Deno.connect({ hostname, port: Number(port) });
  using answered = await Deno.connect({ hostname, port: Number(port) });
  assertStringIncludes(await answerOf(answered, "/healthz"), "200 OK");
  assertEquals((await server.kill("SIGTERM")).code, 0, server.output());
});

Deno.test("a stopping process removes its Unix socket file first, and still serves its connections", async () => {
  await using installation = await anInstallation({ env: { LATCHKEY_DRAIN_TIME: "1" } });
  const path = `${installation.directory}/latchkey.sock`;
  const env = { LATCHKEY_SOCKET: path, LATCHKEY_TRUST_PROXY: "1" };
  await Deno.writeTextFile(path, "no socket");
  const refused = installation.spawn({ env });
  assertEquals((await refused.ended).code, 1);
  assertStringIncludes(refused.output(), "LATCHKEY_SOCKET");
  await Deno.remove(path);

  const killed = installation.spawn({ env });
  (await listening(path)).close();
  const second = installation.spawn({ port: freePort(), env: { ...env, LATCHKEY_KV: ":memory:" } });
  assertEquals((await second.ended).code, 1, "two processes cannot share a socket");
  await killed.kill();

  const server = installation.spawn({ env });
  using open = await listening(path);
  assertStringIncludes(await answerOf(open, "/readyz"), "200 OK");
  const ended = server.kill("SIGTERM");
  while (await Deno.lstat(path).then(() => true, () => false)) await pause();
  const last = await answerOf(open, "/readyz");
  assertStringIncludes(last, "503");
  assertStringIncludes(last.toLowerCase(), "connection: close");
  const successor = installation.spawn({
    port: freePort(),
    env: { ...env, LATCHKEY_KV: ":memory:" },
  });
  (await listening(path)).close();
  assertEquals((await ended).code, 0, server.output());
  (await listening(path)).close(); // the end of one process leaves the name to the next
  await successor.kill();
});

async function unready(url: string) {
  for (;;) {
    const { status } = await fetch(`${url}/readyz`).then(drained);
    if (status === 503) return;
    await pause();
  }
}

async function listening(path: string): Promise<Deno.UnixConn> {
  for (;;) {
    const open = await Deno.connect({ transport: "unix", path }).catch(() => null);
    if (open) return open;
    await pause();
  }
}

/** Sends a request on a connection that is kept. @returns head and body */
async function answerOf(connection: Deno.Conn, path: string): Promise<string> {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(65_536);
  const length = await connection.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length));
}

async function drained(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
