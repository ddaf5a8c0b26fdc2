import type { Ref } from "../../stores/collection.ts";
import * as providers from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import type { SigningKey } from "../../stores/signing_keys.ts";
import type { Page } from "../../stores/step.ts";
import { systemOrigin } from "../../stores/transaction.ts";
import type { Deps } from "../deps.ts";
import { sealContext } from "../tokens/signer.ts";

/** What the provider's record holds sealed, for no other use than to find out the key. */
export const proofText = "latchkey";
export const proofContext = "provider/master_key_proof";

/** Whether the current master key sealed a text, and not the previous one. */
export function isSealedWithCurrentKey(deps: Deps, sealed: string): boolean {
  return sealed.startsWith(`${deps.masterKey.keyId}.`);
}

/**
 * Seals with the current master key what the previous one sealed, so that the previous one can be
 * dropped. One record a commit, the proof last: who is stopped half way goes on at the next boot.
 */
export async function resealAll(deps: Deps): Promise<void> {
  let resealed = 0;
  let cursor: string | null = null;
  do {
    const page: Page<SigningKey> = await deps.kv.list({
      collection: signingKeys.all,
      limit: 100,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { ref } of page.entries) resealed += Number(await resealKey(deps, ref));
    cursor = page.cursor;
  } while (cursor !== null);
  await resealProof(deps);
  if (resealed > 0) deps.logger.info("sealed signing keys with the new master key", { resealed });
}

/** @returns whether there was something to do */
function resealKey(deps: Deps, ref: Ref<SigningKey>): Promise<boolean> {
  return deps.kv.step(systemOrigin, async (tx) => {
    const { key } = await tx.read({ key: ref });
    if (key.value === null || isSealedWithCurrentKey(deps, key.value.sealedPrivateJwk)) {
      return false;
    }
    const context = sealContext(key.value.kid);
    const privateJwk = await deps.masterKey.unseal(key.value.sealedPrivateJwk, context);
    const sealedPrivateJwk = await deps.masterKey.seal(privateJwk, context);
    tx.replace(key, { ...key.value, sealedPrivateJwk });
    return true;
  });
}

async function resealProof(deps: Deps) {
  await deps.kv.step(systemOrigin, async (tx) => {
    const { provider } = await tx.read({ provider: providers.ref() });
    if (provider.value === null || isSealedWithCurrentKey(deps, provider.value.masterKeyProof)) {
      return;
    }
    const proof = await deps.masterKey.seal(proofText, proofContext);
    providers.keepMasterKeyProof(tx, provider, proof);
  });
}
