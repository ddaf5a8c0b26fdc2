import { auditEventKinds } from "../../stores/audit_event_types.ts";
import * as auditRetention from "../../stores/audit_retention.ts";
import * as auditSeals from "../../stores/audit_seals.ts";
import { assertHeld, type Lease } from "../../stores/engine/leases.ts";
import type { GiveWay } from "../../stores/engine/pacer.ts";
import { eachPage } from "../../stores/engine/each_entry.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { retentionOf } from "../config/config.ts";
import type { Deps } from "../deps/deps.ts";
import { leafText } from "./leaf.ts";
import { merkleTree } from "./merkle.ts";
import { openSeal, publicKeyOf } from "./seal_signature.ts";

/** Records of leaves in one read or one commit: some 30 KB each. */
const perPage = 4;

/**
 * Finds the seals whose leaves can be deleted, because all their events are past their retention and
 * removed. The root in the seal still stands for them. The next seal signs the number, so nobody else can
 * delete leaves without being noticed. A seal that does not verify keeps its leaves, as evidence.
 * @param foldedTo the number that the newest seal signs
 * @returns the number for the next seal
 */
export async function foldableTo(deps: Deps, foldedTo: number, giveWay: GiveWay): Promise<number> {
  const before = await allRemovedBefore(deps);
  const publicJwk = await publicKeyOf(deps);
  for (let number = foldedTo + 1;; number++) {
    const { seal } = await deps.kv.step(
      systemOrigin,
      (tx) => tx.read({ seal: auditSeals.ref(number) }),
    );
    // The time in the record is only a hint: the leaves decide, because the seal signs them.
    if (seal.value === null || seal.value.youngest >= before) return number - 1;
    const payload = await openSeal(seal.value.jws, publicJwk);
    const tree = merkleTree();
    let youngest = 0;
    for await (const { value } of leafRecords(deps, [number], [number + 1])) {
      for (const leaf of value.leaves) {
        tree.add(leafText(leaf));
        youngest = Math.max(youngest, leaf.time);
      }
      await giveWay();
    }
    if (payload?.sequence !== number || payload.root !== tree.root()) {
      deps.logger.error(`seal ${number} of the audit trail does not verify: its leaves stay`);
      return number - 1;
    }
    if (youngest >= before) return number - 1;
  }
}

/** Deletes the leaves of seals that a later seal declares as folded. */
export async function removeFolded(
  deps: Deps,
  lease: Lease,
  foldedTo: number,
  giveWay: GiveWay,
): Promise<void> {
  if (foldedTo === 0) return;
  for await (const record of leafRecords(deps, [], [foldedTo + 1])) {
    await deps.kv.step(systemOrigin, async (tx) => {
      await assertHeld(tx, lease);
      auditSeals.removeLeaves(tx, record);
    });
    await giveWay();
  }
}

/** Epoch milliseconds: no event from before may be stored. */
async function allRemovedBefore(deps: Deps): Promise<number> {
  const now = deps.clock.milliseconds();
  const times = await deps.kv.step(
    systemOrigin,
    (tx) =>
      Promise.all(auditEventKinds.map(async (kind) => {
        const due = now - retentionOf(deps.config.lifetimes, kind) * 1000;
        return Math.min(due, await auditRetention.removedBefore(tx, kind));
      })),
  );
  return Math.min(...times);
}

async function* leafRecords(deps: Deps, from: readonly number[], to: readonly number[]) {
  const list = { collection: auditSeals.leaves, between: [from, to], limit: perPage } as const;
  for await (const entries of eachPage(deps, list)) yield* entries;
}
