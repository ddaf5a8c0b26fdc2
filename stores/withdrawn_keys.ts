import { z } from "zod";
import { collection, type Ref } from "./engine/collection.ts";
import { signingAlgorithms } from "./provider.ts";
import type { SigningKey } from "./signing_keys.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  alg: z.enum(signingAlgorithms),
  /** A JWK without private members. */
  publicJwk: z.record(z.string(), z.unknown()),
  expiresAt: z.int(),
});
/**
 * The public half of a withdrawn signing key. Another person may have the private half, so its signatures
 * prove nothing. But an old `id_token_hint` still says which user an application means.
 */
export type WithdrawnKey = z.infer<typeof schema>;
const withdrawnKeys = collection({ family: "withdrawn_keys", version: 1, schema });

export function ref(kid: string): Ref<WithdrawnKey> {
  return withdrawnKeys.ref(kid);
}

/** Stores a key, in the commit that withdraws it. @param expiresAt epoch seconds */
export function add(tx: Transaction, { kid, alg, publicJwk }: SigningKey, expiresAt: number) {
  tx.add(ref(kid), { alg, publicJwk, expiresAt });
}
