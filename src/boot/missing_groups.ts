import { inBatches } from "../../stores/engine/batches.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as groups from "../../stores/groups.ts";
import type { Deps } from "../deps/deps.ts";
import type { Entry } from "./entries.ts";

/**
 * Warns of groups that clients of the bootstrap file allow, and that do not exist: because of a misspelt
 * name nobody could use the client. It is no error, because a group may be created later.
 */
export async function warnOfMissingGroups(deps: Deps, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) {
    if (entry.kind !== "client") continue;
    const names = entry.value.allowed_groups ?? [];
    const found = await deps.kv.step(
      systemOrigin,
      (tx) => inBatches(tx, names.map(groups.ref)),
    );
    for (const name of names.filter((_, n) => found[n]?.value?.deletingSince !== null)) {
      deps.logger.warn(
        `client "${entry.id}" of the bootstrap file allows the group ${name}, which does not exist: \
add it to groups, or create it by the admin API`,
        { kind: entry.kind, id: entry.id },
      );
    }
  }
}
