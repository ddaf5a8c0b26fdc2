import { base64url, calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";

/** Why a proof is not accepted: an error code of RFC 9449, and for whoever debugs the client. */
export class WrongProof extends Error {
  constructor(readonly code: "invalid_dpop_proof" | "use_dpop_nonce", problem: string) {
    super(problem);
  }
}

export interface ProofChecks {
  readonly algorithms: readonly string[];
  /** The nonce for the next proof; null: none is needed. */
  nonce(): string | null;
  /** @returns the thumbprint of the key that made the proof @throws {WrongProof} */
  verify(request: Request, proof: string, accessToken: string): Promise<string>;
}

/** All that Latchkey signs with and accepts in proofs; never `none`, and never a secret. */
export const algorithms: readonly string[] = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** Seconds by which the client's clock may be wrong. */
const mostSkew = 60;
/** Seconds after which a nonce is replaced. The one before still counts. */
const nonceLifetime = 300;

/**
 * The checks of DPoP proofs. Used proofs are remembered in this process: if the API has several, keep them
 * where all can see them, such as in Redis.
 *
 * @see RFC 9449 sections 4.3, 9 and 11.1
 */
export function proofChecks({ origin, now, nonces }: {
  readonly origin: string;
  readonly now: () => number;
  readonly nonces: boolean;
}): ProofChecks {
  /** Until when each used proof is remembered. */
  const used = new Map<string, number>();
  let current = { value: crypto.randomUUID(), since: now() };
  let previous: string | null = null;
  return { algorithms, nonce, verify };

  function nonce(): string | null {
    if (!nonces) return null;
    if (now() - current.since >= nonceLifetime) {
      // After a long pause the one before is too old as well.
      previous = now() - current.since < 2 * nonceLifetime ? current.value : null;
      current = { value: crypto.randomUUID(), since: now() };
    }
    return current.value;
  }

  async function verify(request: Request, proof: string, accessToken: string): Promise<string> {
    const { payload, protectedHeader: { jwk } } = await jwtVerify(proof, EmbeddedJWK, {
      typ: "dpop+jwt",
      algorithms: [...algorithms],
      currentDate: new Date(now() * 1000),
      clockTolerance: mostSkew,
    }).catch(() => {
      throw wrong("it is not a DPoP JWT that is signed by the key in its header");
    });
    const { jti, htm, htu, iat, ath, nonce: sent } = payload;
    if (jwk === undefined || "d" in jwk) throw wrong("it must hold a public key");
    if (htm !== request.method) throw wrong("htm is not the method of the request");
    // The path of the request, at the API's own origin: whoever sends a request chooses its Host.
    const { pathname } = new URL(request.url);
    if (typeof htu !== "string" || withoutQuery(htu) !== origin + pathname) {
      throw wrong("htu is not the URL of the request");
    }
    if (ath !== await digest(accessToken)) throw wrong("ath is not the hash of the access token");
    if (typeof jti !== "string" || jti.length > 256) throw wrong("it has no usable jti");
    if (typeof iat !== "number" || Math.abs(now() - iat) > mostSkew) {
      throw wrong("iat is too far from now");
    }
    const wanted = nonce();
    if (wanted !== null && sent !== wanted && (previous === null || sent !== previous)) {
      throw new WrongProof("use_dpop_nonce", "it needs the nonce of the DPoP-Nonce header");
    }
    const thumbprint = await calculateJwkThumbprint(jwk);
    // Last, and without a pause between the look and the note: of two requests at once one passes.
    spend(`${thumbprint} ${jti}`);
    return thumbprint;
  }

  function spend(proof: string) {
    for (const [one, end] of used) {
      if (end > now()) break; // in the order of their ends
      used.delete(one);
    }
    if (used.has(proof)) throw wrong("it was used before");
    used.set(proof, now() + 2 * mostSkew + 1);
  }
}

function wrong(problem: string): WrongProof {
  return new WrongProof("invalid_dpop_proof", problem);
}

function withoutQuery(text: string): string | null {
  const url = URL.parse(text);
  return url && url.origin + url.pathname;
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return base64url.encode(new Uint8Array(bytes));
}
