import { assert, assertEquals } from "@std/assert";
import { aWorld } from "../proofs/world.ts";
import { testOnDenokv } from "../support/denokv.ts";
import { aDroppingProxy, type DroppingProxy } from "../support/dropping_proxy.ts";
import { honestClients } from "./honest_clients.ts";

/** Milliseconds: a step ends within 10 s, and the call that it then makes within another 3. */
const longestAnswer = 15_000;
const outage = 5000;

for (const how of ["stopped", "killed and started again"] as const) {
  testOnDenokv(
    `the KV server is ${how} for 5 seconds: 503 or success, and nobody honest loses a grant`,
    async () => {
      await using world = await aWorld({ processes: 3 });
      const { kv } = world;
      assert(kv);
      const clients = await honestClients(world, { count: 12, longestAnswer });
      await pause(2000);

      if (how === "stopped") kv.pause();
      else await kv.kill();
      await pause(outage);
      if (how === "stopped") kv.resume();
      else await kv.restart();
      const back = Date.now();
      await pause(8000);
      await clients.stop();

      console.log(clients.answers, `slowest ${clients.slowest()} ms`);
      console.log(`last 503 ${clients.lastUnavailable() - back} ms after the server was back`);
      assertEquals(clients.problems, []);
      assert(clients.lastUnavailable() - back < 5000, "it has not recovered");
    },
  );
}

testOnDenokv("the answers to commits get lost on their way: nobody notices", async () => {
  await using stack = new AsyncDisposableStack();
  let proxy: DroppingProxy | undefined;
  await using world = await aWorld({
    processes: 3,
    async between(kv) {
      proxy = stack.use(await aDroppingProxy(kv.port));
      return proxy.port;
    },
  });
  assert(proxy);
  const clients = await honestClients(world, { count: 6, longestAnswer });
  proxy.dropEvery(4);
  await pause(8000);
  proxy.dropEvery(0);
  await clients.stop();

  console.log(clients.answers, `${proxy.dropped()} answers lost, slowest ${clients.slowest()} ms`);
  assertEquals(clients.problems, []);
  assert(proxy.dropped() > 10, `only ${proxy.dropped()} answers were lost`);
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
