import { errors, type JWTPayload, jwtVerify } from "jose";
import type { ClientKeys } from "../../../stores/client_keys.ts";
import type { Client } from "../../../stores/clients.ts";
import type { PublicJwk } from "../../../stores/public_jwk.ts";
import { utf8 } from "../../crypto/encoding.ts";
import type { MasterKey } from "../../crypto/master_key.ts";
import type { RefusalReason } from "../../protocol/errors.ts";
import { fitsType } from "../../protocol/jwt_type.ts";
import { withFetchedKeys } from "../fetched_keys.ts";
import { secretContext } from "../kept_secret.ts";
import { livePreviousSecret } from "./client_secret.ts";
import {
  isUnusableKey,
  mayBeAnotherKey,
  type Verified,
  verifiedByOneOf,
  type VerifyOptions,
} from "./verified_by_keys.ts";

/** The keys at a client's `jwks_uri` have to be fetched, outside of the step, before it can go on. */
export class ClientKeysNeeded extends Error {
  override readonly name = "ClientKeysNeeded";

  /** @param triedAt when the step found that they were looked for; null: never */
  constructor(readonly client: Client, readonly jwksUri: string, readonly triedAt: number | null) {
    super(`the keys of the client "${client.clientId}" are not known`);
  }
}

export class WrongAssertion extends Error {
  override readonly name = "WrongAssertion";

  constructor(readonly reason: RefusalReason, options: ErrorOptions = {}) {
    super(reason, options);
  }
}

export interface SignatureContext {
  readonly masterKey: MasterKey;
  readonly now: number;
  readonly fetchedKeys: ClientKeys | null;
  readonly algorithms: string[];
  readonly clockTolerance: number;
}

/**
 * Verifies the signature of a client's JWT, and the claims that tell when and by whom it was made.
 *
 * @throws {WrongAssertion}
 * @throws {ClientKeysNeeded}
 */
export async function verifiedJwt(
  client: Client,
  jwt: string,
  context: SignatureContext,
): Promise<JWTPayload> {
  const { clientId } = client;
  const { algorithms, clockTolerance } = context;
  const options = {
    algorithms,
    clockTolerance,
    issuer: clientId,
    subject: clientId,
    requiredClaims: ["aud", "exp", "jti"],
    currentDate: new Date(context.now * 1000),
  };
  const { payload, protectedHeader: { typ } } =
    client.tokenEndpointAuthMethod === "client_secret_jwt"
      ? await verifiedBySecret(client, jwt, context, options)
      : await verifiedByKeys(client, jwt, context, options);
  // A JWT that was made for another purpose, such as a DPoP proof, has another type (RFC 8725 3.11).
  if (!fitsType(typ, "client-authentication+jwt")) {
    throw new WrongAssertion("client_assertion_wrong");
  }
  return payload;
}

async function verifiedBySecret(
  client: Client,
  jwt: string,
  { masterKey, now }: SignatureContext,
  options: VerifyOptions,
): Promise<Verified> {
  const sealed = [client.sealedSecret, livePreviousSecret(client, now)?.sealedSecret ?? null];
  let cause: unknown = new WrongAssertion("client_assertion_wrong");
  for (const sealedSecret of sealed) {
    if (sealedSecret === null) continue;
    const secret = await masterKey.unseal(sealedSecret, secretContext(client.clientId));
    try {
      return await jwtVerify(jwt, utf8(secret), options);
    } catch (error) {
      cause = error;
    }
  }
  return wrong(cause);
}

/**
 * Verifies the signature of a client's JWT by the client's keys, and the claims that the options name.
 *
 * @throws {WrongAssertion}
 * @throws {ClientKeysNeeded}
 */
export async function verifiedByKeys(
  client: Client,
  jwt: string,
  context: Pick<SignatureContext, "fetchedKeys" | "now">,
  options: VerifyOptions,
): Promise<Verified> {
  const attempt = (keys: readonly PublicJwk[]) => verifiedByOneOf(keys, jwt, options);
  try {
    return await withKeysOf(client, context, attempt, mayBeAnotherKey);
  } catch (error) {
    return wrong(error);
  }
}

/**
 * Tries what a client sent with its keys: those of its `jwks`, or those that are known of its `jwks_uri`.
 *
 * @param mayBeAnotherKey whether the error of an attempt may mean that the client has other keys by now
 * @throws {ClientKeysNeeded} if they have to be looked at first, or once more
 */
export async function withKeysOf<T>(
  client: Client,
  { fetchedKeys, now }: { readonly fetchedKeys: ClientKeys | null; readonly now: number },
  attempt: (keys: readonly PublicJwk[]) => Promise<T>,
  mayBeAnotherKey: (error: unknown) => boolean,
): Promise<T> {
  const { jwks, jwksUri } = client;
  if (jwksUri === null) return await attempt(jwks?.keys ?? []);
  const known = fetchedKeys?.jwksUri === jwksUri ? fetchedKeys : null;
  return await withFetchedKeys(known, now, {
    attempt,
    mayBeAnotherKey,
    needed: (triedAt) => new ClientKeysNeeded(client, jwksUri, triedAt),
  });
}

function wrong(cause: unknown): never {
  if (cause instanceof errors.JOSEError || isUnusableKey(cause)) {
    const reason = cause instanceof errors.JWKSNoMatchingKey
      ? "client_key_unknown"
      : "client_assertion_wrong";
    throw new WrongAssertion(reason, { cause });
  }
  throw cause;
}
