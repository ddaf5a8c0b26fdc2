import { isPresent } from "../../stores/engine/collection.ts";
import { type Origin, systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import { algorithmsInUse, assertProvider, type SigningAlgorithm } from "../../stores/provider.ts";
import type { Deps } from "../deps/deps.ts";
import { addKeyPairs, newKeyPairs } from "../keys/key_pair.ts";
import { SigningKeysNeeded } from "../keys/signer.ts";
import { sharedWork } from "../outgoing/under_way.ts";

/**
 * Does work that is a step, or has one. If it needs signing keys that do not exist, they are made, and it is
 * done again: making an RSA key takes too long for a step.
 */
export async function withSigningKeys<T>(
  deps: Deps,
  origin: Origin,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SigningKeysNeeded)) throw error;
    await makeSigningKeys(deps, origin, error);
    return await work();
  }
}

/**
 * Makes the keys of those of the algorithms that have none. From this commit on the JWKS shows them. There
 * are as many keys as algorithms, however many clients want them, and whoever registered those.
 */
export async function makeSigningKeys(
  deps: Deps,
  origin: Origin,
  { algs }: SigningKeysNeeded,
): Promise<void> {
  // One after another: strangers can ask for all of them at once.
  for (const alg of algs) {
    await sharedWork(deps, `signing keys ${alg}`, () => makeKeysOf(deps, origin, alg));
  }
}

async function makeKeysOf(deps: Deps, origin: Origin, alg: SigningAlgorithm): Promise<void> {
  const { provider } = await deps.kv.step(systemOrigin, (tx) => providers.read(tx, {}));
  if (algorithmsInUse(provider).includes(alg)) return;
  const pairs = await newKeyPairs(deps, alg, deps.clock.seconds());
  await deps.kv.step(origin, async (tx) => {
    const { provider } = await tx.read({ provider: providers.ref() });
    // Another process may have made them meanwhile.
    if (assertProvider(provider).activeKeys[alg] !== undefined || !isPresent(provider)) return;
    addKeyPairs(tx, pairs);
    providers.activateKeys(tx, provider, { [alg]: pairs.active.kid });
  });
}
