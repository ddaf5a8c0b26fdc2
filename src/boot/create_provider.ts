import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { addKeyPairs, newKeyPairs } from "../keys/key_pair.ts";
import { proofContext, proofText } from "./master_key_proof.ts";

/** One of several processes creates the record, and the others find it. */
export async function createProvider(deps: Deps): Promise<{ readonly value: Provider }> {
  const now = deps.clock.seconds();
  // Creating an RSA key takes a while, so all keys are created before the step, which may run twice.
  const [rs256, es256, eddsa] = await Promise.all([
    newKeyPairs(deps, "RS256", now),
    newKeyPairs(deps, "ES256", now),
    newKeyPairs(deps, "EdDSA", now),
  ]);
  const masterKeyProof = await deps.masterKey.seal(proofText, proofContext);

  return await deps.kv.step(systemOrigin, async (tx) => {
    const { provider: found } = await tx.read({ provider: providers.ref() });
    if (found.value !== null) return found;
    const provider: Provider = {
      customClaims: [],
      authorizationDetailTypes: [],
      trustedIssuers: [],
      workloadIssuers: [],
      epoch: 1,
      restoredAt: null,
      activeKeys: { RS256: rs256.active.kid, ES256: es256.active.kid, EdDSA: eddsa.active.kid },
      masterKeyProof,
      createdAt: tx.now,
    };
    providers.create(tx, provider);
    for (const pairs of [rs256, es256, eddsa]) addKeyPairs(tx, pairs);
    return { value: provider };
  });
}
