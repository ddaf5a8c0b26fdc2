import { assert, assertEquals, assertRejects } from "@std/assert";
import { paceOfSealing } from "../../../src/audit/seal.ts";
import { paceOfVerifying } from "../../../src/maintenance/jobs.ts";
import { Interrupted, type Pace, pacer } from "../../../stores/engine/pacer.ts";
import { testClock } from "../../support/clock.ts";

/** Work at a pace, in virtual time. */
function aWorker(pace?: Pace) {
  let now = 1_000;
  const pauses: number[] = [];
  const clock = { seconds: () => Math.floor(now / 1000), milliseconds: () => now };
  const timers = {
    sleep(milliseconds: number) {
      pauses.push(milliseconds);
      now += milliseconds + worker.busy;
      return Promise.resolve();
    },
  };
  const giveWay = pacer({ clock, timers, stopping: new AbortController().signal }, pace);
  const worker = {
    /** By how much a pause is longer than asked, because others work. */
    busy: 0,
    pauses,
    /** @returns the last pause so far */
    async work(milliseconds: number) {
      now += milliseconds;
      await giveWay();
      return pauses.at(-1);
    },
  };
  return worker;
}

Deno.test("long work pauses after 2 ms for as long as it worked, and longer while others are busy", async () => {
  const worker = aWorker();
  const { pauses, work } = worker;

  await work(1);
  assertEquals(pauses, []);
  assertEquals(await work(1), 2);
  assertEquals(await work(3), 3);

  worker.busy = 3;
  await work(2);
  assertEquals(
    await work(2),
    2 + 3,
    "4 ms for the one beyond the usual 2, within 4 times the work",
  );
  worker.busy = 7;
  await work(2);
  assertEquals(
    await work(2),
    2,
    "with the 7 ms that it is late, this is more than 4 times the work",
  );
  worker.busy = 10_000;
  await work(2);
  const before = pauses.length;
  await work(19);
  assertEquals(pauses.length, before, "after a long turn of the others it works longer");
  assertEquals(await work(1), 20, "it goes on, however busy the process is");
  worker.busy = 0;
  await work(20);
  assertEquals(await work(20_000), 5_000, "a lease must not end meanwhile");

  await work(2);
  assertEquals(await work(2), 2, "it forgets a moment that has passed");
});

Deno.test("work with a longer slice pauses more rarely, but as often as any while others are busy", async () => {
  const worker = aWorker({ rest: 0.5, most: 4, slice: 8 });
  /** @returns the pauses that it made */
  const work = async (milliseconds: number) => {
    await worker.work(milliseconds);
    return worker.pauses.splice(0);
  };

  assertEquals(await work(7), []);
  assertEquals(await work(1), [4]);
  worker.busy = 3;
  assertEquals(await work(8), [4]);
  assertEquals(await work(2), [1 + 4], "the last pause was 3 ms late, so others are busy");
  worker.busy = 1;
  await work(2);
  assertEquals(await work(7), [], "nobody is, if a timer is late by a millisecond");
  assertEquals(await work(1), [4]);
});

const paces: Readonly<Record<string, Pace>> = {
  sealing: paceOfSealing,
  verifying: paceOfVerifying,
};

for (const [name, pace] of Object.entries(paces)) {
  Deno.test(`however many connections keep the process busy, ${name} keeps its share`, async () => {
    for (const connections of [1, 16, 64, 256]) {
      let now = 0;
      const clock = { seconds: () => Math.floor(now / 1000), milliseconds: () => now };
      // Each connection sends its next request when it has its answer, which takes 0.3 ms. A timer that is
      // due fires when each of them had its turn.
      const turn = connections * 0.3;
      let ofRequests = 0;
      const timers = {
        sleep(milliseconds: number) {
          const took = Math.max(1, Math.ceil(milliseconds / turn)) * turn;
          ofRequests += took;
          now += took;
          return Promise.resolve();
        },
      };
      const giveWay = pacer({ clock, timers, stopping: new AbortController().signal }, pace);
      const events = 100_000;
      for (let n = 0; n < events; n++) {
        now += 0.04;
        await giveWay();
      }
      const share = events * 0.04 / now;
      const least = 1 / (1 + pace.rest + pace.most);
      assert(share > 0.98 * least, `${connections} connections: a share of ${share}`);
      const due = Math.min(0.3, pace.rest / (1 + pace.rest));
      assert(
        ofRequests / now > 0.95 * due,
        `${connections} connections: requests got ${ofRequests / now}`,
      );
    }
  });
}

Deno.test("work that pauses ends at once when the process is to stop", async () => {
  const clock = testClock();
  const stopping = new AbortController();
  const giveWay = pacer({ clock, timers: clock.timers, stopping: stopping.signal });
  clock.advance(60);
  const pausing = giveWay();
  stopping.abort();
  await pausing;
  await assertRejects(giveWay, Interrupted);
});
