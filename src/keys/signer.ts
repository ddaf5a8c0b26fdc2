import type { Signer } from "../deps/signer.ts";
import { type CryptoKey, importJWK, SignJWT } from "jose";
import { type SigningAlgorithm, signingAlgorithms } from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import type { Kv } from "../../stores/engine/step.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { MasterKey } from "../crypto/master_key.ts";

/** Where the private part of a signing key belongs: it can be unsealed in no other place. */
export function sealContext(kid: string): string {
  return `signing_keys/${kid}`;
}

/** Which keys sign is read from the store in each step; memory holds only what a `kid` stands for. */
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
      // Of all of them, so that none is still under way when a failure is told.
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
      // A store that was out of reach for a moment must not disable the key for good.
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
