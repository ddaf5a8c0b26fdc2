import type { Signer } from "../deps/signer.ts";
import { type CryptoKey, importJWK, SignJWT } from "jose";
import { type SigningAlgorithm, signingAlgorithms } from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import type { Kv } from "../../stores/engine/step.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { MasterKey } from "../crypto/master_key.ts";

/**
 * The encryption context of the private half of a signing key: it can be unsealed only with the same
 * `kid`.
 */
export function sealContext(kid: string): string {
  return `signing_keys/${kid}`;
}

/** Each step reads from the store which keys sign. Memory holds only the unsealed key of each `kid`. */
export function createSigner(kv: Kv, masterKey: MasterKey): Signer {
  const unsealed = new Map<string, Promise<CryptoKey>>();
  return {
    async sign(provider, alg, claims, typ) {
      const kid = provider.activeKeys[alg];
      const key = await privateKey(kid, alg);
      const header = typ === undefined ? { alg, kid } : { alg, kid, typ };
      return { jwt: await new SignJWT(claims).setProtectedHeader(header).sign(key), kid };
    },
    async load(provider) {
      const keys = signingAlgorithms.map((alg) => privateKey(provider.activeKeys[alg], alg));
      // Wait for all of them, so that none is still running when a failure is reported.
      const outcomes = await Promise.allSettled(keys);
      const failure = outcomes.find((outcome) => outcome.status === "rejected");
      if (failure) throw failure.reason;
    },
  };

  function privateKey(kid: string, alg: SigningAlgorithm): Promise<CryptoKey> {
    let key = unsealed.get(kid);
    if (key === undefined) {
      key = load(kid, alg);
      unsealed.set(kid, key);
      // A temporary failure of the store must not disable the key forever.
      key.catch(() => unsealed.delete(kid));
    }
    return key;
  }

  async function load(kid: string, alg: SigningAlgorithm): Promise<CryptoKey> {
    const { key } = await kv.step(
      systemOrigin,
      (tx) => tx.read({ key: signingKeys.ref(kid) }),
    );
    if (key.value === null) throw new Error(`the active signing key ${kid} is not in the store`);
    const jwk = JSON.parse(await masterKey.unseal(key.value.sealedPrivateJwk, sealContext(kid)));
    const imported = await importJWK(jwk, alg);
    if (imported instanceof Uint8Array) throw new Error(`${kid} is not an asymmetric key`);
    return imported;
  }
}
