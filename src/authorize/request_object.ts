import { decodeProtectedHeader, errors, type JWTPayload, UnsecuredJWT } from "jose";
import { z } from "zod";
import * as clientKeys from "../../stores/client_keys.ts";
import { assertionAlgorithms } from "../../stores/client_authentication.ts";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { EncryptionAlgorithm } from "../../stores/encryption_keys.ts";
import * as requestObjectJtis from "../../stores/request_object_jtis.ts";
import { usableTimeOf } from "../../stores/used_once.ts";
import { verifiedByKeys, WrongAssertion } from "../clients/methods/assertion_signature.ts";
import { allowedAlgorithms, longestObjectLifetime } from "../clients/profile.ts";
import { NotDecrypted } from "../keys/decrypt.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError, type RefusalReason } from "../protocol/errors.ts";
import { insideParameters } from "../protocol/inside_parameters.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { isRequestObjectType } from "./request_object_type.ts";
import { type RequestSource, unspentObject } from "./request_source.ts";

/** Characters. */
const longestObject = 16 * 1024;
/** Seconds by which a client's clock may be wrong. */
const clockTolerance = 30;
/** Seconds from now after which an object with a `jti` may not expire: it is remembered until then. */
const longestLifetime = 24 * 60 * 60;

/** The claims that say by whom, for whom and for when an object was made. */
const claimsSchema = z.object({
  client_id: z.string(),
  iss: z.string().optional(),
  sub: z.string().optional(),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string()).max(16)]).optional(),
  exp: z.number().optional(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
  jti: z.string().min(1).max(256).optional(),
});

/**
 * Verifies a request object and reads the request inside. The algorithm is the client's registered one,
 * or fits its registered key: the object's header never chooses it.
 *
 * @throws {OAuthError} `invalid_request_object`
 * @throws {ClientKeysNeeded} if the keys at its `jwks_uri` have to be fetched first
 * @see RFC 9101 sections 4, 6 and 10, OpenID Connect Core section 6.3
 */
export async function readRequestObject(
  deps: Pick<Deps, "config" | "masterKey">,
  tx: Transaction,
  client: Client | null,
  { clientId, jwt }: { readonly clientId: string; readonly jwt: string },
): Promise<{ readonly parameters: RawParameters; readonly source: RequestSource }> {
  if (client === null) throw refused("client_id names an unknown client");
  if (jwt.length > longestObject) throw refused("it is too long");
  const signed = client.requestObjectSigningAlg !== "none";
  const payload = await verifiedPayload(deps, tx, client, jwt).catch(notVerified);
  const meant = assertMeant(payload, { clientId, issuer: deps.config.issuer, signed });
  const { exp, iat, jti } = meant;
  const longest = longestObjectLifetime(client);
  if (longest !== null) assertShortLived(meant, tx.now, longest);
  const parameters = insideParameters(payload);
  const clientEpoch = client.epoch;
  if (jti === undefined) {
    return { parameters, source: { kind: "object", signed, clientEpoch, once: null } };
  }
  if (exp === undefined) throw refused("exp is missing: an object with a jti needs it");
  const rules = { longest: longestLifetime, tolerance: clockTolerance };
  const usable = usableTimeOf({ exp, iat }, rules);
  if (usable.from > tx.now) throw refused("exp is too far away for a jti, or iat in the future");
  const at = requestObjectJtis.ref(await requestObjectJtis.digestOf(clientId, jti));
  const { used } = await tx.read({ used: at });
  unspentObject(tx, used, usable);
  return {
    parameters,
    source: { kind: "object", signed, clientEpoch, once: { used, usable } },
  };
}

const any: readonly string[] = assertionAlgorithms.private_key_jwt;

async function verifiedPayload(
  deps: Pick<Deps, "masterKey">,
  tx: Transaction,
  client: Client,
  sent: string,
): Promise<JWTPayload> {
  const { requestObjectEncryptionAlg: encryption } = client;
  const jwt = encryption === null ? sent : await opened(deps, tx, client, encryption, sent);
  const { alg, typ } = headerOf(jwt);
  // A JWT that was made for another purpose has another type (RFC 9101 section 10.8).
  if (!isRequestObjectType(typ)) {
    throw refused("its typ is that of another kind of JWT", "request_object_wrong");
  }
  const currentDate = new Date(tx.now * 1000);
  const registered = client.requestObjectSigningAlg;
  if (registered === "none") {
    if (
      encryption !== null || alg !== "none" || allowedAlgorithms(client, [registered]).length === 0
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
      algorithms: [...allowedAlgorithms(client, registered === null ? any : [registered])],
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
  { requestObjectEncryptionEnc: enc }: Client,
  alg: EncryptionAlgorithm,
  jwe: string,
): Promise<string> {
  const { openedObject } = await import("./encrypted_request_object.ts");
  return await openedObject(deps, tx, jwe, { alg, enc: enc ?? "A128CBC-HS256" });
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

/**
 * Checks that the object was made by this client, for this server. A client's assertion has no client_id,
 * so it can be no request object; an object with the client as its subject could be an assertion.
 */
function assertMeant(
  payload: JWTPayload,
  { clientId, issuer, signed }: {
    readonly clientId: string;
    readonly issuer: string;
    readonly signed: boolean;
  },
) {
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) {
    throw refused(`its ${String(parsed.error.issues[0]?.path[0])} is missing or wrong`);
  }
  const { client_id, iss, aud, sub } = parsed.data;
  if (client_id !== clientId) throw refused("its client_id is not that of the request");
  if (iss === undefined ? signed : iss !== clientId) throw refused("its iss must be the client_id");
  if (aud === undefined ? signed : !aud.includes(issuer)) {
    throw refused("its aud must be the issuer identifier of this server");
  }
  if (sub === clientId) throw refused("its sub must not be the client_id");
  return parsed.data;
}

/** @see FAPI 2.0 Message Signing section 5.3.1 */
function assertShortLived(
  { nbf, exp }: { readonly nbf?: number | undefined; readonly exp?: number | undefined },
  now: number,
  longest: number,
) {
  if (nbf === undefined || nbf < now - longest) {
    throw refused(`its nbf must be at most ${longest} seconds ago`);
  }
  if (exp === undefined || exp > nbf + longest) {
    throw refused(`its exp must be at most ${longest} seconds after nbf`);
  }
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

function refused(
  problem: string,
  reason: RefusalReason | null = null,
  cause?: unknown,
): OAuthError {
  return new OAuthError("invalid_request_object", `the request object is refused: ${problem}`, {
    cause,
    ...(reason === null ? {} : { reason }),
  });
}
