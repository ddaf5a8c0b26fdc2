import * as auditSeals from "../../stores/audit_seals.ts";
import type { AuditSeal } from "../../stores/audit_seals.ts";
import { type Lease, release, tryAcquire, versionstampOf } from "../../stores/engine/leases.ts";
import { type Pace, pacer } from "../../stores/engine/pacer.ts";
import { digest } from "../crypto/digest.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { foldableTo, removeFolded } from "./fold.ts";
import { sealPass } from "./seal_pass.ts";

/**
 * Milliseconds between taking the bound and reading the events. If two steps end the same thing, they
 * write one event, and the second overwrites it. After this time both have landed, because a step takes
 * no longer than its deadline.
 */
export const settleTime = 15_000;

/**
 * A part of its work is waiting for the store, so requests get their turn in that time too. It gets a fifth
 * of the time at least, because events are written faster the busier the process is.
 */
export const paceOfSealing: Pace = { rest: 0.25, most: 4, slice: 5 };

/** What a run of sealing did. */
export interface SealReport {
  /** Null: there was nothing to seal. */
  readonly newest: AuditSeal | null;
  readonly seals: number;
  readonly events: number;
}

/**
 * Seals the events that were committed since the last seal: a signed Merkle root, chained to the previous
 * seal. "Since" means the versionstamp, which is the order of the commits, not a clock.
 * @returns the newest seal; null if there was nothing to seal, or another process is sealing
 */
export async function sealAuditEvents(deps: Deps): Promise<AuditSeal | null> {
  const request = { ...sealingLease, holder: randomId(deps.random) };
  const lease = await tryAcquire(deps.kv, request);
  if (lease === null) return null;
  try {
    return (await sealUnder(deps, lease)).newest;
  } finally {
    await release(deps.kv, lease);
  }
}

/** The lease of sealing: only one process seals at a time. */
export const sealingLease = { name: "sealing", lifetime: 300 } as const;

/** The most events in one seal: an interrupted run loses the work of one seal at most. */
const eventsPerSeal = 30_000;

/**
 * Seals under a lease that was just taken, in seals of bounded size. If an earlier run was interrupted, it
 * goes on where that one ended.
 * @param tell called with the number of events sealed
 * @throws {LeaseLost}
 * @throws {Interrupted}
 */
export async function sealUnder(
  deps: Deps,
  lease: Lease,
  { tell = () => Promise.resolve(), perSeal = eventsPerSeal }: {
    readonly tell?: (events: number) => Promise<void>;
    readonly perSeal?: number;
  } = {},
): Promise<SealReport> {
  const giveWay = pacer(deps, paceOfSealing);
  // Everything committed before the lease was taken can be listed now.
  const until = await versionstampOf(deps.kv, lease);
  await deps.timers.sleep(settleTime, deps.stopping);
  await giveWay();
  let last = await lastSeal(deps);
  const foldedTo = await foldableTo(deps, last?.foldedTo ?? 0, giveWay);
  const report = { newest: null as AuditSeal | null, seals: 0, events: 0 };
  const passes = last?.pass ? [last.pass.upTo, until] : [until];
  for (const upTo of passes) {
    for await (const seal of sealPass(deps, lease, { last, upTo, perSeal, foldedTo, giveWay })) {
      last = seal;
      report.newest = seal;
      report.seals++;
      report.events += seal.count;
      await tell(report.events);
    }
  }
  await removeFolded(deps, lease, last?.foldedTo ?? 0, giveWay);
  return report;
}

/** The digest of a seal. Each seal signs the digest of the one before, so it covers the chain up to here. */
export function headOf({ jws }: AuditSeal): Promise<string> {
  return digest(jws);
}

async function lastSeal(deps: Deps): Promise<AuditSeal | null> {
  const page = await deps.kv.list({ collection: auditSeals.seals, limit: 1, reverse: true });
  return page.entries[0]?.value ?? null;
}
