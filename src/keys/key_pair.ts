import { exportJWK, generateKeyPair } from "jose";
import type { SigningAlgorithm } from "../../stores/provider.ts";
import type { SigningKey } from "../../stores/signing_keys.ts";
import type { MasterKey } from "../crypto/master_key.ts";
import { randomId, type RandomSource } from "../crypto/random.ts";
import { sealContext } from "./signer.ts";

/** Makes a key pair that is published but does not sign yet. @param now epoch seconds */
export async function newSigningKey(
  deps: { readonly masterKey: MasterKey; readonly random: RandomSource },
  alg: SigningAlgorithm,
  now: number,
): Promise<SigningKey> {
  const kid = randomId(deps.random);
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  const privateJwk = await exportJWK(pair.privateKey);
  const publicJwk = { ...await exportJWK(pair.publicKey), kid, alg, use: "sig" };
  return {
    kid,
    alg,
    publicJwk,
    sealedPrivateJwk: await deps.masterKey.seal(JSON.stringify(privateJwk), sealContext(kid)),
    createdAt: now,
    activatedAt: null,
    retiredAt: null,
    publishedUntil: null,
    expiresAt: null,
  };
}
