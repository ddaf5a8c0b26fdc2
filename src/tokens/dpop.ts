import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";
import { z } from "zod";
import * as dpopJtis from "../../stores/dpop_jtis.ts";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { Unspent } from "../../stores/used_once.ts";
import { allowedAlgorithms, mostAhead } from "../clients/profile.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { digest } from "../crypto/digest.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { dpopAlgorithms } from "./dpop_algorithms.ts";
import { currentNonce, nonceFrom } from "./dpop_nonce.ts";

/** A `DPoP` header as it came, with the request that it must be about. */
export interface PresentedProof {
  readonly jwt: string;
  readonly method: string;
  /** Without query and fragment, at the issuer's origin. */
  readonly url: string;
  /** The same endpoint where the proxy asks for certificates; null: it has no other URL. */
  readonly alias: string | null;
}

/** A proof whose signature and claims are right; it is spent by `spendProof`. */
export interface VerifiedProof {
  /** SHA-256, base64url. @see RFC 7638 */
  readonly keyThumbprint: string;
  readonly jti: string;
  /** How it is signed. */
  readonly alg: string;
  /** Seconds by which its `iat` or `nbf` lies ahead of our clock. */
  readonly aheadBy: number;
  /** Epoch seconds, before which it was not accepted. */
  readonly usableFrom: number;
}

/**
 * Seconds that a proof's `iat` may lie behind our clock, or ahead of it, and by which `nbf` and `exp` may be
 * missed, which some libraries add. Devices' clocks are off to both sides, and a proof is spent by its `jti`,
 * which is remembered for far longer.
 */
const mostSkew = 60;

const claimsSchema = z.object({
  jti: z.string().min(1).max(256),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  nbf: z.number().optional(),
  exp: z.number().optional(),
  nonce: z.string().optional(),
  ath: z.string().optional(),
});

/**
 * Verifies a DPoP proof.
 *
 * @param accessToken at a protected resource: the token that the proof must name
 * @throws {OAuthError} `invalid_dpop_proof`; `use_dpop_nonce` with a fresh nonce in its header
 * @see RFC 9449 section 4.3
 */
export async function verifyProof(
  deps: Deps,
  presented: PresentedProof,
  accessToken?: string,
): Promise<VerifiedProof> {
  const { payload, protectedHeader } = await jwtVerify(presented.jwt, EmbeddedJWK, {
    algorithms: dpopAlgorithms,
    typ: "dpop+jwt",
    currentDate: new Date(deps.clock.milliseconds()),
    clockTolerance: Number.MAX_SAFE_INTEGER, // assertMadeNow checks the times
  }).catch((cause) => {
    throw refused("the proof is not a DPoP JWT signed by the key in its header", cause);
  });
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) throw refused("the proof needs jti, htm, htu and iat");
  const claims = parsed.data;
  const { jwk } = protectedHeader;
  if (jwk === undefined || "d" in jwk) throw refused("the proof must carry a public key alone");
  if (claims.htm !== presented.method) throw refused("htm is not the method of the request");
  if (!isUrlOf(presented, claims.htu)) throw refused("htu is not the URL of the request");
  if (accessToken !== undefined) {
    if (!constantTimeEqual(claims.ath ?? "", await digest(accessToken))) {
      throw refused("ath is not the hash of the access token");
    }
  }
  const made = await assertMadeNow(deps, claims);
  const keyThumbprint = await calculateJwkThumbprint(jwk, "sha256");
  return { keyThumbprint, jti: claims.jti, alg: protectedHeader.alg, ...made };
}

/**
 * Holds a proof to the profile of its client, which is known only after the proof was verified.
 *
 * @throws {OAuthError} `invalid_dpop_proof`
 * @see FAPI 2.0 Security Profile sections 5.3.2.1 and 5.4.1
 */
