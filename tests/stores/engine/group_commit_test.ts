import { assert, assertEquals, assertRejects } from "@std/assert";
import { groupCommits } from "../../../stores/engine/group_commit.ts";
import type { CommitBatch, KvBackend } from "../../../stores/engine/kv.ts";
import { StoreLimitExceeded } from "../../../stores/engine/store_errors.ts";
import { memoryKv } from "../../support/memory_kv.ts";
import { testClock } from "../../support/clock.ts";

const set = (key: string, value: unknown) => ({ type: "set" as const, key: [key], value });
const absent = (key: string) => ({ key: [key], versionstamp: null });

/** A store that counts its commits, each of which takes a turn of the event loop. */
function aStore() {
  const store = memoryKv({ clock: testClock() });
  const commits: CommitBatch[] = [];
  const backend: KvBackend = {
    ...store,
    async commit(batch) {
      commits.push(batch);
      await new Promise((resolve) => setTimeout(resolve));
      return await store.commit(batch);
    },
  };
  return { store, commits, grouped: groupCommits(backend) };
}

async function valueOf(store: KvBackend, key: string): Promise<unknown> {
  return (await store.getMany([[key]]))[0]?.value;
}

Deno.test("independent commits that wait at the same moment share one commit", async () => {
  const { grouped, commits } = aStore();
  const landed = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      grouped.commit({
        checks: [absent("shared"), absent(`own-${n}`)],
        mutations: [set(`own-${n}`, n)],
      })),
  );
  assert(landed.every(Boolean));
  assertEquals(commits.length, 2, "the first alone, and those that came while it was on its way");
});

Deno.test("a stale step fails alone, without the others of its shared commit", async () => {
  const { grouped, store } = aStore();
  await grouped.commit({ checks: [], mutations: [set("taken", 1)] });
  const landed = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      grouped.commit({
        checks: [absent(n === 5 ? "taken" : `free-${n}`)],
        mutations: [set(`free-${n}`, n)],
      })),
  );
  assertEquals(landed.map((ok, n) => ok ? null : n).filter((n) => n !== null), [5]);
  assertEquals([await valueOf(store, "free-4"), await valueOf(store, "free-5")], [4, null]);
});

Deno.test("a step that read a record before its change fails beside one that read it after", async () => {
  const { grouped } = aStore();
  const before = await grouped.commit({ checks: [], mutations: [set("record", 1)] });
  const after = await grouped.commit({ checks: [], mutations: [set("record", 2)] });
  for (const order of [[before, after], [after, before]]) {
    const underWay = grouped.commit({ checks: [], mutations: [set("other", 1)] });
    const landed = await Promise.all(order.map((versionstamp, n) =>
      grouped.commit({
        checks: [{ key: ["record"], versionstamp }],
        mutations: [set(`own-${n}`, n)],
      })
    ));
    assert(await underWay);
    assertEquals(landed.map(Boolean), order.map((versionstamp) => versionstamp === after));
  }
});

Deno.test("one of two steps that each write what the other read lands", async () => {
  const { grouped } = aStore();
  const underWay = grouped.commit({ checks: [], mutations: [set("other", 1)] });
  const landed = await Promise.all([
    grouped.commit({ checks: [absent("a")], mutations: [set("b", 1)] }),
    grouped.commit({ checks: [absent("b")], mutations: [set("a", 1)] }),
  ]);
  assert(await underWay);
  assertEquals(landed.map(Boolean), [true, false]);
});

Deno.test("a commit that throws fails alone, and the others of its group land", async () => {
  const { grouped, store } = aStore();
  const huge = new Uint8Array(100_000);
  const first = grouped.commit({ checks: [], mutations: [set("a", 1)] });
  const broken = grouped.commit({ checks: [], mutations: [set("b", huge)] });
  const last = grouped.commit({ checks: [], mutations: [set("c", 3)] });
  await assertRejects(() => broken, StoreLimitExceeded);
  assertEquals([typeof await first, typeof await last], ["string", "string"]);
  assertEquals(await valueOf(store, "c"), 3);
});

/** Commits whose turns of the event loop bring the next ones. */
function aTurningStore() {
  const { store } = aStore();
  const groups: number[] = [];
  const ended: (() => void)[] = [];
  const coming: number[] = [];
  let turns = 0;
  let written = 0;
  const backend: KvBackend = {
    ...store,
    async commit(batch) {
      groups.push(batch.mutations.length);
      await new Promise<void>((resolve) => ended.push(resolve));
      return await store.commit(batch);
    },
  };
  const landed: Promise<string | null>[] = [];
  const commit = (count: number) => {
    for (; count > 0; count--) {
      const mutations = [set(`own-${written++}`, 1)];
      landed.push(grouped.commit({ checks: [], mutations }));
    }
  };
  const grouped = groupCommits(backend, async () => {
    turns++;
    await null;
    commit(coming.shift() ?? 0);
  });
  return {
    ...{ groups, commit, coming },
    turns: () => turns,
    /** Ends the commit that is under way, and waits for what follows. */
    async end() {
      ended.shift()?.();
      await new Promise((resolve) => setTimeout(resolve));
    },
    async allLanded() {
      assert((await Promise.all(landed)).every(Boolean));
    },
  };
}

Deno.test("commits one after the other wait for no turn", async () => {
  const { groups, commit, turns, end } = aTurningStore();
  for (let n = 1; n <= 3; n++) {
    commit(1);
    assertEquals(groups.length, n);
    await end();
  }
  assertEquals(turns(), 0);
});

Deno.test("after several at once, a commit waits for what the next turns bring", async () => {
  const { groups, commit, turns, coming, end, allLanded } = aTurningStore();
  commit(5);
  assertEquals(groups, [1]);
  coming.push(0, 2, 0, 1);
  await end();
  assertEquals([groups, turns()], [[1, 7], 6]); // the last two turns brought none
  commit(1);
  coming.push(0, 8);
  await end();
  assertEquals([groups, turns()], [[1, 7, 9], 10]);
  await end();
  commit(1); // still after several
  await end();
  await end();
  commit(1);
  assertEquals([groups, turns()], [[1, 7, 9, 1, 1], 12]);
  await end();
  await allLanded();
});

Deno.test("a commit waits no longer than for a group of 24, whatever comes", async () => {
  const { groups, commit, turns, coming, end, allLanded } = aTurningStore();
  commit(3);
  coming.push(...Array.from({ length: 100 }, () => 1));
  await end();
  assertEquals([groups, turns()], [[1, 24], 22]);
  for (let n = 0; n < 10; n++) await end();
  await allLanded();
});
