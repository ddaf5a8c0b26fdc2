import { z } from "zod";
import { confirmationSchema, withConfirmation, withoutConfirmation } from "./confirmation.ts";
import { collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  grantId: z.string(),
  clientId: z.string(),
  /** What the client sees of the person; the client's id where it acts for itself. */
  subject: z.string(),
  scope: z.array(z.string()),
  /** The resource indicator it is for; none: this server's own userinfo. @see RFC 8707 section 2 */
  resources: z.array(z.string()),
  /** Claims that userinfo tells beside those of the scope; null: of a release that did not note them. */
  claims: z.array(z.string()).nullable().default(null),
  /** Without which it opens nothing; null: a bearer token. @see RFC 9449 section 6 */
  confirmation: confirmationSchema.nullable(),
  /** The key that signed it, where it is a JWT. */
  kid: z.string().nullable(),
  jti: z.string(),
  issuedAt: z.int(),
  expiresAt: z.int(),
});
export type AccessToken = z.infer<typeof schema>;
const accessTokens = collection({
  family: "access_tokens",
  version: 2,
  schema,
  upgrades: { 1: withConfirmation },
  // Until the next release: the one before cannot read version 2 (migrations/README.md).
  writes: { version: 1, downgrade: withoutConfirmation },
});

/** Points at a token by its digest: the token itself is a secret. */
export function ref(tokenDigest: string): Ref<AccessToken> {
  return accessTokens.ref(tokenDigest);
}

export function add(tx: Transaction, tokenDigest: string, token: AccessToken) {
  tx.add(ref(tokenDigest), token);
}

/** Revokes one token; its grant goes on. */
export function end(tx: Transaction, token: Present<AccessToken>) {
  tx.delete(token);
}

/** Ends a token that nobody got. */
export function endByDigest(tx: Transaction, tokenDigest: string) {
  tx.end(ref(tokenDigest));
}
