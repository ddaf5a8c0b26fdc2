import type { Ref } from "./collection.ts";
import type { KvCheck } from "./kv.ts";
import { Refusal, type Transaction } from "./transaction.ts";

/** What a step is going to do at its commit. */
export interface Pending {
  readonly writes: Map<string, unknown>;
  readonly checks: Map<string, KvCheck>;
  /** What was read, by the names of the keys. */
  readonly seen: ReadonlyMap<string, unknown>;
  readonly unreadCreates: Ref<unknown>[];
  readonly undeliveredMarks: ((tx: Transaction) => Promise<void>)[];
}

/** Runs a part of a step. If it throws, its writes are taken back, unless it is a refusal. */
export async function attempt<T>(
  { writes, checks, seen, unreadCreates, undeliveredMarks }: Pending,
  work: () => Promise<T>,
): Promise<T> {
  const before = {
    writes: [...writes],
    checks: new Set(checks.keys()),
    creates: unreadCreates.length,
    marks: undeliveredMarks.length,
  };
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    writes.clear();
    for (const [name, write] of before.writes) writes.set(name, write);
    unreadCreates.length = before.creates;
    undeliveredMarks.length = before.marks;
    // The records that were read stay checked: they may be why it threw. Those that were only to be created do
    // not.
    for (const name of checks.keys()) {
      if (!seen.has(name) && !before.checks.has(name)) checks.delete(name);
    }
    throw error;
  }
}
