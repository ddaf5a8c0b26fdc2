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
  /** `nothing_sealed`: there is no seal yet, so nothing can be verified. */
  readonly state: "intact" | "tampered" | "nothing_sealed";
  /** The digest of the newest seal, which covers all before it; null: there is none. */
  readonly head: string | null;
  readonly seals: number;
  readonly sealedEvents: number;
  /** Events newer than the newest seal: the next seal will contain them. */
  readonly unsealedEvents: number;
  /** Events past their retention that were deleted; their leaves still prove them. */
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
  /** The `kid` of the sealing key, if it is known from outside of the trail. */
  readonly kid?: string;
  /**
   * A head or a root from the log line that was written when its seal was made. It must still be in the
   * chain: an attacker who removes the newest seals, or makes all of them again, cannot keep it.
   */
  readonly head?: string;
  /** Called between pieces of the work, so that requests get their turn. */
  readonly giveWay?: GiveWay;
  /** Called with the number of lines checked. */
  readonly tell?: (lines: number) => Promise<void>;
}

/**
 * Verifies a trail: the chain of seals, each root against its leaves, and each event against its leaf. It
 * finds every event that was changed, removed or inserted after it was sealed.
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
 * Verifies an export of the trail, one JSON object per line, without the server.
 * @throws {Error} names the first line that does not belong to a trail
 */
export async function verifyExport(text: string, options: VerifyOptions): Promise<Verification> {
  const lines = text.split("\n").flatMap((line, index) =>
    line === "" ? [] : [trailLine(line, index + 1)]
  );
  return await verifyTrail(lines, options);
}

function trailLine(line: string, number: number): TrailLine {
  const { data } = trailLineSchema.safeParse(jsonOrNull(line));
  if (data === undefined) throw new Error(`line ${number} does not belong to an audit trail`);
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
