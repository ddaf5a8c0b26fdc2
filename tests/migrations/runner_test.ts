import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { eachRecord } from "../../migrations/each_record.ts";
import { MigrationFailed } from "../../migrations/failed.ts";
import { MigrationRefused } from "../../migrations/runner.ts";
import { LeaseLost } from "../../stores/engine/leases.ts";
import { history } from "../../stores/migrations.ts";
import {
  losingReplies,
  pages,
  processes,
  type Release,
  visitAll,
  visitsOf,
  whileTimePasses,
  writePages,
  type WrittenMigration,
} from "./processes.ts";

Deno.test("if five processes start at once, one runs the migrations and four wait", async () => {
  await using store = await processes();
  await writePages(store.kv, 20);
  const release: Release = { "0001_visit": visitAll, "0002_visit_again": visitAll };

  const boots = Promise.all(Array.from({ length: 5 }, () => store.boot(release)));
  const ran = await whileTimePasses(store.clock, boots);

  assertEquals(ran.flat(), ["0001_visit", "0002_visit_again"]);
  assertEquals(await visitsOf(store.kv), Array(20).fill(2));
});

Deno.test("commits whose replies are lost do not run again", async () => {
  await using store = await processes(losingReplies);
  await writePages(store.kv, 40);

  const boots = Promise.all([1, 2].map(() => store.boot({ "0001_visit": visitAll })));
  const ran = await whileTimePasses(store.clock, boots);

  assertEquals(ran.flat(), ["0001_visit"]);
  assertEquals(await visitsOf(store.kv), Array(40).fill(1));
});

Deno.test("a second run changes nothing", async () => {
  await using store = await processes();
  await writePages(store.kv, 20);
  await store.boot({ "0001_visit": visitAll });
  const before = await store.entries();
  store.clock.advance(10);

  assertEquals(await store.boot({ "0001_visit": visitAll }), []);

  assertEquals(await store.entries(), before);
});

Deno.test("the history records checksum, time and duration of a migration", async () => {
  await using store = await processes();
  const takesTwoSeconds = {
    source: "text\r\n",
    run: () => Promise.resolve(store.clock.advance(2)),
  };
  await store.boot({ "0001_slow": takesTwoSeconds });

  assertEquals(await history(store.kv), [{
    name: "0001_slow",
    // echo text | sha256sum
    checksum: "b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733",
    worksFrom: 1,
    startedAt: store.clock.seconds() - 2,
    appliedAt: store.clock.seconds(),
    milliseconds: 2000,
    cursor: null,
  }]);
});

Deno.test("a start is refused with the file's name if an applied file was changed", async () => {
  await using store = await processes();
  await store.boot({ "0001_visit": { source: "old" } });

  const refusal = await assertRejects(
    () => store.boot({ "0001_visit": { source: "new" }, "0002_next": visitAll }),
    MigrationRefused,
  );

  assertStringIncludes(refusal.message, "migrations/0001_visit.ts was changed");
  assertEquals((await history(store.kv)).length, 1);
});

Deno.test("a start is refused with the file's name if an applied file was renamed", async () => {
  await using store = await processes();
  await store.boot({ "0001_visit": {}, "0002_old_name": {} });

  await assertRejects(
    () => store.boot({ "0001_visit": {}, "0002_new_name": {} }),
    MigrationRefused,
    "migrations/0002_old_name.ts is part of this store's history",
  );
});

Deno.test("an earlier release starts on a store migrated by a later one, if the migration allows it", async () => {
  await using store = await processes();
  const earlier: Release = { "0001_first": {} };
  await store.boot({ ...earlier, "0002_expand": { worksFrom: 1 } });

  assertEquals(await store.boot(earlier), []);
  assertStringIncludes(store.logged.at(-1) ?? "", "0002_expand");
});

Deno.test("an earlier release refuses a store after a migration without a way back", async () => {
  await using store = await processes();
  const first: Release = { "0001_first": {} };
  const second: Release = { ...first, "0002_expand": {} };
  await store.boot({ ...second, "0003_contract": { worksFrom: 2 } });

  assertEquals(await store.boot(second), []);
  await assertRejects(() => store.boot(first), MigrationRefused, "the migration 0003_contract");
});

