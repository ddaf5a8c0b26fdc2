import { decodeJwt, decodeProtectedHeader, importJWK, type JWTPayload, jwtVerify } from "jose";
import * as signingKeys from "../../stores/signing_keys.ts";
import * as withdrawnKeys from "../../stores/withdrawn_keys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";

export interface IdTokenHint {
  readonly subject: string;
  /** The client that the ID token was for. */
  readonly clientId: string;
  readonly sid: string | null;
  /** The grant that it was issued for; null: it does not say. */
  readonly grantId: string | null;
  /** False: it says whom a client means, but somebody else may have made it with a key that leaked. */
  readonly isTrusted: boolean;
}

/**
 * Reads an ID token of ours that a client hands back. That it has expired does not matter, and a
 * retired key still verifies it. One of a withdrawn key is read, too, but not trusted.
 *
 * @returns null if it is no ID token of this server
 * @see OpenID Connect RP-Initiated Logout section 2
 */
export async function readIdTokenHint(deps: Deps, hint: string): Promise<IdTokenHint | null> {
  try {
    const { claims, isTrusted } = await verifiedClaims(deps, hint);
    const { sub, aud } = claims;
    if (typeof sub !== "string" || typeof aud !== "string") return null;
    const sid = typeof claims.sid === "string" ? claims.sid : null;
    return { subject: sub, clientId: aud, sid, grantId: grantIdOf(claims), isTrusted };
  } catch (error) {
    if (error instanceof InvalidHint) return null;
    throw error;
  }
}

/**
 * Whom the `id_token_hint` of an authorization request means; null: nobody in particular. One that
 * cannot be read is dropped, for the person sees who signs in; but without a page nobody would see it.
 *
 * @throws {OAuthError} `login_required` if a silent request's hint cannot be trusted
 * @see OpenID Connect Core section 3.1.2.1
 */
export async function hintedSubjectOf(
  deps: Deps,
  hint: string | readonly string[] | undefined,
  { isSilent }: { readonly isSilent: boolean },
): Promise<string | null> {
  // One that comes twice is refused with the other parameters, where the client can be told.
  if (typeof hint !== "string") return null;
  const read = await readIdTokenHint(deps, hint);
  if (isSilent && !read?.isTrusted) {
    const reason = read === null ? "id_token_hint_unverified" : "id_token_hint_withdrawn_key";
    throw new OAuthError("login_required", "id_token_hint is not a valid ID token of this server", {
      reason,
    });
  }
  return read?.subject ?? null;
}

/** An ID token of this server that has not expired. */
export interface LiveIdToken {
  readonly grantId: string;
  readonly clientId: string;
  readonly subject: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/**
 * Reads an ID token that stands for its user, and not only names them. Whether its grant is alive is for
 * the caller to find out.
 *
 * @returns null if it is none of this server, has expired, or its key was withdrawn
 */
export async function readLiveIdToken(deps: Deps, idToken: string): Promise<LiveIdToken | null> {
  const read = await readIdToken(deps, idToken);
  return read === null || read.expiresAt <= deps.clock.seconds() ? null : read;
}

/** An ID token that was issued with a device secret. */
export interface DeviceIdToken extends Omit<LiveIdToken, "expiresAt"> {
  readonly sid: string;
  readonly dsHash: string;
}

/**
 * Reads an ID token that only names a sign-in, beside the device secret that stands for it. That it has
 * expired does not matter: how long the sign-in is good, the grant and the session decide.
 *
 * @returns null if it is none of this server, has no device secret, or its key was withdrawn
 * @see OpenID Connect Native SSO section 4.1
 */
export async function readDeviceIdToken(
  deps: Deps,
  idToken: string,
): Promise<DeviceIdToken | null> {
  const read = await readIdToken(deps, idToken);
  if (read === null) return null;
  const { sid, ds_hash: dsHash } = read.claims;
  return typeof sid === "string" && typeof dsHash === "string" ? { ...read, sid, dsHash } : null;
}

/** @returns null if it is none of this server, or its key was withdrawn */
async function readIdToken(
  deps: Deps,
  idToken: string,
): Promise<LiveIdToken & { readonly claims: JWTPayload } | null> {
  try {
    const { claims, isTrusted } = await verifiedClaims(deps, idToken);
    const { sub, aud, exp = 0 } = claims;
    const grantId = grantIdOf(claims);
    if (!isTrusted || grantId === null) return null;
    if (typeof sub !== "string" || typeof aud !== "string") return null;
    return { grantId, clientId: aud, subject: sub, expiresAt: exp, claims };
  } catch (error) {
    if (error instanceof InvalidHint) return null;
    throw error;
  }
}

function grantIdOf({ jti = "" }: JWTPayload): string | null {
  return /^([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{22,23}$/.exec(jti)?.[1] ?? null;
}

class InvalidHint extends Error {}

async function verifiedClaims(
  deps: Deps,
  hint: string,
): Promise<{ readonly claims: JWTPayload; readonly isTrusted: boolean }> {
  const { kid, typ } = attempt(() => decodeProtectedHeader(hint));
  // A header is what its sender writes: a kid may be of any type.
  if (typeof kid !== "string" || kid.length > 64) throw new InvalidHint("no kid");
  // The same keys sign access tokens, whose typ tells them apart (RFC 9068 section 2.1).
  if (typ !== undefined) throw new InvalidHint("no ID token");
  const { key, withdrawn } = await deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ key: signingKeys.ref(kid), withdrawn: withdrawnKeys.ref(kid) }),
  );
  const known = key.value ?? withdrawn.value;
  if (known === null) throw new InvalidHint("no such key");
  const { alg, publicJwk } = known;
  const { exp } = attempt(() => decodeJwt(hint));
  const verified = await jwtVerify(hint, await importJWK(publicJwk, alg), {
    algorithms: [alg],
    issuer: deps.config.issuer,
    // As of the last moment of its life, so that only its expiry is overlooked.
    currentDate: new Date(Math.min(deps.clock.seconds(), (exp ?? 1) - 1) * 1000),
  }).catch((cause) => {
    throw new InvalidHint("not verified", { cause });
  });
  return { claims: verified.payload, isTrusted: key.value !== null };
}

function attempt<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new InvalidHint("not a JWT", { cause });
  }
}
