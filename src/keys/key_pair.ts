import { exportJWK, generateKeyPair } from "jose";
import * as auditEvents from "../../stores/audit_events.ts";
import type { SigningAlgorithm } from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import type { SigningKey } from "../../stores/signing_keys.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { MasterKey } from "../crypto/master_key.ts";
import { randomId, type RandomSource } from "../crypto/random.ts";
import { sealContext } from "./signer.ts";

type Tools = { readonly masterKey: MasterKey; readonly random: RandomSource };

/** The keys of an algorithm that has none yet. */
export interface KeyPairs {
  /** It signs. */
  readonly active: SigningKey;
  /** Relying parties learn it before it signs. */
  readonly next: SigningKey;
}

/** Makes the first keys of an algorithm. @param now epoch seconds */
export async function newKeyPairs(
  deps: Tools,
  alg: SigningAlgorithm,
  now: number,
): Promise<KeyPairs> {
  const active = { ...await newSigningKey(deps, alg, now), activatedAt: now };
  return { active, next: await newSigningKey(deps, alg, now) };
}

/** Adds the first keys of an algorithm to a step, with their events. */
export function addKeyPairs(tx: Transaction, { active, next }: KeyPairs) {
  for (const key of [active, next]) {
    signingKeys.add(tx, key);
    auditEvents.append(tx, { type: "signing_key_created", about: key.kid });
  }
}

/** Makes a key pair that is published but does not sign yet. @param now epoch seconds */
export async function newSigningKey(
  deps: Tools,
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
