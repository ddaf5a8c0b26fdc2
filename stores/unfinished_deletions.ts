import { z } from "zod";
import { type Collection, collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** Digests of the names by which some records refer to the user. */
  names: z.array(z.string()),
  expiresAt: z.int(),
});
/**
 * A deleted user some of whose records may still be stored. The commit that deletes the user adds this
 * record, and it is removed with the last of theirs. If the process dies in between, cleanup goes on.
 */
export type UnfinishedDeletion = z.infer<typeof schema>;
const unfinishedDeletions = collection({ family: "unfinished_deletions", version: 1, schema });

export const all: Collection<UnfinishedDeletion> = unfinishedDeletions;

/** Seconds after which everything that a deletion left behind has expired, consents apart. */
const kept = 365 * 86_400;

export function userIdOf({ ref }: { readonly ref: Ref<UnfinishedDeletion> }): string {
  return String(ref.key[1]);
}

/** Call it in the step that deletes the user. */
export function begin(tx: Transaction, userId: string, names: Iterable<string>) {
  tx.add(unfinishedDeletions.ref(userId), { names: [...names], expiresAt: tx.now + kept });
}

/** Records that nothing of the user is left. */
export function finish(tx: Transaction, userId: string) {
  tx.end(unfinishedDeletions.ref(userId));
}
