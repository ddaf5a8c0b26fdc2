import { assertionAlgorithms } from "../../stores/client_authentication.ts";
import type { Client } from "../../stores/clients.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { needsKeys } from "./jwks.ts";
import { hasKeyFor, maySign } from "./key_use.ts";
import { allowedAlgorithms } from "./profile.ts";

interface SignatureMetadata {
  readonly profile: Client["profile"];
  readonly token_endpoint_auth_method: string;
  readonly token_endpoint_auth_signing_alg?: string | undefined;
  readonly request_object_signing_alg?: string | undefined;
  readonly require_signed_request_object: boolean;
  readonly jwks?: { readonly keys: readonly PublicJwk[] } | undefined;
  readonly jwks_uri?: string | undefined;
}
type Path = "jwks" | "request_object_signing_alg" | "require_signed_request_object";

/**
 * The signatures that a client must make and has no key for. Without this check it would fail at its first
 * request. Keys at a `jwks_uri` are checked when they are used, because they may change.
 */
export function signatureProblems(
  metadata: SignatureMetadata,
): { readonly path: Path; readonly problem: string }[] {
  const { jwks, token_endpoint_auth_signing_alg, request_object_signing_alg: alg } = metadata;
  const problems: { path: Path; problem: string }[] = [];
  const any = allowedAlgorithms(metadata, assertionAlgorithms.private_key_jwt);
  const lacks = (registered: string | undefined) => {
    const algorithms = any.filter((one) => registered === undefined || registered === one);
    // One that the client cannot register at all has an error of its own.
    const isPossible = registered === undefined || algorithms.length > 0;
    return isPossible && !algorithms.some((one) => hasKeyFor(metadata, one));
  };
  if (metadata.token_endpoint_auth_method === "private_key_jwt" && jwks !== undefined) {
    if (!jwks.keys.some(maySign)) {
      const problem =
        "must hold a key for signatures: private_key_jwt cannot use one for encryption";
      problems.push({ path: "jwks", problem });
    } else if (lacks(token_endpoint_auth_signing_alg)) {
      const names = token_endpoint_auth_signing_alg ?? any.join(", ");
      problems.push({ path: "jwks", problem: `must hold a key for signatures by ${names}` });
    }
  }
  if (alg === undefined && metadata.require_signed_request_object && lacks(alg)) {
    problems.push({ path: "require_signed_request_object", problem: needsKeys });
  }
  // Without any keys it is what many clients send and do not use.
  const isUsed = metadata.require_signed_request_object || jwks !== undefined;
  if (alg !== undefined && isUsed && lacks(alg)) {
    problems.push({ path: "request_object_signing_alg", problem: needsKeys });
  }
  return problems;
}
