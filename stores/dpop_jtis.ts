import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({ expiresAt: z.int() });
export type DpopJti = z.infer<typeof schema>;
const jtis = collection({ family: "dpop_jtis", version: 1, schema });

/** Seconds for which a proof's `jti` is remembered: much longer than a proof is accepted. */
export const jtiLifetime = 3600;

/** The place of a used proof: its key, its client and its `jti`. */
export async function ref(
  { keyThumbprint, clientId, jti }: { keyThumbprint: string; clientId: string; jti: string },
): Promise<Ref<DpopJti>> {
  return jtis.ref(await digest(JSON.stringify([keyThumbprint, clientId, jti])));
}

/** Marks a proof as used, in the commit of the request that it belongs to. @see RFC 9449 section 11.1 */
export function spend(tx: Transaction, at: Ref<DpopJti>) {
  tx.create(at, { expiresAt: tx.now + jtiLifetime });
}
