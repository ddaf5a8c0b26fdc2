import * as auditSeals from "../../stores/audit_seals.ts";
import type { AuditLeaf, AuditSeal } from "../../stores/audit_seals.ts";
import { assertHeld, type Lease } from "../../stores/engine/leases.ts";
import type { GiveWay } from "../../stores/engine/pacer.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { digest } from "../crypto/digest.ts";
import type { Deps } from "../deps/deps.ts";
import { earliestArrival, latestArrival } from "./arrival.ts";
import { blockBuilder } from "./blocks.ts";
import { eventPages, type Place, placeAfter } from "./events_in_order.ts";
import { leafOf, leafText } from "./leaf.ts";
import { merkleTree } from "./merkle.ts";
import { type SealPayload, signSeal } from "./seal_signature.ts";
import { type WriteBehind, writeBehind } from "./write_behind.ts";

export interface SealPass {
  readonly last: AuditSeal | null;
  /** The versionstamp of the newest event to seal. */
  readonly upTo: string;
  /** The most events in one seal. */
  readonly perSeal: number;
  /** The leaves of the seals up to this number can be deleted. */
  readonly foldedTo: number;
  readonly giveWay: GiveWay;
}

/** Parts of the lease after which it is renewed even if there was nothing to write. */
const renewals = 10;

/**
 * Seals the events that were committed after the last complete pass and not after `upTo`, in the order of
 * time. All seals but the last one of a pass note the place that they reached, where a later run goes on.
 * A seal's leaves are stored a part at a time and then forgotten, so memory does not grow.
 */
export async function* sealPass(
  deps: Deps,
  lease: Lease,
  pass: SealPass,
): AsyncGenerator<AuditSeal> {
  const writes = writeBehind();
  try {
    yield* sealed(deps, lease, pass, writes);
  } finally {
    await writes.end().catch(() => {}); // if it failed, so did the pass
  }
}

async function* sealed(
  deps: Deps,
  lease: Lease,
  { last: before, upTo, perSeal, foldedTo, giveWay }: SealPass,
  writes: WriteBehind,
): AsyncGenerator<AuditSeal> {
  let last = before;
  const since = last?.until ?? "";
  const resumed = last?.pass ?? null;
  const earliest = await earliestArrival(deps, last);
  const from: Place = resumed ? placeAfter(resumed.reached) : [earliest];
  const blocks = await blockBuilder(deps, lease, {
    from,
    before: deps.clock.milliseconds() - latestArrival,
    writes,
  });
  let open = newSeal(deps, lease, { last, earliest }, writes);
  let renewedAt = 0;
  for await (const events of eventPages(deps, from)) {
    if (deps.clock.seconds() - renewedAt >= lease.lifetime / renewals) {
      renewedAt = deps.clock.seconds();
      await deps.kv.step(systemOrigin, (tx) => assertHeld(tx, lease));
    }
    for (const stored of events) {
      await giveWay(); // a page of entries with several events each takes many milliseconds
      await blocks.see(stored);
      const { id, event, versionstamp } = stored;
      if (versionstamp <= since || versionstamp > upTo) continue;
      if (open.count === perSeal) {
        last = await open.close({ until: since, foldedTo, upTo });
        yield last;
        open = newSeal(deps, lease, { last, earliest }, writes);
      }
      await open.add(leafOf(id, event));
    }
    await giveWay();
  }
  await blocks.end();
  await writes.end();
  // A pass that was begun has to be ended, even if its remaining events are gone by now.
  if (open.count > 0 || resumed !== null) {
    yield await open.close({ until: upTo, foldedTo, upTo: null });
  }
}

interface OpenSeal {
  readonly count: number;
  add(leaf: AuditLeaf): Promise<void>;
  /** @param upTo null: the pass is complete */
  close(end: { until: string; foldedTo: number; upTo: string | null }): Promise<AuditSeal>;
}

function newSeal(
  deps: Deps,
  lease: Lease,
  { last, earliest }: { readonly last: AuditSeal | null; readonly earliest: number },
  writes: WriteBehind,
): OpenSeal {
  const sequence = (last?.sequence ?? 0) + 1;
  const tree = merkleTree();
  let leaves: AuditLeaf[] = [];
  const now = deps.clock.milliseconds();
  const before = last !== null && last.youngest <= now ? last.youngest : earliest;
  let [count, part, youngest] = [0, 0, before];
  let reached: [number, string] = [0, ""];

  return {
    get count() {
      return count;
    },
    async add(leaf) {
      tree.add(leafText(leaf));
      leaves.push(leaf);
      count++;
      if (leaf.time <= now) youngest = Math.max(youngest, leaf.time);
      reached = [leaf.time, leaf.id];
      if (leaves.length === auditSeals.leavesPerRecord) await keep();
    },
    async close({ until, foldedTo, upTo }) {
      if (leaves.length > 0) await keep();
      await writes.end();
      await removeStray(deps, lease, sequence, part);
      const payload: SealPayload = {
        sequence,
        root: tree.root(),
        count,
        previous: last === null ? null : await digest(last.jws),
        until,
        issuer: deps.config.issuer,
        ...(foldedTo > 0 ? { foldedTo } : {}),
      };
      const jws = await signSeal(deps, payload);
      const pass = upTo === null ? null : { upTo, reached };
      const seal = await deps.kv.step(systemOrigin, async (tx) => {
        await assertHeld(tx, lease);
        const createdAt = tx.now;
        const seal = { sequence, jws, until, youngest, count, createdAt, pass, foldedTo };
        auditSeals.create(tx, seal);
        return seal;
      });
      // If logs are sent to another machine, this line allows checking the whole trail later.
      deps.logger.info("the audit trail was sealed", {
        seal: sequence,
        events: count,
        root: payload.root,
        head: await digest(jws),
      });
      return seal;
    },
  };

  async function keep() {
    const list = leaves;
    leaves = [];
    const number = part++;
    await writes.start(() =>
      deps.kv.step(systemOrigin, async (tx) => {
        await assertHeld(tx, lease);
        auditSeals.addLeaves(tx, sequence, number, list);
      })
    );
  }
}

/** Deletes what an interrupted run left behind the last part of a seal's leaves. */
async function removeStray(deps: Deps, lease: Lease, sequence: number, parts: number) {
  const { entries } = await deps.kv.list({
    collection: auditSeals.leaves,
    between: [[sequence, parts], [sequence + 1]],
    limit: 200,
  });
  if (entries.length === 0) return;
  await deps.kv.step(systemOrigin, async (tx) => {
    await assertHeld(tx, lease);
    entries.forEach((entry) => auditSeals.removeLeaves(tx, entry));
  });
}
