import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { type Collection, collection, type Entry, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** The digest of the request that used the key. Another request must not use it. */
  requestDigest: z.string(),
  /** The answer, sealed, because it can hold a new secret. */
  sealedAnswer: z.string(),
  expiresAt: z.int(),
});
/** A finished request, so that a caller who never got the answer can send it again. */
export type IdempotencyKey = z.infer<typeof schema>;
const idempotencyKeys = collection({ family: "idempotency_keys", version: 1, schema });

export const all: Collection<IdempotencyKey> = idempotencyKeys;

/** Seconds for which a request can be repeated. */
const kept = 86_400;

/** The place of a caller's key. The same key of another caller is a different one. */
export async function ref(caller: string, key: string): Promise<Ref<IdempotencyKey>> {
  return idempotencyKeys.ref(await digest(JSON.stringify([caller, key])));
}

/** Stores an answer, in the commit of the request that it answers. */
export function keep(
  tx: Transaction,
  found: Entry<IdempotencyKey>,
  answered: Omit<IdempotencyKey, "expiresAt">,
) {
  tx.create(found.ref, { ...answered, expiresAt: tx.now + kept });
}

/** The encryption context of an answer: it can be unsealed only for the same key. */
export function contextOf({ key }: { readonly key: Deno.KvKey }): string {
  return key.join("/");
}
