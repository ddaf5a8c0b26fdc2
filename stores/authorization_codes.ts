import { z } from "zod";
import { confirmationSchema, withConfirmation, withoutConfirmation } from "./confirmation.ts";
import { collection, type Fresh, type Ref, type Unspent } from "./engine/collection.ts";
import { inPlaces } from "./engine/packing.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  grantId: z.string(),
  clientId: z.string(),
  redirectUri: z.string(),
  /** S256. @see RFC 7636 section 4.2 */
  codeChallenge: z.string().nullable(),
  nonce: z.string().nullable(),
  /** The key that the exchange must prove; null: any key, or none. @see RFC 9449 section 10 */
  confirmation: confirmationSchema.nullable(),
  /** The digest of the access token that the code was exchanged for. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  /** Only in a tombstone: the client never got the answer, so the next use is a retry and no replay. */
  undelivered: z.boolean(),
  expiresAt: z.int(),
});
export type AuthorizationCode = z.infer<typeof schema>;
const codes = collection({
  family: "authorization_codes",
  version: 2,
  schema,
  packing: inPlaces<AuthorizationCode>({
    expiresAt: 1,
    grantId: 2,
    clientId: 3,
    redirectUri: 4,
    codeChallenge: 5,
    nonce: 6,
    confirmation: 7,
    spentBy: 8,
    undelivered: 9,
  }),
  upgrades: { 1: withConfirmation },
  // Until the next release: the previous one cannot read version 2 (migrations/README.md).
  writes: { version: 1, downgrade: withoutConfirmation },
});

/** The place of a code, by its digest: the code itself is a secret. */
export function ref(codeDigest: string): Ref<AuthorizationCode> {
  return codes.ref(codeDigest);
}

/** Adds a code under the digest of its fresh secret. */
export function add(
  tx: Transaction,
  codeDigest: string,
  code: Omit<Unspent<AuthorizationCode>, "undelivered">,
) {
  tx.add(ref(codeDigest), { ...code, spentBy: null, undelivered: false });
}

/** Deletes a code that another one replaces. It leaves no tombstone, so a later use of it revokes nothing. */
export function withdraw(tx: Transaction, code: Fresh<AuthorizationCode>) {
  tx.delete(code);
}
