import { z } from "zod";
import { grantedDetails } from "./authorization_detail_types.ts";
import { confirmationSchema, withConfirmation, withoutConfirmation } from "./confirmation.ts";
import {
  collection,
  type Entry,
  type Peeked,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import { type Grant, grantSchema } from "./grants.ts";
import * as grants from "./grants.ts";
import { inPlaces, type Packing } from "./engine/packing.ts";
import { packOwnGrant, unpackOwnGrant } from "./own_grant.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  grantId: z.string(),
  clientId: z.string(),
  /** The user's subject as the client sees it; the client's id if the client acts for itself. */
  subject: z.string(),
  scope: z.array(z.string()),
  /**
   * The resource indicators that the token is for; empty: only this server's userinfo. @see RFC 8707
   * section 2
   */
  resources: z.array(z.string()),
  /**
   * Claims that userinfo returns in addition to those of the scope; null: issued by a release that did
   * not record them.
   */
  claims: z.array(z.string()).nullable().default(null),
  details: grantedDetails,
  /**
   * The key the token is bound to: it is useless without a proof of it. Null: a bearer token. @see RFC
   * 9449 section 6
   */
  confirmation: confirmationSchema.nullable(),
  /** The key that signed it, if it is a JWT. */
  kid: z.string().nullable(),
  /**
   * What the client got for itself. Such a grant has this token only, so it needs no record of its own. Null:
   * the grant has a record.
   */
  ownGrant: grantSchema.nullable().default(null),
  /**
   * For a token that its client got by token exchange: it is of somebody else's grant. Null: it is of its
   * client's own. @see RFC 8693
   */
  exchange: z.object({
    /** The client that holds the token, as it was then. */
    clientCreatedAt: z.int(),
    clientEpoch: z.int(),
    /** Those who act for the subject. The newest comes first. */
    actors: z.array(z.string()),
    /**
     * The digests of the access tokens that it came of, the first one first: it lives no longer than any of
     * them. Empty: it came of an ID token, which ends with the grant.
     */
    ancestors: z.array(z.string()),
  }).nullable().default(null),
  jti: z.string(),
  issuedAt: z.int(),
  expiresAt: z.int(),
});
export type AccessToken = z.infer<typeof schema>;
const ownGrantPlace = 10;
const places = inPlaces<AccessToken>({
  expiresAt: 1,
  grantId: 2,
  clientId: 3,
  subject: 4,
  scope: 5,
  resources: 6,
  claims: 7,
  confirmation: 8,
  kid: 9,
  ownGrant: ownGrantPlace,
  exchange: 11,
  jti: 12,
  issuedAt: 13,
  details: 14,
});
/** The grant in it is a list in the list. */
const packing: Packing<AccessToken> = {
  pack(version, token, key) {
    const packed = places.pack(version, token, key);
    const grant = token.ownGrant && packOwnGrant(version, token.ownGrant, token, key);
    if (grant && packed) packed[ownGrantPlace] = grant;
    return packed;
  },
  unpack(packed, key) {
    const token = places.unpack(packed, key);
    const grant = packed[ownGrantPlace];
    return Array.isArray(grant) ? { ...token, ownGrant: unpackOwnGrant(grant, token, key) } : token;
  },
};
const accessTokens = collection({
  family: "access_tokens",
  version: 2,
  schema,
  packing,
  upgrades: { 1: withConfirmation },
  // Until the next release: the previous one cannot read version 2 (migrations/README.md).
  writes: { version: 1, downgrade: withoutConfirmation },
});

/** The place of a token, by its digest: the token itself is a secret. */
export function ref(tokenDigest: string): Ref<AccessToken> {
  return accessTokens.ref(tokenDigest);
}

export function add(tx: Transaction, tokenDigest: string, token: AccessToken) {
  tx.add(ref(tokenDigest), token);
}

/**
 * The grant of a token, which is in the token's record or in its own.
 * @param grant the entry at the grant's own place
 */
export function grantOf(
  token: Peeked<AccessToken> | null,
  grant: Entry<Grant> | null,
): Entry<Grant> | null {
  if (!token || token.value === null || token.value.ownGrant === null) return grant;
  const { grantId, ownGrant } = token.value;
  // No record has this versionstamp: such a grant ends with its token, and is never written.
  return { ref: grants.ref(grantId), value: ownGrant, versionstamp: "" };
}

/** Revokes one token; its grant stays, unless it is in the token's record. */
export function end(tx: Transaction, token: Present<AccessToken>) {
  tx.delete(token);
}

/** Ends a token that was never delivered. */
export function endByDigest(tx: Transaction, tokenDigest: string) {
  tx.end(ref(tokenDigest));
}
