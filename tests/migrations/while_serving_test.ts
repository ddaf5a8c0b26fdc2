import { assert, assertEquals } from "@std/assert";
import { eachRecord } from "../../migrations/each_record.ts";
import { runMigrations } from "../../migrations/runner.ts";
import { migrateWhileServing } from "../../migrations/while_serving.ts";
import { Interrupted, pacer } from "../../stores/engine/pacer.ts";
import { history } from "../../stores/migrations.ts";
import {
  pages,
  processes,
  type Release,
  visitAll,
  visitsOf,
  whileTimePasses,
  writePages,
  type WrittenMigration,
} from "./processes.ts";

const whileServing: WrittenMigration = { ...visitAll, whileServing: true };
const silent = { error: () => {} };

const starts: Readonly<Record<string, { release: Release; before: string[]; later: string[] }>> = {
  "one that may run while the server serves is left for later": {
    release: { "0001_blocking": visitAll, "0002_waits": whileServing },
    before: ["0001_blocking"],
    later: ["0002_waits"],
  },
  "one that may wait runs before a later one that may not": {
    release: { "0001_waits": whileServing, "0002_blocking": visitAll, "0003_waits": whileServing },
    before: ["0001_waits", "0002_blocking"],
    later: ["0003_waits"],
  },
  "without blocking ones, a start waits for nothing": {
    release: { "0001_waits": whileServing, "0002_waits": whileServing },
    before: [],
    later: ["0001_waits", "0002_waits"],
  },
};
for (const [name, { release, before, later }] of Object.entries(starts)) {
  Deno.test(`migrations at a start: ${name}`, async () => {
    await using store = await processes();
    await writePages(store.kv, 20);
    const runner = store.runner(release);
    assertEquals(await runMigrations({ ...runner, beforeServing: true }), before);
    assertEquals(await runMigrations({ ...runner, giveWay: () => Promise.resolve() }), later);
    const all = before.length + later.length;
    assertEquals(await visitsOf(store.kv), Array(20).fill(all), "each record once a migration");
  });
}

Deno.test("a migration that runs beside the server rests between its steps and logs its rate", async () => {
  await using store = await processes();
  await writePages(store.kv, 990);
  await writePages(store.kv, 990);
  let rests = 0;
  const runner = store.runner({
    "0001_visit": {
      whileServing: true,
      run: (context) =>
        eachRecord(context, {
          collection: pages,
          visit(tx, page) {
            store.clock.advance(0.01); // slow work
            tx.replace(page, { visits: page.value.visits + 1 });
          },
        }),
    },
  });
  const timers = {
    sleep() {
      rests++;
      return Promise.resolve();
    },
  };
  const stopping = new AbortController().signal;
  const giveWay = pacer({ clock: store.clock, timers, stopping });
  await migrateWhileServing({ ...runner, giveWay }, silent);
  assert(rests >= 990 / 6, `${rests} rests`);
  assertEquals((await visitsOf(store.kv)).every((visits) => visits === 1), true);
});

Deno.test("a process that is told to stop leaves the rest of a migration to the next one", async () => {
  await using store = await processes();
  await writePages(store.kv, 60);
  const release: Release = { "0001_visit": whileServing };
  let steps = 0;
  const giveWay = () => ++steps > 5 ? Promise.reject(new Interrupted("stop")) : Promise.resolve();
  await migrateWhileServing({ ...store.runner(release), giveWay }, silent);
  const visited = (await visitsOf(store.kv)).filter((visits) => visits === 1).length;
  assert(visited > 0 && visited < 60, `${visited} of 60`);
  assertEquals((await history(store.kv))[0]?.appliedAt, null);

  const next = store.runner(release);
  await migrateWhileServing({ ...next, giveWay: () => Promise.resolve() }, silent);
  assertEquals(await visitsOf(store.kv), Array(60).fill(1), "nothing ran twice");
});

Deno.test("if two servers start at once, one runs the migration, and the other waits for it as it serves", async () => {
  await using store = await processes();
  await writePages(store.kv, 20);
  const release: Release = { "0001_visit": whileServing };
  const giveWay = () => Promise.resolve();
  const both = [1, 2].map(() => runMigrations({ ...store.runner(release), giveWay }));
  const ran = await whileTimePasses(store.clock, Promise.all(both));
  assertEquals(ran.flat(), ["0001_visit"]);
});

Deno.test("a migration that fails beside the server is an error in the log, and does not end the server", async () => {
  await using store = await processes();
  const errors: string[] = [];
  const failing: Release = {
    "0001_fails": { whileServing: true, run: () => Promise.reject(new Error("the disk is full")) },
  };
  await migrateWhileServing(store.runner(failing), {
    error: (message, { error }) => errors.push(`${message}: ${error}`),
  });
  assertEquals(errors.length, 1);
  assert(errors[0]?.includes("the disk is full"), errors[0]);
});
