import { assertEquals, assertRejects } from "@std/assert";
import { StoreNotOpened } from "../../../stores/engine/local_file.ts";
import { CallTimedOut, openRemote } from "../../../stores/engine/remote.ts";
import { type TestClock, testClock } from "../../support/clock.ts";
import { whileTimePasses } from "../../support/store.ts";

Deno.test("the handles of a remote store are used in turn", async () => {
  const clock = testClock();
  const server = aServer();
  const store = await openRemote(server.open, { timers: clock.timers, handles: 3 });

  for (let n = 0; n < 6; n++) await store.getMany([["k"]]);

  assertEquals(server.handles.map(({ calls }) => calls), [2, 2, 2]);
  store.close();
  assertEquals(server.openHandles(), 0);
});

Deno.test("a call without an answer in time fails, and its handle is replaced", async () => {
  const { clock, server, store } = await aRemoteStore();
  server.handles[0]?.hang();

  await whileTimePasses(clock, assertRejects(() => store.getMany([["k"]]), CallTimedOut));
  await whileTimePasses(clock, clock.timers.sleep(1000));

  assertEquals(server.handles.map(({ isOpen }) => isOpen()), [false, true, true]);
  for (let n = 0; n < 4; n++) assertEquals((await store.getMany([["k"]])).length, 0);
  store.close();
  assertEquals(server.openHandles(), 0);
});

Deno.test("if many calls hang on one handle, all fail in time, and the handle is replaced once", async () => {
  const { clock, server, store } = await aRemoteStore();
  server.handles[0]?.hang();
  const start = clock.milliseconds();
  const calls = Array.from({ length: 10 }, () => store.getMany([["k"]]));

  const outcomes = await whileTimePasses(clock, Promise.allSettled(calls));

  assertEquals(outcomes.filter(({ status }) => status === "rejected").length, 5);
  assertEquals(Math.round((clock.milliseconds() - start) / 1000), 3);
  assertEquals(server.handles.length, 3);
  store.close();
});

Deno.test("while a handle is replaced, its calls fail at once, and calls on other handles succeed", async () => {
  const { clock, server, store } = await aRemoteStore();
  server.refuse();
  server.handles[0]?.hang();
  await whileTimePasses(clock, assertRejects(() => store.getMany([["k"]]), CallTimedOut));
  const start = clock.milliseconds();

  const outcomes = await Promise.allSettled([store.getMany([["k"]]), store.getMany([["k"]])]);

  assertEquals(outcomes.map(({ status }) => status), ["fulfilled", "rejected"]);
  assertEquals(clock.milliseconds(), start);
  store.close();
});

Deno.test("a handle is replaced as soon as the server is back", async () => {
  const { clock, server, store } = await aRemoteStore();
  server.refuse();
  server.handles[0]?.hang();
  await whileTimePasses(clock, assertRejects(() => store.getMany([["k"]]), CallTimedOut));
  await whileTimePasses(clock, clock.timers.sleep(10_000));
  assertEquals(server.openHandles(), 1);

  server.accept();
  await whileTimePasses(clock, clock.timers.sleep(1000));

  assertEquals(server.openHandles(), 2);
  for (let n = 0; n < 4; n++) await store.getMany([["k"]]);
  store.close();
});

Deno.test("a store that is closed while its calls hang stays closed", async () => {
  const { clock, server, store } = await aRemoteStore();
  for (const handle of server.handles) handle.hang();
  const calls = Promise.allSettled([store.getMany([["k"]]), store.getMany([["k"]])]);

  store.close();
  const outcomes = await whileTimePasses(clock, calls);

  assertEquals(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
  await whileTimePasses(clock, clock.timers.sleep(1000));
  assertEquals(server.handles.length, 2);
});

Deno.test("opening waits for a server that is still starting", async () => {
  const clock = testClock();
  const server = aServer();
  server.refuse();
  const opening = openRemote(server.open, { timers: clock.timers });
  await whileTimePasses(clock, clock.timers.sleep(5000));

  server.accept();

  (await whileTimePasses(clock, opening)).close();
});

for (const how of ["refuses", "does not answer"] as const) {
  Deno.test(`opening a store whose server ${how} fails after 15 seconds`, async () => {
    const clock = testClock();
    const server = aServer();
    if (how === "refuses") server.refuse();
    else server.stop();
    const start = clock.milliseconds();

    await whileTimePasses(
      clock,
      assertRejects(() => openRemote(server.open, { timers: clock.timers }), StoreNotOpened),
    );

    assertEquals(Math.round((clock.milliseconds() - start) / 1000) <= 18, true);
  });
}

Deno.test("a handle that opens too late is closed", async () => {
  const clock = testClock();
  const server = aServer();
  server.stop();
  const opening = openRemote(server.open, { timers: clock.timers, handles: 1 });
  await clock.sleepers(1);
  clock.advance(3.1);
  await clock.sleepers(1);

  server.accept();
  const store = await whileTimePasses(clock, opening);

  assertEquals(server.openHandles(), 1);
  store.close();
  assertEquals(server.openHandles(), 0);
});

async function aRemoteStore() {
  const clock: TestClock = testClock();
  const server = aServer();
  const store = await openRemote(server.open, { timers: clock.timers, handles: 2 });
  return { clock, server, store };
}

/** Stands for a KV Connect server, as its client's handles show it: they hang, or refuse to open. */
function aServer() {
  const handles: ReturnType<typeof aHandle>[] = [];
  let state: "up" | "refusing" | "stopped" = "up";
  let restarted = Promise.withResolvers<void>();

  return {
    handles,
    openHandles: () => handles.filter(({ isOpen }) => isOpen()).length,
    async open(): Promise<Deno.Kv> {
      if (state === "refusing") throw new TypeError("failed to connect");
      if (state === "stopped") await restarted.promise;
      const handle = aHandle();
      handles.push(handle);
      return handle.kv;
    },
    refuse: () => void (state = "refusing"),
    stop() {
      state = "stopped";
      restarted = Promise.withResolvers();
    },
    accept() {
      state = "up";
      restarted.resolve();
    },
  };
}

function aHandle() {
  let isOpen = true;
  let isHanging = false;
  const handle = {
    calls: 0,
    isOpen: () => isOpen,
    hang: () => void (isHanging = true),
    kv: {
      getMany() {
        handle.calls++;
        return isHanging ? new Promise(() => {}) : Promise.resolve([]);
      },
      close() {
        if (!isOpen) throw new Deno.errors.BadResource("Bad resource ID"); // as the real one does
        isOpen = false;
      },
    } as unknown as Deno.Kv,
  };
  return handle;
}
