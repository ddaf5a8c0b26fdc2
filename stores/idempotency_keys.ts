import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { type Collection, collection, type Entry, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** Of the request that used the key: another one must not. */
  requestDigest: z.string(),
  /** What it was answered, sealed: that can be a new secret. */
  sealedAnswer: z.string(),
  expiresAt: z.int(),
});
/** A request that was done, for who sends it again because they never heard. */
export type IdempotencyKey = z.infer<typeof schema>;
const idempotencyKeys = collection({ family: "idempotency_keys", version: 1, schema });

export const all: Collection<IdempotencyKey> = idempotencyKeys;

/** Seconds for which a request can be repeated. */
const kept = 86_400;

/** Points at what a caller did under a key; another caller's same key is another one. */
export async function ref(caller: string, key: string): Promise<Ref<IdempotencyKey>> {
  return idempotencyKeys.ref(await digest(JSON.stringify([caller, key])));
}

/** Keeps an answer, in the commit of what it tells. */
export function keep(
  tx: Transaction,
  found: Entry<IdempotencyKey>,
  answered: Omit<IdempotencyKey, "expiresAt">,
) {
  tx.create(found.ref, { ...answered, expiresAt: tx.now + kept });
}

/** Where the answer of a key belongs: it can be unsealed in no other place. */
export function contextOf({ key }: { readonly key: Deno.KvKey }): string {
  return key.join("/");
}
