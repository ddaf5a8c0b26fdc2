import { z } from "zod";
import { collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** Sealed with the master key, base64url before that. */
  sealedKey: z.string(),
  createdAt: z.int(),
});
export type PairwiseKey = z.infer<typeof schema>;
const keys = collection({ family: "pairwise_key", version: 1, schema });

/** The place of the single key, which stays for ever: with another one every user would be another. */
export function ref(): Ref<PairwiseKey> {
  return keys.ref();
}

export function create(tx: Transaction, key: PairwiseKey) {
  tx.create(ref(), key);
}

/** The context in which it is sealed. */
export const context = "pairwise_key";
