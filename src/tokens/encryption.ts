import { CompactEncrypt, errors, importJWK } from "jose";
import * as clientKeys from "../../stores/client_keys.ts";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { currentKeys, newerKeysNeeded } from "../clients/current_keys.ts";
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
  for (const jwk of await keysFor(tx, client, alg)) {
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
      // What a key causes that is no key: the next one may fit.
      const isUnusable = error instanceof errors.JOSEError || error instanceof TypeError ||
        error instanceof DOMException;
      if (!isUnusable) throw error;
    }
  }
  throw new OAuthError("invalid_request", `the client has no key to encrypt with ${alg}`, {
    reason: "client_encryption_key_missing",
  });
}

/** The client's keys for encryption with an algorithm, those that say so first. @see RFC 7517 section 4 */
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
  const fitting = all.filter((key) =>
    (key.use === undefined || key.use === "enc") && (key.alg === undefined || key.alg === alg) &&
    fits(key, alg)
  );
  const needed = fitting.length === 0 ? newerKeysNeeded(client, context) : null;
  if (needed !== null) throw needed;
  return fitting.toSorted((a, b) => rank(a) - rank(b));
}

function fits({ kty, crv }: PublicJwk, alg: string): boolean {
  if (alg.startsWith("RSA")) return kty === "RSA";
  return (kty === "EC" && /^P-(256|384|521)$/.test(crv ?? "")) ||
    (kty === "OKP" && crv === "X25519");
}

function rank({ use, alg }: PublicJwk): number {
  return (use === undefined ? 2 : 0) + (alg === undefined ? 1 : 0);
}
