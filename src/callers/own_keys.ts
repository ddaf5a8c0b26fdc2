import * as auditEvents from "../../stores/audit_events.ts";
import * as encryptionKeys from "../../stores/encryption_keys.ts";
import type { EncryptionKeyType } from "../../stores/encryption_keys.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { type Origin, systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import { algorithmsInUse, assertProvider, type SigningAlgorithm } from "../../stores/provider.ts";
import type { Deps } from "../deps/deps.ts";
import { newEncryptionKey } from "../keys/encryption_key.ts";
import { addKeyPairs, newKeyPairs } from "../keys/key_pair.ts";
import { listSigningKeys } from "../keys/key_rotation.ts";
import { OwnKeysNeeded } from "../keys/signer.ts";
import { sharedWork } from "../outgoing/under_way.ts";

/**
 * Does work that is a step, or has one. If it needs keys of this server that do not exist, they are made, and
 * it is done again: making an RSA key takes too long for a step. It may need several keys one after another.
 */
export async function withOwnKeys<T>(
  deps: Deps,
  origin: Origin,
  work: () => Promise<T>,
): Promise<T> {
  const made = new Set<string>();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OwnKeysNeeded) || made.has(error.message)) throw error;
      await makeOwnKeys(deps, origin, error);
      made.add(error.message);
    }
  }
}

/**
 * Makes those of the keys that do not exist. From this commit on the JWKS shows them. There are as many keys as
 * algorithms, however many clients want them, and whoever registered those.
 */
export async function makeOwnKeys(
  deps: Deps,
  origin: Origin,
  { signing, encryption }: OwnKeysNeeded,
): Promise<void> {
  // One after another: strangers can ask for all of them at once.
  for (const alg of signing) {
    await sharedWork(deps, `signing keys ${alg}`, () => makeSigningKeys(deps, origin, alg));
  }
  for (const kty of encryption) {
    await sharedWork(deps, `encryption key ${kty}`, () => makeEncryptionKey(deps, origin, kty));
  }
}

async function makeEncryptionKey(deps: Deps, origin: Origin, kty: EncryptionKeyType) {
  const at = encryptionKeys.ref(kty);
  const { keys } = await deps.kv.step(systemOrigin, (tx) => tx.read({ keys: at }));
  if (keys.value !== null) return;
  const key = await newEncryptionKey(deps, kty, deps.clock.seconds());
  await deps.kv.step(origin, async (tx) => {
    const { keys } = await tx.read({ keys: at });
    // Another process may have made it meanwhile.
    if (keys.value !== null) return;
    encryptionKeys.create(tx, kty, key);
    auditEvents.append(tx, { type: "encryption_key_created", about: key.kid });
  });
}

async function makeSigningKeys(deps: Deps, origin: Origin, alg: SigningAlgorithm): Promise<void> {
  const { provider } = await deps.kv.step(systemOrigin, (tx) => providers.read(tx, {}));
  if (algorithmsInUse(provider).includes(alg)) return;
  const signed = await keyThatSigned(deps, alg);
  const pairs = signed === null ? await newKeyPairs(deps, alg, deps.clock.seconds()) : null;
  await deps.kv.step(origin, async (tx) => {
    const { provider, key } = await tx.read({
      provider: providers.ref(),
      key: signed === null ? null : signingKeys.ref(signed),
    });
    // Another process may have made them meanwhile.
    if (assertProvider(provider).activeKeys[alg] !== undefined || !isPresent(provider)) return;
    if (key !== null) {
      // It may have been withdrawn meanwhile: then the next try makes others.
      if (key.value !== null) providers.activateKeys(tx, provider, { [alg]: key.value.kid });
    } else if (pairs !== null) {
      addKeyPairs(tx, pairs);
      providers.activateKeys(tx, provider, { [alg]: pairs.active.kid });
    }
  });
}

/**
 * The key of an algorithm that signed until a release before this one rewrote the record about the server,
 * which knows only the first algorithms there. The JWKS still shows it. Null: none did.
 */
async function keyThatSigned(deps: Deps, alg: SigningAlgorithm): Promise<string | null> {
  const keys = await listSigningKeys(deps);
  const active = signingKeys.keyThatSigned(keys, alg);
  const next = signingKeys.nextKey(keys, alg);
  return active !== undefined && next !== undefined ? active.kid : null;
}
