import type { Present } from "../../stores/engine/collection.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { ConfigError } from "../config/config_error.ts";
import { SealError } from "../crypto/master_key.ts";
import type { Deps } from "../deps/deps.ts";
import { isSealedWithCurrentKey, proofContext } from "./master_key_proof.ts";

/**
 * Creates the server's own record and its first signing keys, once. Every later start must use the master
 * key that sealed them. After a rotation of that key, everything is sealed again.
 * @throws {ConfigError} about LATCHKEY_MASTER_KEY, if another key sealed the store
 */
export async function ensureProvider(deps: Deps): Promise<void> {
  const provider = await readProvider(deps) ??
    await (await import("./create_provider.ts")).createProvider(deps);
  await assertMasterKey(deps, provider.value);
  // Another process may have added a key since the proof was sealed again, so check all keys.
  const rotating = deps.config.masterKeyPrevious !== null;
  if (rotating || !isSealedWithCurrentKey(deps, provider.value.masterKeyProof)) {
    const { resealAll } = await import("./master_key_rotation.ts");
    await resealAll(deps);
  }
}

async function readProvider(deps: Deps): Promise<Present<Provider> | null> {
  const { provider } = await deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ provider: providers.ref() }),
  );
  return provider.value === null ? null : provider;
}

async function assertMasterKey(deps: Deps, provider: Provider) {
  try {
    await deps.masterKey.unseal(provider.masterKeyProof, proofContext);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new ConfigError(
      "LATCHKEY_MASTER_KEY",
      deps.config.masterKeyPrevious === null
        ? "is not the key that this store was sealed with: set that one, or, to replace it, set \
it as LATCHKEY_MASTER_KEY_PREVIOUS"
        : "is not the key that this store was sealed with, and neither is \
LATCHKEY_MASTER_KEY_PREVIOUS: set that one as either of them",
    );
  }
}