Deno.test("a migration that throws continues where it stopped, without waiting for its lease", async () => {
  await using store = await processes();
  await writePages(store.kv, 20);
  const failing: WrittenMigration = {
    run: (context) =>
      eachRecord(context, {
        collection: pages,
        visit: (tx, page) => {
          if (page.ref.key[1] === "0014") throw new Error("the disk is full");
          tx.replace(page, { visits: page.value.visits + 1 });
        },
      }),
  };
  const failure = await assertRejects(() => store.boot({ "0001_visit": failing }), MigrationFailed);
  assertEquals(failure.message, "the migration 0001_visit failed: the disk is full");
  assertEquals(await visitsOf(store.kv), [...Array(12).fill(1), ...Array(8).fill(0)]);

  assertEquals(await store.boot({ "0001_visit": visitAll }), ["0001_visit"]);

  assertEquals(await visitsOf(store.kv), Array(20).fill(1));
});

Deno.test("the migration of a killed process is taken over and continues where it stopped", async () => {
  await using store = await processes();
  await writePages(store.kv, 20);
  const killed = Promise.withResolvers<void>();
  const dying: WrittenMigration = {
    run: (context) =>
      eachRecord(context, {
        collection: pages,
        async visit(tx, page) {
          if (page.ref.key[1] === "0014") {
            killed.resolve();
            await new Promise(() => {}); // for ever, and the lease is never returned
          }
          tx.replace(page, { visits: page.value.visits + 1 });
        },
      }),
  };
  void store.boot({ "0001_visit": dying });
  await killed.promise;
  const diedAt = store.clock.seconds();

  const ran = await whileTimePasses(store.clock, store.boot({ "0001_visit": visitAll }));

  assertEquals(ran, ["0001_visit"]);
  assertEquals(await visitsOf(store.kv), Array(20).fill(1));
  assertEquals(store.clock.seconds() - diedAt >= 60, true);
  assertStringIncludes(store.logged.join("\n"), "goes on where it was interrupted");
});

Deno.test("a holder that was paused until another took over cannot write", async () => {
  await using store = await processes();
  await writePages(store.kv, 3);
  const paused = Promise.withResolvers<void>();
  const resumed = Promise.withResolvers<void>();
  const late: unknown[] = [];
  const slow: WrittenMigration = {
    async run(context) {
      const write = () =>
        context.step(async (tx) => {
          const { page } = await tx.read({ page: pages.ref("0000") });
          paused.resolve();
          await resumed.promise; // within a step that has already seen its lease
          if (page.value !== null) tx.replace(page, { visits: 100 });
        });
      for (let tries = 0; tries < 2; tries++) await write().catch((error) => late.push(error));
      throw late[1];
    },
  };
  const first = store.boot({ "0001_visit": slow });
  await paused.promise;
  store.clock.advance(61);
  assertEquals(await store.boot({ "0001_visit": visitAll }), ["0001_visit"]);
  const before = await store.entries();

  resumed.resolve();

  assertEquals(await first, []); // it finds that another has done it
  assertEquals(late.length, 2);
  assertEquals(await store.entries(), before);
});

Deno.test("a migration that commits keeps its lease beyond the lease's lifetime", async () => {
  await using store = await processes();
  await writePages(store.kv, 60);
  const steady: WrittenMigration = {
    run: (context) =>
      eachRecord({ ...context, list: (page) => (store.clock.advance(25), context.list(page)) }, {
        collection: pages,
        visit: (tx, page) => tx.replace(page, { visits: page.value.visits + 1 }),
      }),
  };

  assertEquals(await store.boot({ "0001_steady": steady }), ["0001_steady"]);
  assertEquals(await visitsOf(store.kv), Array(60).fill(1));
});

Deno.test("a migration that loses its lease three times is given up", async () => {
  await using store = await processes();
  let runs = 0;
  const idle: WrittenMigration = {
    async run({ step }) {
      runs++;
      store.clock.advance(61);
      await step(() => {});
    },
  };

  await assertRejects(() => store.boot({ "0001_idle": idle }), LeaseLost);
  assertEquals(runs, 3);
});

Deno.test("a file that was corrected after a failure starts from the beginning", async () => {
  await using store = await processes();
  const cursors: (string | null)[] = [];
  const failing: WrittenMigration = {
    source: "wrong",
    async run(context) {
      cursors.push(context.cursor);
      await context.step((tx) => context.remember(tx, "half way"));
      throw new Error("wrong");
    },
  };
  await assertRejects(() => store.boot({ "0001_move": failing }), MigrationFailed);
  await assertRejects(() => store.boot({ "0001_move": failing }), MigrationFailed);
  const mended: WrittenMigration = {
    source: "right",
    run: ({ cursor }) => Promise.resolve(void cursors.push(cursor)),
  };
  await store.boot({ "0001_move": mended });

  assertEquals(cursors, [null, "half way", null]);
});

Deno.test("a release with a gap in its migration numbers does not load", async () => {
  await using store = await processes();
  await assertRejects(async () => await store.boot({ "0001_first": {}, "0003_third": {} }), Error);
});
