import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { endAll } from "../../stores/engine/leases.ts";
import * as providers from "../../stores/provider.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";

/**
 * After a backup was restored, ends everything that it brought back: sessions, grants with their codes
 * and tokens, challenges, pending and pushed requests, the setup link. It is unknown which of them were
 * used or ended after the backup was made. What others signed before now counts as used, for the same
 * reason. Work that was under way at the backup has nobody who does it, so its leases end too. It cannot
 * know whether it was already done for this restore, so it is done at each start that asks for it.
 */
export async function raiseEpoch(deps: Deps): Promise<void> {
  const epoch = await deps.kv.step(systemOrigin, async (tx) => {
    const { provider } = await tx.read({ provider: providers.ref() });
    if (!isPresent(provider)) throw new Error("the epoch of a store without a provider record");
    const epoch = providers.raiseEpoch(tx, provider);
    auditEvents.append(tx, { type: "backup_restored", about: `epoch ${epoch}` });
    return epoch;
  });
  await endAll(deps.kv);
  deps.logger.warn(
    "LATCHKEY_RESTORED: all sessions, grants and tokens from before this boot have ended. Remove it \
now, or every boot signs everybody out",
    { epoch },
  );
}
