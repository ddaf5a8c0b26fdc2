import type { AuditEventKind } from "../../stores/audit_event_types.ts";
import type { AuditLeaf } from "../../stores/audit_seals.ts";
import type { GiveWay } from "../../stores/engine/pacer.ts";
import { randomSecret, systemRandom } from "../crypto/random.ts";
import { createBalance } from "./balance.ts";
import { sealChain } from "./chain.ts";
import { explain } from "./explain.ts";
import { leafOf } from "./leaf.ts";
import type { TrailLine } from "./trail.ts";

export interface Verification {
  /** `nothing_sealed`: there is no seal yet, so nothing can be verified. */
  readonly state: "intact" | "tampered" | "nothing_sealed";
  /** The digest of the newest seal, which covers all before it; null: there is none. */
  readonly head: string | null;
  readonly seals: number;
  readonly sealedEvents: number;
  /** Events newer than the newest seal: the next seal will contain them. */
  readonly unsealedEvents: number;
  /** Events past their retention that were deleted; their leaves or their seal's root still prove them. */
  readonly expiredEvents: number;
  /**
   * Each problem in words, with the id of the event or the number of the seal; empty: no tampering was
   * found.
   */
  readonly problems: readonly string[];
}

export interface VerifyOptions {
  /** Epoch milliseconds; an event from before may have been deleted. */
  readonly keptSince: number;
  /** The same for each kind of events. Leaves of earlier releases do not name their kind. */
  readonly keptSinceOfKind?: Readonly<Partial<Record<AuditEventKind, number>>>;
  /** The `kid` of the sealing key, if it is known from outside of the trail. */
  readonly kid?: string;
  /**
   * A head or a root from the log line that was written when its seal was made. It must still be in the
   * chain: an attacker who removes the newest seals, or makes all of them again, cannot keep it.
   */
  readonly head?: string;
  /** The ids among the given ones whose events are stored. Without it, old leaves are kept in memory. */
  readonly storedAmong?: (leaves: readonly AuditLeaf[]) => Promise<ReadonlySet<string>>;
  /** Called between pieces of the work, so that requests get their turn. */
  readonly giveWay?: GiveWay;
  /** Called with the number of lines checked. */
  readonly tell?: (lines: number) => Promise<void>;
}

/** The lines of a trail from the first on, each time it is called. */
export type TrailLines = () => AsyncIterable<TrailLine> | Iterable<TrailLine>;

/** Old leaves that are looked up together. */
const leavesPerLookUp = 100;

/**
 * Verifies a trail: the chain of seals, each root against its leaves, and each event against its leaf. It
 * finds every event that was changed, removed or inserted after it was sealed.
 *
 * The memory that it takes does not grow with the trail: it compares the sums of all leaves and of all
 * sealed events. Only if they differ, it reads the trail once more to name the events.
 */
export async function verifyTrail(
  lines: TrailLines,
  options: VerifyOptions,
): Promise<Verification> {
  const nothing = () => Promise.resolve();
  const { kid, head, storedAmong, giveWay = nothing, tell = nothing } = options;
  const isDue = dueTest(options);
  const chain = sealChain(head);
  const balance = createBalance(randomSecret(systemRandom));
  /** Old leaves whose events may be stored or not. */
  let undecided = new Map<string, AuditLeaf>();
  let [checked, sealedEvents, unsealedEvents, expiredEvents] = [0, 0, 0, 0];

  for await (const line of lines()) {
    if (line.kind === "key") chain.key(line.publicJwk);
    else if (line.kind === "seal") await chain.seal(line);
    else if (line.kind === "leaves") await readLeaves(line.leaves);
    else readEvent(line);
    await giveWay();
    if (++checked % 100 === 0) await tell(checked);
  }
  await chain.end();
  await decide();
  expiredEvents += undecided.size;
  const problems = [...chain.problems()];
  if (kid !== undefined && chain.count > 0 && chain.kid() !== kid) {
    problems.push(`the seals are of another key than ${kid}`);
  }
  if (head !== undefined && !chain.isHeadFound) {
    problems.push("the remembered head is not in the chain: seals were removed or made anew");
  }
  const differing = balance.differing();
  if (differing.size > 0) {
    const found = await explain(lines(), { differing, isDue, giveWay });
    problems.push(...found.problems);
    unsealedEvents -= found.changedLater;
  }
  const untouched = chain.count === 0 ? "nothing_sealed" : "intact";
  return {
    state: problems.length > 0 ? "tampered" : untouched,
    head: chain.head(),
    seals: chain.count,
    sealedEvents: sealedEvents + chain.foldedEvents,
    unsealedEvents,
    expiredEvents: expiredEvents + chain.foldedEvents,
    problems,
  };

  async function readLeaves(leaves: readonly AuditLeaf[]) {
    for (const leaf of leaves) {
      chain.leaf(leaf);
      sealedEvents++;
      if (isDue(leaf)) undecided.set(leaf.id, leaf);
      else balance.add(leaf.id, leaf.digest);
      if (undecided.size >= leavesPerLookUp) await decide();
      await giveWay();
    }
  }

  /** An old leaf counts only if its event is stored. */
  async function decide() {
    if (storedAmong === undefined || undecided.size === 0) return;
    const old = undecided;
    undecided = new Map();
    const stored = await storedAmong([...old.values()]);
    for (const { id, digest } of old.values()) {
      if (stored.has(id)) balance.add(id, digest);
      else expiredEvents++;
    }
  }

  function readEvent({ id, sealed, event }: TrailLine & { kind: "event" }) {
    const waiting = undecided.get(id);
    if (waiting !== undefined && storedAmong === undefined) {
      undecided.delete(id);
      balance.add(id, waiting.digest);
    }
    if (sealed) balance.subtract(id, leafOf(id, event).digest);
    else unsealedEvents++;
  }
}

/** Whether the event of a leaf is past its retention, so that it may be deleted. */
function dueTest({ keptSince, keptSinceOfKind = {} }: VerifyOptions) {
  return ({ time, kind }: AuditLeaf): boolean =>
    time < ((kind === undefined ? undefined : keptSinceOfKind[kind]) ?? keptSince);
}
