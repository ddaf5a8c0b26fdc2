import { assertEquals, assertRejects } from "@std/assert";
import { testClock } from "../../support/clock.ts";
import { type Call, type Fault, faultyKv, randomFaults } from "../../support/faulty_kv.ts";
import { memoryKv } from "../../support/memory_kv.ts";
import { seededRandom } from "../../support/random.ts";
import { whileTimePasses } from "../../support/store.ts";

Deno.test("after a process is killed, only its sent commits are stored, and other handles continue", async () => {
  const clock = testClock();
  const store = memoryKv({ clock });
  const faults: Fault[] = [
    { kind: "slow", before: 1000 },
    { kind: "slow", after: 1000 },
    { kind: "hang", landsAfter: 1000 },
  ];
  const fault = ({ nth }: Call) => faults[nth] ?? null;
  const handle = faultyKv(store, { timers: clock.timers, callDeadline: 2000, fault });
  const other = faultyKv(store, { timers: clock.timers, fault: () => null });
  const set = (n: number) => ({ type: "set" as const, key: [n], value: n });
  const commits = [0, 1, 2].map((n) => handle.commit({ checks: [], mutations: [set(n)] }));
  const outcomes = Promise.allSettled(commits);
  await whileTimePasses(clock, clock.timers.sleep(500));

  handle.kill(); // the first is on its way there, the second on its way back

  const statuses = (await whileTimePasses(clock, outcomes)).map(({ status }) => status);
  assertEquals(statuses, ["rejected", "rejected", "rejected"]);
  await assertRejects(() => handle.getMany([[1]]));
  const found = await other.getMany([[0], [1], [2]]);
  assertEquals(found.map(({ value }) => value), [null, 1, 2]);
});

Deno.test("the faults of one seed are the same each time, and occur at the given rates", () => {
  const rates = { slow: 0.3, replyLost: 0.1, hang: 0.1 };
  const draw = (seed: number) => {
    const fault = randomFaults(seededRandom(seed), { rates, longest: 1000 });
    return Array.from({ length: 2000 }, (_, nth) => fault({ kind: "commit", nth }));
  };
  const faults = draw(7);

  assertEquals(draw(7), faults);
  const share = (kind?: string) => faults.filter((fault) => fault?.kind === kind).length / 2000;
  const shares = [share("slow"), share("replyLost"), share("hang"), share("conflict"), share()];
  assertEquals(shares.map((part) => Math.round(part * 10) / 10), [0.3, 0.1, 0.1, 0, 0.5]);
});
