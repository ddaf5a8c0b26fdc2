import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { groupCommits } from "../../../stores/engine/group_commit.ts";
import type { KvMutation } from "../../../stores/engine/kv.ts";
import { memoryKv } from "../../support/memory_kv.ts";
import { testClock } from "../../support/clock.ts";

/** A commit of a step that has read some keys as they were at the start. */
interface Step {
  readonly checks: readonly string[];
  readonly sets: readonly string[];
  /** Unchecked, as an end is. */
  readonly ends: readonly string[];
}

/** Which of the steps landed, and what each key holds then: the number of a step, "start" or null. */
interface Result {
  readonly landed: readonly boolean[];
  readonly values: Readonly<Record<string, unknown>>;
}

const keys = ["a", "b", "c"];
const some = fc.subarray(keys, { maxLength: 2 });
const aStep = fc.record({ checks: some, sets: some, ends: some });

/** The steps at once, behind a commit that is under way, so that all of them may share the next one. */
async function atOnce(steps: readonly Step[]): Promise<Result> {
  const store = memoryKv({ clock: testClock() });
  const grouped = groupCommits({
    ...store,
    async commit(batch) {
      await new Promise((resolve) => setTimeout(resolve));
      return await store.commit(batch);
    },
  });
  const mutations = keys.map((key): KvMutation => ({ type: "set", key: [key], value: "start" }));
  const versionstamp = await grouped.commit({ checks: [], mutations });
  const underWay = grouped.commit({ checks: [], mutations: [] });
  const landed = await Promise.all(steps.map(({ checks, sets, ends }, n) =>
    grouped.commit({
      checks: checks.map((key) => ({ key: [key], versionstamp })),
      mutations: [
        ...ends.map((key): KvMutation => ({ type: "delete", key: [key] })),
        ...sets.map((key): KvMutation => ({ type: "set", key: [key], value: n })),
      ],
    })
  ));
  await underWay;
  const found = await store.getMany(keys.map((key) => [key]));
  const values = Object.fromEntries(keys.map((key, n) => [key, found[n]?.value]));
  return { landed: landed.map(Boolean), values };
}

/** The same, one after the other. */
function inOrder(steps: readonly Step[], order: readonly number[]): Result {
  const landed = steps.map(() => false);
  const values: Record<string, unknown> = Object.fromEntries(keys.map((key) => [key, "start"]));
  for (const n of order) {
    const { checks = [], sets = [], ends = [] } = steps[n] ?? {};
    if (!checks.every((key) => values[key] === "start")) continue;
    for (const key of ends) values[key] = null;
    for (const key of sets) values[key] = n;
    landed[n] = true;
  }
  return { landed, values };
}

function* ordersOf(numbers: readonly number[]): Generator<number[]> {
  if (numbers.length === 0) yield [];
  for (const first of numbers) {
    for (const rest of ordersOf(numbers.filter((one) => one !== first))) yield [first, ...rest];
  }
}

Deno.test("steps that check, write and end the same keys at once take effect in some serial order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 2, maxLength: 5 }), async (steps) => {
      const result = JSON.stringify(await atOnce(steps));
      const orders = [...ordersOf([...steps.keys()])];
      assert(orders.some((order) => JSON.stringify(inOrder(steps, order)) === result), result);
    }),
    { numRuns: 300 },
  );
});

Deno.test("an end stays an end beside a step that replaces the record at the same moment", async () => {
  const end: Step = { checks: [], sets: [], ends: ["a"] };
  const replacement: Step = { checks: ["a"], sets: ["a"], ends: [] };
  const { landed, values } = await atOnce([end, replacement]);
  assertEquals([landed, values.a], [[true, false], null]);
});
