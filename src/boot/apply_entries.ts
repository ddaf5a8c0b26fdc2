import * as bootstrapEntries from "../../stores/bootstrap_entries.ts";
import type { BootstrapEntry } from "../../stores/bootstrap_entries.ts";
import type { Entry as StoreEntry } from "../../stores/engine/collection.ts";
import { kvLimits } from "../../stores/engine/store_errors.ts";
import { parts } from "../../stores/engine/batches.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { bootstrapPurpose, isSecretKnown, readRemembered, refOf } from "./applied_entries.ts";
import { isSecretApplied, macsOf, rememberSecrets } from "./applied_secrets.ts";
import type { Entry } from "./entries.ts";
import type { SectorProblem } from "./sectors.ts";

/**
 * Applies each entry once per content. A changed entry is applied again, but not a password or secret in it
 * that was applied before: it may have been changed since, because it had leaked. Nothing is ever deleted. A
 * client whose sector cannot be checked is left as it is until the next start: this server must start although
 * the sector's host does not answer.
 */
export async function applyEntries(deps: Deps, entries: readonly Entry[]): Promise<void> {
  let sectors: SectorProblem | null = null;
  const applied: Entry[] = [];
  for (const batch of parts(entries, kvLimits.keysPerRead)) {
    const remembered = await readRemembered(deps, batch);
    for (const [index, entry] of batch.entries()) {
      const contentMac = await deps.masterKey.mac(bootstrapPurpose, entry.content);
      const known = remembered[index]?.value ?? null;
      if (known?.contentMac === contentMac) {
        if (!isSecretKnown(entry, known)) await rememberSecrets(deps, [entry]);
        continue;
      }
      if (entry.kind === "client" && entry.value.sector_identifier_uri !== undefined) {
        sectors ??= (await import("./sectors.ts")).sectorsOfFile(deps);
        const problem = await sectors(entry.value);
        if (problem !== null) {
          deps.logger.error(
            `client "${entry.id}" of the bootstrap file is not applied, and is tried again at the next \
start: ${problem}`,
            { kind: entry.kind, id: entry.id },
          );
          continue;
        }
      }
      if (await applyEntry(deps, entry)) {
        applied.push(entry);
        deps.logger.info("applied an entry of the bootstrap file", {
          kind: entry.kind,
          id: entry.id,
        });
      }
    }
  }
  if (applied.length > 0) {
    const { warnOfMissingGroups } = await import("./missing_groups.ts");
    const { warnOfIdleRules } = await import("./idle_claim_rules.ts");
    await warnOfMissingGroups(deps, applied);
    await (await import("./missing_names.ts")).warnOfMissingNames(deps, applied);
    // All clients of the file: the definition of a custom claim may have changed alone.
    await warnOfIdleRules(deps, entries);
  }
}

/** @returns false if another process was faster, or only the master key has changed */
async function applyEntry(deps: Deps, entry: Entry): Promise<boolean> {
  // Most starts find every entry applied, and need none of this code.
  const { changeOf } = await import("./changes.ts");
  const { withOwnKeys } = await import("../callers/own_keys.ts");
  const change = await changeOf(deps, entry);
  const macs = await macsOf(deps, entry);
  const applying = () =>
    deps.kv.step(systemOrigin, async (tx) => {
      const { remembered } = await tx.read({ remembered: refOf(entry) });
      if (await isApplied(deps, entry, remembered)) {
        // A MAC of the previous master key would become useless once that key is removed.
        bootstrapEntries.keepMacs(tx, remembered, macs);
        return false;
      }
      await change(tx, await isSecretApplied(deps, entry, remembered.value));
      bootstrapEntries.remember(tx, remembered, macs);
      return true;
    });
  return await withOwnKeys(deps, systemOrigin, applying);
}

async function isApplied(deps: Deps, entry: Entry, { value }: StoreEntry<BootstrapEntry>) {
  return value !== null &&
    await deps.masterKey.verifyMac(bootstrapPurpose, entry.content, value.contentMac);
}
