import { CompactEncrypt, errors, importJWK } from "jose";
import * as clientKeys from "../../stores/client_keys.ts";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { currentKeys, newerKeysNeeded } from "../clients/current_keys.ts";
import { isKeyFor } from "../clients/key_use.ts";
import { utf8 } from "../crypto/encoding.ts";
import { OAuthError } from "../protocol/errors.ts";

/** How an answer to a client is encrypted. */
export interface Encryption {
  /** Null: it is not. */
  readonly alg: Client["idTokenEncryptedResponseAlg"];
  /** Null: A128CBC-HS256. */
  readonly enc: Client["idTokenEncryptedResponseEnc"];
}

/**
 * Encrypts an answer for its client: a JWT that is signed already, or JSON.
 *
 * @throws {OAuthError} `invalid_request` if the client has no key for it: it is never sent in the clear
 * @throws {ClientKeysNeeded} `clientStep` handles it
 * @see RFC 7519 sections 5.2 (cty) and 5.3 (replicated claims), OpenID Connect Core section 16.14 (sign, then encrypt)
 */
export async function encryptedFor(
  tx: Transaction,
  client: Client,
  { alg, enc }: { readonly alg: NonNullable<Encryption["alg"]>; readonly enc: Encryption["enc"] },
  content:
    | { readonly jwt: string; readonly replicated?: { readonly iss?: string } }
    | { readonly json: unknown },
): Promise<string> {
  const isJwt = "jwt" in content;
  const text = isJwt ? content.jwt : JSON.stringify(content.json);
  // `keysFor` has checked the use of each key. WebCrypto knows other operations than RFC 7517 does.
  for (const { use: _, key_ops: __, ...jwk } of await keysFor(tx, client, alg)) {
    const header = {
      alg,
      enc: enc ?? "A128CBC-HS256",
      ...(isJwt ? { cty: "JWT", ...content.replicated } : {}),
      ...(jwk.kid === undefined ? {} : { kid: jwk.kid }),
    };
    try {
      const key = await importJWK({ ...jwk, alg }, alg);
      return await new CompactEncrypt(utf8(text)).setProtectedHeader(header).encrypt(key);
    } catch (error) {
      // The error of a key that cannot be used: the next key may fit.
      const isUnusable = error instanceof errors.JOSEError || error instanceof TypeError ||
        error instanceof DOMException;
      if (!isUnusable) throw error;
    }
  }
  throw new OAuthError("invalid_request", `the client has no key to encrypt with ${alg}`, {
    reason: "client_encryption_key_missing",
  });
}

/** The client's keys for encryption with an algorithm, the clearest first. @see RFC 7517 section 4 */
async function keysFor(
  tx: Transaction,
  client: Client,
  alg: string,
): Promise<PublicJwk[]> {
  const { keys: fetched } = await tx.peek({
    keys: client.jwksUri === null ? null : clientKeys.ref(client.clientId),
  }, "registration");
  const context = { fetchedKeys: fetched?.value ?? null, now: tx.now };
  const all = currentKeys(client, context);
  const fitting = all.filter((key) => isKeyFor(key, alg));
  const needed = fitting.length === 0 ? newerKeysNeeded(client, context) : null;
  if (needed !== null) throw needed;
  return fitting.toSorted((a, b) => rank(a, all) - rank(b, all));
}

/** The lower, the clearer: its client finds the key by its `kid`, if no other one has that. */
function rank({ use, alg, kid }: PublicJwk, all: readonly PublicJwk[]): number {
  const isAmbiguous = kid !== undefined && all.filter((key) => key.kid === kid).length > 1;
  return (isAmbiguous ? 4 : 0) + (use === undefined ? 2 : 0) + (alg === undefined ? 1 : 0);
}
