import type { AuditLeaf } from "../../stores/audit_seals.ts";
import type { GiveWay } from "../../stores/engine/pacer.ts";
import { partOf } from "./balance.ts";
import { leafOf } from "./leaf.ts";
import type { TrailLine } from "./trail.ts";

/** So that the memory is bounded even if all events were tampered with: a part is 1/4096 of the trail. */
const mostParts = 64;

export interface Explanation {
  readonly problems: readonly string[];
  /** Sealed events that were written again after their seal, so that they seemed to be unsealed. */
  readonly changedLater: number;
}

/** Names the events in which leaves and events differ, in the given parts of the trail. */
export async function explain(
  lines: AsyncIterable<TrailLine> | Iterable<TrailLine>,
  { differing, isDue, giveWay }: {
    readonly differing: ReadonlySet<number>;
    readonly isDue: (leaf: AuditLeaf) => boolean;
    readonly giveWay: GiveWay;
  },
): Promise<Explanation> {
  const looked = new Set([...differing].slice(0, mostParts));
  const problems: string[] = [];
  const leaves = new Map<string, AuditLeaf>();
  const seen = new Set<string>();
  let changedLater = 0;
  for await (const line of lines) {
    if (line.kind === "leaves") {
      for (const leaf of line.leaves) {
        if (looked.has(partOf(leaf.id))) leaves.set(leaf.id, leaf);
        await giveWay();
      }
    } else if (line.kind === "event" && looked.has(partOf(line.id))) checkEvent(line);
    await giveWay();
  }
  for (const leaf of leaves.values()) {
    if (!seen.has(leaf.id) && !isDue(leaf)) problems.push(`event ${leaf.id} was removed`);
  }
  if (differing.size > looked.size) {
    problems.push(`${differing.size - looked.size} more parts of the trail were tampered with`);
  }
  return { problems, changedLater };

  function checkEvent({ id, sealed, event }: TrailLine & { kind: "event" }) {
    if (seen.has(id)) return problems.push(`event ${id} is in the trail twice`);
    seen.add(id);
    const leaf = leaves.get(id);
    if (leaf === undefined) {
      if (sealed) problems.push(`event ${id} was inserted`);
      return;
    }
    if (!sealed) changedLater++;
    if (leafOf(id, event).digest !== leaf.digest) problems.push(`event ${id} was changed`);
  }
}
