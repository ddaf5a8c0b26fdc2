import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({ expiresAt: z.int() });
export type RequestObjectJti = z.infer<typeof schema>;
const jtis = collection({ family: "request_object_jtis", version: 1, schema });

/** The digest of a request object: of its client and its `jti`. */
export async function digestOf(clientId: string, jti: string): Promise<string> {
  return await digest(JSON.stringify([clientId, jti]));
}

/** The place of a used request object. */
export function ref(jtiDigest: string): Ref<RequestObjectJti> {
  return jtis.ref(jtiDigest);
}

/**
 * Marks a request object as used, in the commit of the answer that it leads to.
 * @param until epoch seconds, after which neither the object nor a request that waits is accepted
 * @see RFC 9101 section 10.2
 */
export function spend(tx: Transaction, at: Ref<RequestObjectJti>, until: number) {
  tx.create(at, { expiresAt: until });
}

/** The digest of the object whose place this is. */
export function digestAt(at: Ref<RequestObjectJti>): string {
  return String(at.key[1]);
}
