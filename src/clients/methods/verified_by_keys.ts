import { createLocalJWKSet, errors, jwtVerify } from "jose";
import { perObject } from "../../../stores/engine/store_memory.ts";
import type { PublicJwk } from "../../../stores/public_jwk.ts";

export type VerifyOptions = NonNullable<Parameters<typeof jwtVerify>[2]>;
export type Verified = Pick<Awaited<ReturnType<typeof jwtVerify>>, "payload" | "protectedHeader">;

/** Several keys may fit a JWT without a `kid`, such as while its maker changes its keys. */
const mostTriedKeys = 5;

/** Verifies a JWT by the keys that its maker publishes. @throws an error of the library */
export async function verifiedByOneOf(
  keys: readonly PublicJwk[],
  jwt: string,
  options: VerifyOptions,
): Promise<Verified> {
  try {
    return await jwtVerify(jwt, keySetOf(keys), options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      try {
        return await jwtVerify(jwt, key, options);
      } catch (cause) {
        if (!(cause instanceof errors.JWSSignatureVerificationFailed) && !isUnusableKey(cause)) {
          throw cause;
        }
      }
      if (++tried === mostTriedKeys) break;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** Whether the error of `verifiedByOneOf` may mean that the maker of the JWT has other keys by now. */
export function mayBeAnotherKey(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || isUnusableKey(error) ||
    error instanceof errors.JWSSignatureVerificationFailed;
}

/** The error of a key that cannot be used, such as a point that is not on its curve, or a short RSA key. */
export function isUnusableKey(error: unknown): boolean {
  return error instanceof DOMException || error instanceof TypeError;
}

/** Imported keys, by the records that hold them: a record in the cache is the same object each time. */
const keySetOf = perObject((keys: readonly PublicJwk[]) =>
  createLocalJWKSet({ keys: keys.map(forVerification) })
);

/** The library refuses a public key whose key_ops also name another operation, such as `sign`. */
function forVerification(key: PublicJwk): PublicJwk {
  return key.key_ops?.includes("verify") ? { ...key, key_ops: ["verify"] } : key;
}
