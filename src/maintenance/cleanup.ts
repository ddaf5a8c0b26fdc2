import { assertHeld, type Lease, release, tryAcquire } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { finishDeletions } from "../logout/deletion.ts";
import { removeOldEvents } from "./retention.ts";
import { throttled } from "./throttled.ts";

/** What a cleanup removed, as named counts; null: another process is cleaning up. */
export type CleanupReport = Readonly<Record<string, number>> | null;

/** The lease of a cleanup: only one process cleans up at a time. */
export const cleanupLease = { name: "cleanup", lifetime: 60 } as const;

/**
 * Removes what the store does not remove by itself: audit events past their retention, and what an
 * interrupted deletion of a user left. A record with an end is written with it, and the store removes the
 * record then. So a cleanup reads only what it removes, however many records are live.
 * @throws {LeaseLost} if another process took over, because this one had paused for too long
 */
export async function cleanUp(deps: Deps): Promise<CleanupReport> {
  const request = { ...cleanupLease, holder: randomId(deps.random) };
  const lease = await tryAcquire(deps.kv, request);
  if (lease === null) return null;
  try {
    return await cleanUpUnder(deps, lease);
  } finally {
    await release(deps.kv, lease);
  }
}

/**
 * Cleans up under a lease that was just taken.
 * @param tell called with the counts so far
 * @throws {LeaseLost}
 * @throws {Interrupted}
 */
export async function cleanUpUnder(
  deps: Deps,
  lease: Lease,
  tell: (removed: Readonly<Record<string, number>>) => Promise<void> = () => Promise.resolve(),
): Promise<Readonly<Record<string, number>>> {
  const removed: Record<string, number> = {};
  await removeOldEvents(deps, lease, async (events) => {
    removed.audit_events = (removed.audit_events ?? 0) + events;
    await tell(removed);
  });
  const leftBehind = await finishDeletions(
    deps,
    (work) =>
      throttled(deps, () =>
        deps.kv.step(systemOrigin, async (tx) => {
          await assertHeld(tx, lease);
          work(tx);
        })),
  );
  if (leftBehind > 0) removed.of_deleted_users = leftBehind;
  deps.logger.info("cleanup is done", { removed });
  return removed;
}
