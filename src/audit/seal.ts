import * as auditEvents from "../../stores/audit_events.ts";
import * as auditSeals from "../../stores/audit_seals.ts";
import type { AuditLeaf, AuditSeal } from "../../stores/audit_seals.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import {
  assertHeld,
  type Lease,
  release,
  tryAcquire,
  versionstampOf,
} from "../../stores/engine/leases.ts";
import { type GiveWay, pacer } from "../../stores/engine/pacer.ts";
import type { Page } from "../../stores/engine/step.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { digest } from "../crypto/digest.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { leafOf, leafText } from "./leaf.ts";
import { merkleTree } from "./merkle.ts";
import { type SealPayload, signSeal } from "./seal_signature.ts";

/**
 * Milliseconds between taking the bound and reading the events. If two steps end the same thing, they
 * write one event, and the second overwrites it. After this time both have landed, because a step takes
 * no longer than its deadline.
 */
const settleTime = 15_000;

/**
 * Milliseconds between the start of a step, which dates its event, and its commit: as long as an outcome
 * can stay unknown.
 */
export const latestArrival = 3_600_000;

/**
 * Seals the events that were committed since the last seal: a signed Merkle root, chained to the previous
 * seal. "Since" means the versionstamp, which is the order of the commits, not a clock.
 * @returns the seal; null if there was nothing to seal, or another process is sealing
 */
export async function sealAuditEvents(deps: Deps): Promise<AuditSeal | null> {
  const request = { ...sealingLease, holder: randomId(deps.random) };
  const lease = await tryAcquire(deps.kv, request);
  if (lease === null) return null;
  try {
    return await sealUnder(deps, lease);
  } finally {
    await release(deps.kv, lease);
  }
}

/** The lease of sealing: only one process seals at a time. */
export const sealingLease = { name: "sealing", lifetime: 300 } as const;

/**
 * Seals under a lease that was just taken.
 * @param tell called with the number of events read
 * @returns null if there was nothing to seal
 * @throws {LeaseLost}
 * @throws {Interrupted}
 */
export async function sealUnder(
  deps: Deps,
  lease: Lease,
  tell: (events: number) => Promise<void> = () => Promise.resolve(),
): Promise<AuditSeal | null> {
  const giveWay = pacer(deps);
  const last = await lastSeal(deps);
  // Everything committed before the lease was taken can be listed now.
  const until = await versionstampOf(deps.kv, lease);
  await deps.timers.sleep(settleTime, deps.stopping);
  await giveWay();
  const leaves = await leavesBetween(deps, lease, { last, until, giveWay, tell });
  if (leaves.length === 0) return null;
  const sequence = (last?.sequence ?? 0) + 1;
  const tree = merkleTree();
  for (const leaf of leaves) {
    tree.add(leafText(leaf));
    await giveWay();
  }
  await keepLeaves(deps, lease, { sequence, leaves, giveWay });

  const payload: SealPayload = {
    sequence,
    root: tree.root(),
    count: leaves.length,
    previous: last === null ? null : await headOf(last),
    until,
    issuer: deps.config.issuer,
  };
  const jws = await signSeal(deps, payload);
  const seal = await deps.kv.step(systemOrigin, async (tx) => {
    await assertHeld(tx, lease);
    const youngest = leaves.at(-1)?.time ?? 0;
    const seal = { sequence, jws, until, youngest, count: leaves.length, createdAt: tx.now };
    auditSeals.create(tx, seal);
    return seal;
  });
  // If logs are sent to another machine, this line allows checking the whole trail later.
  deps.logger.info("the audit trail was sealed", {
    seal: sequence,
    events: leaves.length,
    root: payload.root,
    head: await headOf(seal),
  });
  return seal;
}

/** The digest of a seal. Each seal signs the digest of the one before, so it covers the chain up to here. */
export function headOf({ jws }: AuditSeal): Promise<string> {
  return digest(jws);
}

async function lastSeal(deps: Deps): Promise<AuditSeal | null> {
  const page = await deps.kv.list({ collection: auditSeals.seals, limit: 1, reverse: true });
  return page.entries[0]?.value ?? null;
}

/** The leaves of the events committed since the last seal, oldest event first. */
async function leavesBetween(
  deps: Deps,
  lease: Lease,
  { last, until, giveWay, tell }: {
    readonly last: AuditSeal | null;
    readonly until: string;
    readonly giveWay: GiveWay;
    readonly tell: (events: number) => Promise<void>;
  },
): Promise<AuditLeaf[]> {
  const since = last?.until ?? "";
  const oldest = (last?.youngest ?? 0) - latestArrival;
  const leaves: AuditLeaf[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Record<string, never>> = await deps.kv.list({
      collection: auditEvents.byTime,
      limit: 100,
      reverse: true,
      ...(cursor === null ? {} : { cursor }),
    });
    await deps.kv.step(systemOrigin, (tx) => assertHeld(tx, lease));
    const times = new Map(
      page.entries
        .filter(({ ref, versionstamp }) => versionstamp > since && Number(ref.key[1]) >= oldest)
        .map(({ ref }) => [String(ref.key[2]), Number(ref.key[1])]),
    );
    for (const { ref, value, versionstamp } of await readEvents(deps, [...times.keys()], giveWay)) {
      const id = String(ref.key[1]);
      // An event that was written twice has two index entries: only the one with its time counts.
      if (value.time !== times.get(id)) continue;
      if (versionstamp > since && versionstamp <= until) leaves.push(await leafOf(id, value));
    }
    await tell(leaves.length);
    cursor = Number(page.entries.at(-1)?.ref.key[1] ?? 0) < oldest ? null : page.cursor;
  } while (cursor !== null);
  return leaves.reverse();
}

/** Reads events by their ids, ten at a time; deleted ones are left out. */
export async function readEvents(
  deps: Deps,
  ids: readonly string[],
  giveWay: GiveWay = pacer(deps),
) {
  const found: Present<auditEvents.AuditEvent>[] = [];
  for (let n = 0; n < ids.length; n += 10) {
    const refs = Object.fromEntries(
      ids.slice(n, n + 10).map((id) => [id, auditEvents.ref(id)]),
    );
    const batch = await deps.kv.step(systemOrigin, (tx) => tx.read(refs));
    for (const entry of Object.values(batch)) {
      if (entry !== null && isPresent(entry)) found.push(entry);
    }
    await giveWay();
  }
  return found;
}

async function keepLeaves(
  deps: Deps,
  lease: Lease,
  { sequence, leaves, giveWay }: {
    readonly sequence: number;
    readonly leaves: readonly AuditLeaf[];
    readonly giveWay: GiveWay;
  },
) {
  for (let part = 0; part * auditSeals.leavesPerRecord < leaves.length; part++) {
    const from = part * auditSeals.leavesPerRecord;
    const list = leaves.slice(from, from + auditSeals.leavesPerRecord);
    await deps.kv.step(systemOrigin, async (tx) => {
      await assertHeld(tx, lease);
      auditSeals.addLeaves(tx, sequence, part, list);
    });
    await giveWay();
  }
}
