import { assert, assertEquals } from "@std/assert";
import { testClock } from "../../support/clock.ts";
import { memoryKv } from "../../support/memory_kv.ts";
import { scheduler } from "../../support/scheduler.ts";
import { slowCommits } from "../../support/slow_commits.ts";

/** A store in virtual time, each commit of which takes half a millisecond. */
function aStore() {
  const time = scheduler({ start: 0 });
  const sleep = (milliseconds: number) => time.timers.sleep(milliseconds);
  const groups: number[] = [];
  const store = memoryKv({ clock: testClock() });
  const backend = slowCommits(
    {
      ...store,
      commit(batch) {
        groups.push(batch.mutations.length);
        return store.commit(batch);
      },
    },
    () => sleep(0.5),
    time,
  );
  let written = 0;
  /** @returns how long it took */
  const commit = async (key: Deno.KvKey = [written++]) => {
    const begun = time.elapsed;
    assert(await backend.commit({ checks: [], mutations: [{ type: "set", key, value: 1 }] }));
    return time.elapsed - begun;
  };
  /** Commits that begin at these milliseconds. @returns how long each took */
  const commitsAt = (times: readonly number[], key?: Deno.KvKey) =>
    Promise.all(times.map(async (at) => {
      await sleep(at);
      return await commit(key);
    }));
  return { time, sleep, groups, commit, commitsAt };
}

const times = (length: number, of: (n: number) => number) =>
  Array.from({ length }, (_, n) => of(n));

Deno.test("clients that send the next request at once share commits, most of them in each", async () => {
  for (const clients of [4, 16, 24]) {
    const { time, sleep, groups, commit } = aStore();
    const working = times(clients, (n) => n).map(async (n) => {
      for (let turn = 0; turn < 20; turn++) {
        await sleep(0.1 * (n + 1)); // one request is read after the other
        await commit();
      }
    });
    await time.run();
    await Promise.all(working);
    const usual = groups.slice(3, groups.length / 2); // while all of them go on
    const mean = usual.reduce((sum, size) => sum + size, 0) / usual.length;
    assert(mean > clients / 2, `${clients} clients: ${groups}`);
  }
});

Deno.test("a commit without others is sent at once, and soon if others do not come again", async () => {
  const burst = times(16, (n) => n / 100);
  const cases: [string, number[], number, number][] = [
    ["alone", [0], 0, 0.5],
    ["one after the other", [0, 1, 2, 3, 4, 5], 0, 0.5],
    ["three at a time, and one just after", [0, 0.1, 0.2, 1.5], 0, 0.9],
    [
      "with more than enough others",
      [...times(64, () => 0), ...times(24, (n) => 1.2 + n / 20)],
      64,
      23 / 20 + 0.5,
    ],
    ["a while after many", [...burst, 20], 16, 0.5],
    ["just after many", [...burst, 2], 16, 0.5 + 1],
    ["by and by after many", [...burst, ...times(20, (n) => 2 + n * 0.3)], 16, 0.5 + 1 + 0.5],
    ["faster, after more", [...times(64, () => 0), ...times(20, (n) => 2 + n / 5)], 64, 3 + 1],
  ];
  for (const [name, begun, from, most] of cases) {
    const { time, commitsAt } = aStore();
    const waits = commitsAt(begun);
    await time.run();
    const longest = Math.max(...(await waits).slice(from));
    assert(longest < most + 0.01, `${name}: ${longest}`);
  }
});

Deno.test("waits in vain become rare", async () => {
  const { time, commitsAt } = aStore();
  const turns = times(60, (n) => n * 10);
  const bursts = commitsAt(turns.flatMap((at) => times(16, () => at)));
  const waits = commitsAt(turns.map((at) => at + 2));
  await time.run();
  await bursts;
  const inVain = (await waits).filter((took) => took > 1).length;
  assert(inVain > 0 && inVain <= 10, `${inVain} of 60`);
});

Deno.test("what a group must leave out follows it at once", async () => {
  const many = aStore();
  const waits = many.commitsAt(times(100, () => 0));
  await many.time.run();
  assertEquals([many.groups, Math.max(...await waits)], [[1, 64, 35], 1.5]);

  const some = aStore();
  const own = some.commitsAt(times(14, () => 0));
  const ofOneKey = some.commitsAt([0, 0], ["one key"]);
  await some.time.run();
  assertEquals(Math.max(...await own, ...await ofOneKey), 1.5);
});
