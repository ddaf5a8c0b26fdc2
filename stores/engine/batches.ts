import type { Entry, Ref } from "./collection.ts";
import { kvLimits } from "./kv.ts";
import { parts } from "./parts.ts";
import type { Transaction } from "./transaction.ts";

/** Reads any number of records, unchecked: in as many batches as it takes, all at the same time. */
export async function inBatches<T>(
  tx: Transaction,
  refs: readonly Ref<T>[],
): Promise<Entry<T>[]> {
  const found = await Promise.all(
    parts(refs, kvLimits.keysPerRead).map((batch) => tx.peek(Object.fromEntries(batch.entries()))),
  );
  return found.flatMap((entries) => Object.values(entries));
}
