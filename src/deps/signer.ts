import type { JWTPayload } from "jose";
import type { Provider, SigningAlgorithm } from "../../stores/provider.ts";

/** Signs with the keys in the store. */
export interface Signer {
  /**
   * Signs a JWT with the active key of `provider`. The step has read that record, so its commit checks
   * it.
   * @param typ the header's `typ`; none for an ID token
   * @throws {OwnKeysNeeded} `clientStep` handles it
   */
  sign(
    provider: Provider,
    alg: SigningAlgorithm,
    claims: JWTPayload,
    typ?: string,
  ): Promise<{ readonly jwt: string; readonly kid: string }>;
  /**
   * Unseals the active keys before their first use, except those of algorithms that this runtime does not
   * have.
   * @throws if one of them cannot be used
   */
  load(provider: Provider): Promise<void>;
}
