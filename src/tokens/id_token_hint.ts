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
  const read = await readIdToken(deps, hint);
  if (read === null) return null;
  const { subject, clientId, grantId, isTrusted, claims: { sid } } = read;
  return { subject, clientId, sid: typeof sid === "string" ? sid : null, grantId, isTrusted };
}

/**
 * The subject of the `id_token_hint` of an authorization request; null: any user. A hint that cannot be
 * read is dropped, because the user sees who signs in; but without a page nobody would see it.
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
  const read = await readTrusted(deps, idToken);
  if (read === null) return null;
  const { grantId, clientId, subject, claims: { exp: expiresAt = 0 } } = read;
  return expiresAt <= deps.clock.seconds() ? null : { grantId, clientId, subject, expiresAt };
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
  const read = await readTrusted(deps, idToken);
  if (read === null) return null;
  const { grantId, clientId, subject, claims: { sid, ds_hash: dsHash } } = read;
  if (typeof sid !== "string" || typeof dsHash !== "string") return null;
  return { grantId, clientId, subject, sid, dsHash };
}

interface ReadIdToken extends Pick<IdTokenHint, "subject" | "clientId" | "grantId" | "isTrusted"> {
  readonly claims: JWTPayload;
}

/** @returns null if it is none of this server, names no grant, or its key was withdrawn */
async function readTrusted(deps: Deps, idToken: string) {
  const read = await readIdToken(deps, idToken);
  if (read === null || !read.isTrusted || read.grantId === null) return null;
  return { ...read, grantId: read.grantId };
}

/** @returns null if it is none of this server */
async function readIdToken(deps: Deps, idToken: string): Promise<ReadIdToken | null> {
  const verified = await verifiedClaims(deps, idToken);
  if (verified === null) return null;
  const { claims, isTrusted } = verified;
  const { sub, aud, jti = "" } = claims;
  if (typeof sub !== "string" || typeof aud !== "string") return null;
  const grantId = /^([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{22,23}$/.exec(jti)?.[1] ?? null;
  return { subject: sub, clientId: aud, grantId, isTrusted, claims };
}

async function verifiedClaims(
  deps: Deps,
  hint: string,
): Promise<{ readonly claims: JWTPayload; readonly isTrusted: boolean } | null> {
  const decoded = decodedOrNull(hint);
  if (decoded === null) return null;
  const { header: { kid, typ }, payload: { exp } } = decoded;
  // A header is what its sender writes: a kid may be of any type.
  if (typeof kid !== "string" || kid.length > 64) return null;
  // The same keys sign access tokens, whose typ tells them apart (RFC 9068 section 2.1).
  if (typ !== undefined) return null;
  const { key, withdrawn } = await deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ key: signingKeys.ref(kid), withdrawn: withdrawnKeys.ref(kid) }),
  );
  const known = key.value ?? withdrawn.value;
  if (known === null) return null;
  const { alg, publicJwk } = known;
  const verifying = await importJWK(publicJwk, alg);
  const verified = await jwtVerify(hint, verifying, {
    algorithms: [alg],
    issuer: deps.config.issuer,
    // As of the last moment of its life, so that only its expiry is overlooked.
    currentDate: new Date(Math.min(deps.clock.seconds(), (exp ?? 1) - 1) * 1000),
  }).catch(() => null);
  return verified && { claims: verified.payload, isTrusted: key.value !== null };
}

function decodedOrNull(jwt: string) {
  try {
    return { header: decodeProtectedHeader(jwt), payload: decodeJwt(jwt) };
  } catch {
    return null;
  }
}
