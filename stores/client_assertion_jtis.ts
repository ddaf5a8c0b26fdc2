import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({ expiresAt: z.int() });
export type ClientAssertionJti = z.infer<typeof schema>;
const jtis = collection({ family: "client_assertion_jtis", version: 1, schema });

/** The place of a used assertion: its client and its `jti`. */
export async function ref(clientId: string, jti: string): Promise<Ref<ClientAssertionJti>> {
  return jtis.ref(await digest(JSON.stringify([clientId, jti])));
}

/**
 * Marks an assertion as used, in the commit of the request that it belongs to.
 * @param until epoch seconds, after which the assertion is not accepted anyway
 * @see RFC 7523 section 3
 */
export function spend(tx: Transaction, at: Ref<ClientAssertionJti>, until: number) {
  tx.create(at, { expiresAt: until });
}
