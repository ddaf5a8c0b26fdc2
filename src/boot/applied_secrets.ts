import * as bootstrapEntries from "../../stores/bootstrap_entries.ts";
import type { BootstrapEntry, EntryMacs } from "../../stores/bootstrap_entries.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { bootstrapPurpose, refOf, type WrittenEntry } from "./applied_entries.ts";

const secretPurpose = "bootstrap_secret";

/** What is remembered of an entry that is applied. */
export async function macsOf(
  { masterKey }: Pick<Deps, "masterKey">,
  entry: WrittenEntry,
): Promise<EntryMacs> {
  const secret = secretTextOf(entry);
  return {
    contentMac: await masterKey.mac(bootstrapPurpose, entry.content),
    secretMac: secret === null ? null : await masterKey.mac(secretPurpose, secret),
  };
}

/** Whether the password or the secret in an entry is the one that was applied before. */
export async function isSecretApplied(
  { masterKey }: Pick<Deps, "masterKey">,
  entry: WrittenEntry,
  before: BootstrapEntry | null,
): Promise<boolean> {
  const secret = secretTextOf(entry);
  if (secret === null || before === null || before.secretMac === null) return false;
  return await masterKey.verifyMac(secretPurpose, secret, before.secretMac);
}

/**
 * Remembers the secrets of entries that an earlier release has applied as they are. Otherwise the first change
 * of such an entry would set its secret back.
 */
export async function rememberSecrets(deps: Deps, entries: readonly WrittenEntry[]) {
  for (const entry of entries) {
    const macs = await macsOf(deps, entry);
    await deps.kv.step(systemOrigin, async (tx) => {
      const { remembered } = await tx.read({ remembered: refOf(entry) });
      // Another process may have applied another file since.
      const isSame = remembered.value?.contentMac === macs.contentMac;
      if (isSame) bootstrapEntries.keepMacs(tx, remembered, macs);
    });
  }
}

/** With the id, so that equal secrets of two entries have different MACs. */
function secretTextOf({ kind, id, secret }: WrittenEntry): string | null {
  return secret === null ? null : JSON.stringify([kind, id, secret]);
}
