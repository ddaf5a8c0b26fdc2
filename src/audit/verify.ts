import { compactVerify, importJWK } from "jose";
import type { AuditLeaf } from "../../stores/audit_seals.ts";
import type { GiveWay } from "../../stores/engine/pacer.ts";
import { digest } from "../crypto/digest.ts";
import { jsonOrNull } from "../protocol/json.ts";
import { leafOf, leafText } from "./leaf.ts";
import { merkleTree } from "./merkle.ts";
import type { SealPayload } from "./seal_signature.ts";
import { type TrailLine, trailLineSchema } from "./trail.ts";

export interface Verification {
  /** `nothing_sealed`: there is no seal yet, so nothing could be found out. */
  readonly state: "intact" | "tampered" | "nothing_sealed";
  /** The digest of the newest seal, which covers all before it; null: there is none. */
  readonly head: string | null;
  readonly seals: number;
  readonly sealedEvents: number;
  /** Events that are younger than the newest seal: the next one takes them in. */
  readonly unsealedEvents: number;
  /** Events that are older than they are kept, and were removed; their leaves still prove them. */
  readonly expiredEvents: number;
  /** In words, with the id of the event or the number of the seal; none: nothing was tampered with. */
  readonly problems: readonly string[];
}

export interface VerifyOptions {
  /** Epoch milliseconds; an event from before may be gone. */
  readonly keptSince: number;
  /** The `kid` of the key that seals, where it is known from elsewhere than from the trail itself. */
  readonly kid?: string;
  /**
   * A head or a root that was noted when its seal was made, as the log tells it. It must still be in the
   * chain: who cuts off the newest seals, or makes all of them anew, cannot keep it.
   */
  readonly head?: string;
  /** Called between bits of the work, to let requests have their turn. */
  readonly giveWay?: GiveWay;
  /** Is told how many lines were checked. */
  readonly tell?: (lines: number) => Promise<void>;
}

/**
 * Verifies a trail: the chain of seals, each root over its leaves, and each event against its leaf. It
 * finds every event that was changed, removed or inserted since it was sealed.
 */
export async function verifyTrail(
  lines: AsyncIterable<TrailLine> | Iterable<TrailLine>,
  options: VerifyOptions,
): Promise<Verification> {
  const nothing = () => Promise.resolve();
  const { keptSince, kid, head, giveWay = nothing, tell = nothing } = options;
  let checked = 0;
  const problems: string[] = [];
  const leaves = new Map<string, AuditLeaf>();
  const seen = new Set<string>();
  let publicJwk: Record<string, unknown> | null = null;
  let open: { jws: string; sequence: number; leaves: AuditLeaf[] } | null = null;
  let previous: string | null = null;
  let seals = 0;
  let unsealedEvents = 0;
  let isHeadFound = false;

  for await (const line of lines) {
    if (line.kind !== "leaves") await closeSeal();
    if (line.kind === "key") publicJwk = line.publicJwk;
    else if (line.kind === "seal") open = { ...line, leaves: [] };
    else if (line.kind === "leaves") open?.leaves.push(...line.leaves);
    else await checkEvent(line);
    await giveWay();
    if (++checked % 100 === 0) await tell(checked);
  }
  await closeSeal();
  if (kid !== undefined && seals > 0 && publicJwk?.kid !== kid) {
    problems.push(`the seals are of another key than ${kid}`);
  }

  if (head !== undefined && !isHeadFound) {
    problems.push("the remembered head is not in the chain: seals were removed or made anew");
  }

  let expiredEvents = 0;
  for (const { id, time } of leaves.values()) {
    await giveWay();
    if (seen.has(id)) continue;
    if (time < keptSince) expiredEvents++;
    else problems.push(`event ${id} was removed`);
  }
  const untouched = seals === 0 ? "nothing_sealed" : "intact";
  return {
    state: problems.length > 0 ? "tampered" : untouched,
    head: previous,
    seals,
    sealedEvents: leaves.size,
    unsealedEvents,
    expiredEvents,
    problems,
  };

  async function closeSeal() {
    if (open === null) return;
    const { jws, sequence, leaves: list } = open;
    open = null;
    seals++;
    const payload = await payloadOf(jws, publicJwk);
    if (payload === null) return problems.push(`seal ${sequence} is not signed by the audit key`);
    if (payload.sequence !== seals || sequence !== seals) {
      problems.push(`seal ${seals} is missing`);
      seals = sequence;
    }
    if (payload.previous !== previous) {
      problems.push(`seal ${sequence} does not follow the one before it`);
    }
    previous = await digest(jws);
    if (head === previous || head === payload.root) isHeadFound = true;
    const tree = merkleTree();
    for (const leaf of list) {
      tree.add(leafText(leaf));
      leaves.set(leaf.id, leaf);
      await giveWay();
    }
    if (payload.count !== list.length || payload.root !== tree.root()) {
      problems.push(`the leaves of seal ${sequence} were changed`);
    }
  }

  async function checkEvent({ id, sealed, event }: TrailLine & { kind: "event" }) {
    if (seen.has(id)) return;
    seen.add(id);
    const leaf = leaves.get(id);
    if (leaf === undefined) {
      if (sealed) problems.push(`event ${id} was inserted`);
      else unsealedEvents++;
    } else if ((await leafOf(id, event)).digest !== leaf.digest) {
      problems.push(`event ${id} was changed`);
    }
  }
}

/**
 * Verifies an export of the trail, one JSON object a line, without the server.
 *
 * @throws {Error} naming the first line that is not of a trail
 */
export async function verifyExport(text: string, options: VerifyOptions): Promise<Verification> {
  const lines = text.split("\n").flatMap((line, index) =>
    line === "" ? [] : [trailLine(line, index + 1)]
  );
  return await verifyTrail(lines, options);
}

function trailLine(line: string, number: number): TrailLine {
  const { data } = trailLineSchema.safeParse(jsonOrNull(line));
  if (data === undefined) throw new Error(`line ${number} is none of its lines`);
  return data;
}

async function payloadOf(
  jws: string,
  publicJwk: Record<string, unknown> | null,
): Promise<SealPayload | null> {
  if (publicJwk === null) return null;
  try {
    const key = await importJWK(publicJwk, "EdDSA");
    const { payload } = await compactVerify(jws, key, { algorithms: ["EdDSA"] });
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return null;
  }
}