export function assertProofOfProfile(client: Client, proof: VerifiedProof | null) {
  if (proof === null) return;
  if (allowedAlgorithms(client, [proof.alg]).length === 0) {
    throw refused("the client's profile does not allow the alg of the proof");
  }
  if (proof.aheadBy > mostAhead(client)) {
    throw refused("iat or nbf is too far ahead: check the clock");
  }
}

/**
 * The key that must get the tokens of a request too, as its proof or its `dpop_jkt` says; null: any key.
 *
 * @throws {OAuthError} `invalid_request` if they name two keys
 * @see RFC 9449 section 10.1
 */
export function requestedKey(
  proof: VerifiedProof | null,
  dpop_jkt: string | undefined,
): string | null {
  const key = proof?.keyThumbprint ?? dpop_jkt ?? null;
  if (dpop_jkt === undefined || dpop_jkt === key) return key;
  throw new OAuthError("invalid_request", "dpop_jkt is not the key of the DPoP proof");
}

/** The trace of a request's proof, for the first batch of its step. */
export async function proofRefs(
  { proof, credentials }: {
    readonly proof: VerifiedProof | null;
    readonly credentials: { readonly clientId: string };
  },
) {
  return proof ? [await dpopJtis.ref({ ...proof, clientId: credentials.clientId })] : [];
}

/**
 * Adds the spending of a proof to the step, so that it pays for one thing.
 *
 * @throws {OAuthError} `invalid_dpop_proof` if it was used before, or may have been before a restore
 * @see RFC 9449 section 11.1
 */
export async function spendProof(
  tx: Transaction,
  { keyThumbprint, jti, usableFrom }: VerifiedProof,
  clientId: string,
) {
  const at = await dpopJtis.ref({ keyThumbprint, clientId, jti });
  const { used } = await tx.read({ used: at });
  const usable = { from: usableFrom, until: tx.now + dpopJtis.jtiLifetime };
  const unspent = Unspent.check(tx, used, usable);
  if (unspent === null) throw refused("the proof was used before: make one for each request");
  unspent.spend(tx);
}

/**
 * A fresh nonce of ours says when the proof was made, whatever the device's clock says. So a device with a
 * wrong clock gets a nonce with its refusal, also from a server that asks nobody for one. Any other nonce is
 * refused with the code at which clients try again with the new one.
 *
 * @see RFC 9449 section 4.3, checks 10 and 11, and section 8
 */
async function assertMadeNow(
  deps: Deps,
  { nonce, iat, nbf = iat, exp = Infinity }: z.infer<typeof claimsSchema>,
): Promise<Pick<VerifiedProof, "aheadBy" | "usableFrom">> {
  const now = deps.clock.milliseconds() / 1000;
  const begins = Math.max(iat, nbf);
  const aheadBy = begins - now;
  const usableFrom = nonce === undefined ? null : await nonceFrom(deps, nonce);
  if (usableFrom !== null) return { aheadBy, usableFrom };
  const needsNonce = deps.config.dpopNonce || nonce !== undefined;
  const isTimely = aheadBy <= mostSkew && iat >= now - mostSkew && exp > now - mostSkew;
  if (!needsNonce && isTimely) {
    return { aheadBy, usableFrom: Math.ceil(begins) - mostSkew };
  }
  const [code, description] = needsNonce
    ? ["use_dpop_nonce", "put the nonce of the DPoP-Nonce header in the proof"] as const
    : [
      "invalid_dpop_proof",
      "iat, nbf or exp is too far from now: check the clock, or put the nonce of the DPoP-Nonce header in the proof",
    ] as const;
  throw new OAuthError(code, description, { headers: { "DPoP-Nonce": await currentNonce(deps) } });
}

/** Compared after normalisation, but without the query. @see RFC 9449 section 4.3 */
function isUrlOf({ url, alias }: PresentedProof, htu: string): boolean {
  if (!URL.canParse(htu)) return false;
  const { origin, pathname } = new URL(htu);
  return origin + pathname === url || origin + pathname === alias;
}

function refused(description: string, cause?: unknown): OAuthError {
  return new OAuthError("invalid_dpop_proof", description, { cause });
}
