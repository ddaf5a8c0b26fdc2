import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({ expiresAt: z.int() });
export type AssertionJti = z.infer<typeof schema>;
const jtis = collection({ family: "assertion_jtis", version: 1, schema });

/** The place of a used authorization grant in the form of a JWT: its issuer and its `jti`. */
export async function ref(issuer: string, jti: string): Promise<Ref<AssertionJti>> {
  return jtis.ref(await digest(JSON.stringify([issuer, jti])));
}

/**
 * Marks an assertion as used, in the commit of the token that is issued for it.
 * @param until epoch seconds, after which the assertion is not accepted anyway
 * @see RFC 7523 section 3
 */
export function spend(tx: Transaction, at: Ref<AssertionJti>, until: number) {
  tx.create(at, { expiresAt: until });
}
