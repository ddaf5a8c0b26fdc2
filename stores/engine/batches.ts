import type { Entry, Peeked, Ref } from "./collection.ts";
import { kvLimits } from "./store_errors.ts";
import type { PeekReason, Transaction } from "./transaction.ts";

/**
 * Reads any number of records, in as many batches as needed, all at the same time. A step that writes
 * cannot check more than nine records: it uses `peekInBatches`.
 */
export async function inBatches<T>(tx: Transaction, refs: readonly Ref<T>[]): Promise<Entry<T>[]> {
  const found = await Promise.all(batchesOf(refs).map((batch) => tx.read(batch)));
  return found.flatMap((entries) => Object.values(entries));
}

/** Like `inBatches`, but unchecked, for a step that writes. */
export async function peekInBatches<T>(
  tx: Transaction,
  refs: readonly Ref<T>[],
  because: PeekReason,
): Promise<Peeked<T>[]> {
  const found = await Promise.all(batchesOf(refs).map((batch) => tx.peek(batch, because)));
  return found.flatMap((entries) => Object.values(entries));
}

function batchesOf<T>(refs: readonly Ref<T>[]): Record<string, Ref<T>>[] {
  return parts(refs, kvLimits.keysPerRead).map((batch) => Object.fromEntries(batch.entries()));
}

/** Splits a list into parts of the given size; the last may be smaller. */
export function parts<T>(list: readonly T[], size: number): T[][] {
  const all: T[][] = [];
  for (let n = 0; n < list.length; n += size) all.push(list.slice(n, n + size));
  return all;
}
