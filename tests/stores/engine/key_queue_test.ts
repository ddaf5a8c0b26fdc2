import { assertEquals } from "@std/assert";
import { keyQueue } from "../../../stores/engine/key_queue.ts";

Deno.test("callers get a key one at a time, in the order in which they asked", async () => {
  const queue = keyQueue();
  const order: string[] = [];
  const take = async (name: string, keys: string[]) => {
    const turn = await queue.acquire(keys);
    order.push(`${name} begins`);
    await Promise.resolve();
    order.push(`${name} ends`);
    turn.release();
    return turn.waited;
  };

  const waited = await Promise.all([
    take("ann", ["x", "y"]),
    take("bob", ["y"]),
    take("cid", ["y", "x"]),
    take("dan", ["z"]),
  ]);

  assertEquals(waited, [false, true, true, false]);
  const ofShared = order.filter((line) => !line.startsWith("dan"));
  assertEquals(ofShared.map((line) => line.slice(4)), Array(3).fill(["begins", "ends"]).flat());
  assertEquals(ofShared[0], "ann begins");
});

Deno.test("a released key is free, and a request for no keys does not wait", async () => {
  const queue = keyQueue();
  const first = await queue.acquire(["x", "x"]);
  assertEquals((await queue.acquire([])).waited, false);
  first.release();

  assertEquals((await queue.acquire(["x"])).waited, false);
});
