import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({ expiresAt: z.int() });
export type DpopJti = z.infer<typeof schema>;
const jtis = collection({ family: "dpop_jtis", version: 1, schema });

/** Seconds for which a proof's `jti` is remembered: far longer than any proof is accepted. */
export const jtiLifetime = 3600;

/** Points at the trace of a proof: of a key, for a client, under the name that the client gave it. */
export async function ref(
  { keyThumbprint, clientId, jti }: { keyThumbprint: string; clientId: string; jti: string },
): Promise<Ref<DpopJti>> {
  return jtis.ref(await digest(JSON.stringify([keyThumbprint, clientId, jti])));
}

/** Spends a proof, in the commit of what it pays for. @see RFC 9449 section 11.1 */
export function spend(tx: Transaction, at: Ref<DpopJti>) {
  tx.create(at, { expiresAt: tx.now + jtiLifetime });
}
