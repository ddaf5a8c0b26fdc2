import { decodeJwt, decodeProtectedHeader, importJWK, type JWTPayload, jwtVerify } from "jose";
import * as signingKeys from "../../stores/signing_keys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";

export interface IdTokenHint {
  readonly subject: string;
  /** The client that the ID token was for. */
  readonly clientId: string;
  readonly sid: string | null;
}

/**
 * Verifies an ID token of ours that a client hands back. That it has expired does not matter, and a
 * retired key still verifies it.
 *
 * @throws {OAuthError} `invalid_request`
 * @see OpenID Connect RP-Initiated Logout section 2
 */
export async function verifyIdTokenHint(deps: Deps, hint: string): Promise<IdTokenHint> {
  const claims = await verifiedClaims(deps, hint).catch((cause) => {
    throw cause instanceof InvalidHint ? refused(cause) : cause;
  });
  const { sub, aud, sid } = claims;
  if (typeof sub !== "string" || typeof aud !== "string") throw refused();
  return { subject: sub, clientId: aud, sid: typeof sid === "string" ? sid : null };
}

/** The subject of an `id_token_hint` parameter; null without one. @throws {OAuthError} as above */
export async function readHint(
  deps: Deps,
  hint: string | readonly string[] | undefined,
): Promise<string | null> {
  // One that comes twice is refused with the other parameters, where the client can be told.
  if (typeof hint !== "string") return null;
  return (await verifyIdTokenHint(deps, hint)).subject;
}

/** What of a request is kept while its person signs in: a token, even an old one, is not. */
export function withoutHint(
  { id_token_hint: _, ...parameters }: Readonly<Record<string, string | string[]>>,
): Record<string, string | string[]> {
  return parameters;
}

class InvalidHint extends Error {}

async function verifiedClaims(deps: Deps, hint: string): Promise<JWTPayload> {
  const { kid, typ } = attempt(() => decodeProtectedHeader(hint));
  // A header is what its sender writes: a kid may be of any type.
  if (typeof kid !== "string" || kid.length > 64) throw new InvalidHint("no kid");
  // The same keys sign access tokens, whose typ tells them apart (RFC 9068 section 2.1).
  if (typ !== undefined) throw new InvalidHint("no ID token");
  const { key } = await deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ key: signingKeys.ref(kid) }),
  );
  if (key.value === null) throw new InvalidHint("no such key");
  const { alg, publicJwk } = key.value;
  const { exp } = attempt(() => decodeJwt(hint));
  const verified = await jwtVerify(hint, await importJWK(publicJwk, alg), {
    algorithms: [alg],
    issuer: deps.config.issuer,
    // As of the last moment of its life, so that only its expiry is overlooked.
    currentDate: new Date(Math.min(deps.clock.seconds(), (exp ?? 1) - 1) * 1000),
  }).catch((cause) => {
    throw new InvalidHint("not verified", { cause });
  });
  return verified.payload;
}

function attempt<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new InvalidHint("not a JWT", { cause });
  }
}

function refused(cause?: unknown): OAuthError {
  return new OAuthError("invalid_request", "id_token_hint is not an ID token of this server", {
    cause,
  });
}
