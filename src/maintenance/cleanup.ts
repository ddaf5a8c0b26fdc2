import * as auditEvents from "../../stores/audit_events.ts";
import { allCollections, type Collection, type Present } from "../../stores/engine/collection.ts";
import { assertHeld, type Lease, release, tryAcquire } from "../../stores/engine/leases.ts";
import { Interrupted } from "../../stores/engine/pacer.ts";
import type { Page } from "../../stores/engine/step.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { throttled } from "./throttled.ts";

/** The number of records that a cleanup removed, by family; null: another process is cleaning up. */
export type CleanupReport = Readonly<Record<string, number>> | null;

// A commit may check 10 keys: the lease and these. Small commits also keep the waits of requests short.
const recordsPerCommit = 7;
/** On a local file these become one commit. */
const commitsAtOnce = 3;
const targetsPerRead = 10;
const recordsPerPage = 100;

/** The lease of a cleanup: only one process cleans up at a time. */
export const cleanupLease = { name: "cleanup", lifetime: 60 } as const;

/**
 * Removes expired records and index entries without a record. The store does most of that by itself, but
 * later. Also removes audit events that are older than the configured retention.
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
 * @param tell called with the counts so far, by family
 * @throws {LeaseLost}
 * @throws {Interrupted}
 */
export async function cleanUpUnder(
  deps: Deps,
  lease: Lease,
  tell: (removed: Readonly<Record<string, number>>) => Promise<void> = () => Promise.resolve(),
): Promise<Readonly<Record<string, number>>> {
  const removed: Record<string, number> = {};
  for (const collection of allCollections()) {
    const count = await sweep(deps, lease, collection);
    if (count > 0) removed[collection.family] = count;
    await tell(removed);
  }
  const events = await expireAuditEvents(deps, lease);
  if (events > 0) removed.audit_events = (removed.audit_events ?? 0) + events;
  deps.logger.info("cleanup is done", { removed });
  return removed;
}

async function sweep(deps: Deps, lease: Lease, collection: Collection<unknown>): Promise<number> {
  let removed = 0;
  await eachPage(deps, lease, collection, async (entries) => {
    const now = deps.clock.seconds();
    const expired = entries.filter(({ value }) => endOf(value) + collection.linger <= now);
    removed += await inTurns(deps, batches(expired), async (batch) => {
      let asListed = true;
      return await deps.kv.step(systemOrigin, async (tx) => {
        await assertHeld(tx, lease);
        // Delete each record only if it is still as listed. If one has changed, read all of them again.
        const unchanged = asListed ? batch : await readAgain(tx, batch);
        asListed = false;
        unchanged.forEach((entry) => tx.delete(entry));
        return unchanged.length;
      });
    });
    const leading = entries.filter((entry) => !expired.includes(entry) && targetOf(entry) !== null);
    const orphans: Present<unknown>[] = [];
    await inTurns(deps, batches(leading, targetsPerRead), async (batch) => {
      const found = await leadingNowhere(deps, batch);
      orphans.push(...found);
      return found.length;
    });
    // An entry and its record: twice as many keys to check.
    const pairs = batches(orphans, Math.floor(recordsPerCommit / 2));
    removed += await inTurns(deps, pairs, (batch) => removeOrphans(deps, lease, batch));
    return true;
  });
  return removed;
}

/** A first look, unchecked: most entries of an index have a record, and cost no more than this read. */
async function leadingNowhere(
  deps: Deps,
  batch: readonly Present<unknown>[],
): Promise<Present<unknown>[]> {
  const leadsTo = await deps.kv.step(systemOrigin, (tx) => tx.read(targetsOf(batch)));
  return batch.filter((_, n) => leadsTo[n]?.versionstamp === null);
}

async function removeOrphans(
  deps: Deps,
  lease: Lease,
  batch: readonly Present<unknown>[],
): Promise<number> {
  return await deps.kv.step(systemOrigin, async (tx) => {
    await assertHeld(tx, lease);
    const leadsTo = await tx.read(targetsOf(batch)); // checked: if the record is created meanwhile, its entry stays
    const orphans = batch.filter((_, n) => leadsTo[n]?.versionstamp === null);
    const unchanged = await readAgain(tx, orphans);
    unchanged.forEach((entry) => tx.delete(entry));
    return unchanged.length;
  });
}

function targetsOf(batch: readonly Present<unknown>[]) {
  return Object.fromEntries(batch.map((entry, n) => [`${n}`, targetOf(entry)]));
}

/** Events go in the order of their time, until one is young enough to stay. */
async function expireAuditEvents(deps: Deps, lease: Lease): Promise<number> {
  const oldest = (deps.clock.seconds() - deps.config.lifetimes.auditEvent) * 1000;
  let removed = 0;
  await eachPage(deps, lease, auditEvents.byTime, async (entries) => {
    const old = entries.map(({ ref }) => ref.key).filter((key) => Number(key[1]) < oldest);
    removed += await inTurns(
      deps,
      batches(old),
      (batch) =>
        deps.kv.step(systemOrigin, async (tx) => {
          await assertHeld(tx, lease);
          const refs = batch.map((key) => auditEvents.ref(String(key[2])));
          const found = await tx.read(Object.fromEntries(refs.map((ref, n) => [n, ref])));
          batch.forEach((key, n) => {
            const event = found[n];
            if (event && event.value !== null) auditEvents.expire(tx, event, Number(key[1]));
          });
          return batch.length;
        }),
    );
    return old.length === entries.length;
  });
  return removed;
}

/** Goes through a family, including expired records, as long as `visit` returns true. */
async function eachPage<T>(
  deps: Deps,
  lease: Lease,
  collection: Collection<T>,
  visit: (entries: readonly Present<T>[]) => Promise<boolean>,
) {
  let cursor: string | null = null;
  do {
    if (deps.stopping.aborted) throw new Interrupted("the process was told to stop");
    const page: Page<T> = await throttled(deps, () =>
      deps.kv.list({
        collection,
        limit: recordsPerPage,
        asOf: 0,
        ...(cursor === null ? {} : { cursor }),
      }));
    // Passing over many records that stay commits nothing, so renew the lease here.
    await deps.kv.step(systemOrigin, (tx) => assertHeld(tx, lease));
    if (!(await visit(page.entries))) return;
    cursor = page.cursor;
  } while (cursor !== null);
}

/** Processes the batches, a few at a time. @returns the sum of the results */
async function inTurns<T>(
  deps: Deps,
  parts: readonly T[],
  work: (part: T) => Promise<number>,
): Promise<number> {
  let done = 0;
  for (const turn of batches(parts, commitsAtOnce)) {
    const counts = await throttled(deps, () => Promise.all(turn.map(work)));
    done += counts.reduce((sum, count) => sum + count, 0);
  }
  return done;
}

/** The records that are still as listed; those written since then stay. */
async function readAgain(tx: Transaction, listed: readonly Present<unknown>[]) {
  const found = await tx.read(Object.fromEntries(listed.map(({ ref }, n) => [n, ref])));
  return listed.filter((entry, n) => found[n]?.versionstamp === entry.versionstamp);
}

function batches<T>(entries: readonly T[], size = recordsPerCommit): T[][] {
  const parts: T[][] = [];
  for (let n = 0; n < entries.length; n += size) parts.push(entries.slice(n, n + size));
  return parts;
}

function targetOf({ ref, value }: Present<unknown>) {
  return ref.collection.target(ref.key, value);
}

function endOf(value: unknown): number {
  const end = (value as { expiresAt?: unknown } | null)?.expiresAt;
  return typeof end === "number" ? end : Infinity;
}
