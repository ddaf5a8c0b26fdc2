import { z } from "zod";
import { confirmationSchema, withConfirmation, withoutConfirmation } from "./confirmation.ts";
import {
  collection,
  type Fresh,
  isFresh,
  type Present,
  type Ref,
  type Unspent,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  grantId: z.string(),
  clientId: z.string(),
  redirectUri: z.string(),
  /** S256. @see RFC 7636 section 4.2 */
  codeChallenge: z.string().nullable(),
  nonce: z.string().nullable(),
  /** Of whoever must exchange it; null: any, or none. @see RFC 9449 section 10 */
  confirmation: confirmationSchema.nullable(),
  /** The digest of the access token it led to; a record that has one is a tombstone. */
  spentBy: z.string().nullable(),
  /** Of a tombstone: its answer reached nobody, so the next use is an honest retry. */
  undelivered: z.boolean(),
  expiresAt: z.int(),
});
export type AuthorizationCode = z.infer<typeof schema>;
const codes = collection({
  family: "authorization_codes",
  version: 2,
  schema,
  upgrades: { 1: withConfirmation },
  // Until the next release: the one before cannot read version 2 (migrations/README.md).
  writes: { version: 1, downgrade: withoutConfirmation },
});

/** Points at a code by its digest: the code itself is a secret. */
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

/**
 * Spends a code in the commit that answers it. Its tombstone keeps the bindings, so that a replay
 * ends the grant only if it passes them all.
 *
 * @param expiresAt epoch seconds; an access token's lifetime, after which a replay ends nothing
 */
export function consume(
  tx: Transaction,
  code: Fresh<AuthorizationCode>,
  spentBy: string,
  expiresAt: number,
) {
  tx.replace(code, { ...code.value, spentBy, undelivered: false, expiresAt });
  tx.ifUndelivered(async (later) => {
    const { code: now } = await later.read({ code: code.ref });
    if (now.value === null || now.value.spentBy !== spentBy) return;
    later.replace(now, { ...now.value, undelivered: true });
  });
}

/** Takes back a code that another replaces; without a tombstone its use revokes nothing. */
export function withdraw(tx: Transaction, code: Fresh<AuthorizationCode>) {
  tx.delete(code);
}

/** A spent code whose answer reached nobody counts as unspent: an honest retry is no theft. */
export function asFresh(code: Present<AuthorizationCode>): Fresh<AuthorizationCode> | null {
  if (!code.value.undelivered) return null;
  const unspent = { ...code, value: { ...code.value, spentBy: null } };
  return isFresh(unspent) ? unspent : null;
}
