import { decodeProtectedHeader, errors, type JWTPayload, UnsecuredJWT } from "jose";
import type { z } from "zod";
import * as clientKeys from "../../stores/client_keys.ts";
import { assertionAlgorithms } from "../../stores/client_authentication.ts";
import type { Client } from "../../stores/clients.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { EncryptionAlgorithm } from "../../stores/encryption_keys.ts";
import * as requestObjectJtis from "../../stores/request_object_jtis.ts";
import { type Unspent, type UsableTime, usableTimeOf, type Used } from "../../stores/used_once.ts";
import { verifiedByKeys, WrongAssertion } from "../clients/methods/assertion_signature.ts";
import { allowedAlgorithms } from "../clients/profile.ts";
import { NotDecrypted } from "../keys/decrypt.ts";
import type { Deps } from "../deps/deps.ts";
import { assertMeant, type ObjectClaims, refused } from "./request_object_claims.ts";
import { isRequestObjectType } from "./request_object_type.ts";
import { unspentObject } from "./used_request_object.ts";

/** Characters. */
const longestObject = 16 * 1024;
/** Seconds by which a client's clock may be wrong. */
const clockTolerance = 30;
/** Seconds from now after which an object with a `jti` may not expire: it is remembered until then. */
const longestLifetime = 24 * 60 * 60;

/** How a client makes its request objects. */
interface ObjectAlgorithms {
  /** Null: any that fits the client's key, and never `none`. */
  readonly signing: Client["requestObjectSigningAlg"];
  /** Null: it does not encrypt them. Otherwise it must. */
  readonly encryption: { readonly alg: EncryptionAlgorithm; readonly enc: string } | null;
}

/** How it makes those of its authorization requests. */
export function registeredAlgorithms(client: Client): ObjectAlgorithms {
  const { requestObjectEncryptionAlg: alg, requestObjectEncryptionEnc: enc } = client;
  const encryption = alg && { alg, enc: enc ?? "A128CBC-HS256" };
  return { signing: client.requestObjectSigningAlg, encryption };
}

/**
 * Verifies that a request object is the client's, for this server and for now, and returns its claims. The
 * algorithm is a registered one, or fits the client's registered key: the object's header never chooses it.
 *
 * @param schema which of the claims it must have
 * @throws {OAuthError} `invalid_request_object`
 * @throws {ClientKeysNeeded} if the keys at its `jwks_uri` have to be fetched first
 * @see RFC 9101 sections 4, 6 and 10
 */
export async function verifiedObject<Claims extends ObjectClaims>(
  deps: Pick<Deps, "config" | "masterKey">,
  tx: Transaction,
  client: Client,
  { jwt, algorithms, schema }: {
    readonly jwt: string;
    readonly algorithms: ObjectAlgorithms;
    readonly schema: z.ZodType<Claims>;
  },
): Promise<{ readonly payload: JWTPayload; readonly claims: Claims }> {
  if (jwt.length > longestObject) throw refused("it is too long");
  const payload = await verifiedPayload(deps, tx, client, { jwt, algorithms }).catch(notVerified);
  const parsed = schema.safeParse(payload);
  if (!parsed.success) {
    throw refused(`its ${String(parsed.error.issues[0]?.path[0])} is missing or wrong`);
  }
  const signed = algorithms.signing !== "none";
  const { issuer } = deps.config;
  assertMeant(parsed.data, { client, issuer, signed, now: tx.now });
  return { payload, claims: parsed.data };
}

/**
 * The place that marks an object's `jti` as used, which is still free.
 *
 * @returns `unspent` for a caller that answers the object in this step
 * @throws {OAuthError} `invalid_request_object` if it was used, or its time is not one to remember
 */
export async function usableOnce(
  tx: Transaction,
  clientId: string,
  { jti, exp, iat }: ObjectClaims & { readonly jti: string },
): Promise<
  { readonly used: Entry<Used>; readonly usable: UsableTime; readonly unspent: Unspent }
> {
  if (exp === undefined) throw refused("exp is missing: an object with a jti needs it");
  const rules = { longest: longestLifetime, tolerance: clockTolerance };
  const usable = usableTimeOf({ exp, iat }, rules);
  if (usable.from > tx.now) throw refused("exp is too far away for a jti, or iat in the future");
  const at = requestObjectJtis.ref(await requestObjectJtis.digestOf(clientId, jti));
  const { used } = await tx.read({ used: at });
  return { used, usable, unspent: unspentObject(tx, used, usable) };
}

const anyAlgorithm: readonly string[] = assertionAlgorithms.private_key_jwt;

async function verifiedPayload(
  deps: Pick<Deps, "masterKey">,
  tx: Transaction,
  client: Client,
  { jwt: sent, algorithms: { signing, encryption } }: {
    readonly jwt: string;
    readonly algorithms: ObjectAlgorithms;
  },
): Promise<JWTPayload> {
  const jwt = encryption === null ? sent : await opened(deps, tx, sent, encryption);
  const { alg, typ } = headerOf(jwt);
  // A JWT that was made for another purpose has another type (RFC 9101 section 10.8).
  if (!isRequestObjectType(typ)) {
    throw refused("its typ is that of another kind of JWT", "request_object_wrong");
  }
  const currentDate = new Date(tx.now * 1000);
  if (signing === "none") {
    if (
      encryption !== null || alg !== "none" || allowedAlgorithms(client, [signing]).length === 0
    ) {
      throw refused("its alg is not the registered one", "request_object_wrong");
    }
    return UnsecuredJWT.decode(jwt, { clockTolerance, currentDate }).payload;
  }
  const { keys } = await tx.peek({
    keys: client.jwksUri === null ? null : clientKeys.ref(client.clientId),
  }, "registration");
  const { payload } = await verifiedByKeys(
    client,
    jwt,
    { fetchedKeys: keys?.value ?? null, now: tx.now },
    {
      algorithms: [...allowedAlgorithms(client, signing === null ? anyAlgorithm : [signing])],
      clockTolerance,
      currentDate,
    },
  );
  return payload;
}

/** Few clients encrypt their request objects. */
async function opened(
  deps: Pick<Deps, "masterKey">,
  tx: Transaction,
  jwe: string,
  encryption: NonNullable<ObjectAlgorithms["encryption"]>,
): Promise<string> {
  const { openedObject } = await import("./encrypted_request_object.ts");
  return await openedObject(deps, tx, jwe, encryption);
}

function headerOf(jwt: string) {
  try {
    const { alg, typ } = decodeProtectedHeader(jwt);
    if (typ === undefined || typeof typ === "string") return { alg, typ };
  } catch {
    // as below
  }
  throw new errors.JWTInvalid("it is no JWT");
}

function notVerified(cause: unknown): never {
  if (cause instanceof errors.JWTExpired) throw refused("it has expired", null, cause);
  const isTheirs = cause instanceof WrongAssertion || cause instanceof errors.JOSEError ||
    cause instanceof NotDecrypted;
  if (!isTheirs) throw cause;
  if (cause.cause instanceof errors.JWTExpired) throw refused("it has expired", null, cause);
  throw refused(
    "it has a wrong encryption, signature, algorithm or time, or is no JWT",
    "request_object_wrong",
    cause,
  );
}
