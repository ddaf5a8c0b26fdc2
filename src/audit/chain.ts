import type { AuditLeaf } from "../../stores/audit_seals.ts";
import { digest } from "../crypto/digest.ts";
import { leafText } from "./leaf.ts";
import { merkleTree } from "./merkle.ts";
import { openSeal } from "./seal_signature.ts";

/** Verifies the chain of seals, which is read in order: each seal, then its leaves. */
export interface SealChain {
  key(publicJwk: Record<string, unknown>): void;
  seal(seal: { readonly sequence: number; readonly jws: string }): Promise<void>;
  leaf(leaf: AuditLeaf): void;
  /** Call it after the last seal. */
  end(): Promise<void>;
  readonly count: number;
  /** Events of seals whose leaves were deleted, as a later seal signs. */
  readonly foldedEvents: number;
  readonly isHeadFound: boolean;
  /** The digest of the newest seal; null: there is none. */
  head(): string | null;
  kid(): unknown;
  problems(): readonly string[];
}

/** @param head a remembered head or root, to be found in the chain */
export function sealChain(head?: string): SealChain {
  const problems: string[] = [];
  /** Seals whose leaves do not fit, with the number of missing ones: a later seal must declare them as folded. */
  const unfit = new Map<number, number>();
  let publicJwk: Record<string, unknown> | null = null;
  let open: { jws: string; sequence: number; leaves: number } | null = null;
  let tree = merkleTree();
  let previous: string | null = null;
  let [count, foldedTo, foldedEvents] = [0, 0, 0];
  let isHeadFound = false;

  return {
    key: (jwk) => void (publicJwk = jwk),
    async seal({ sequence, jws }) {
      await close();
      open = { sequence, jws, leaves: 0 };
      tree = merkleTree();
    },
    leaf(leaf) {
      if (open === null) return;
      tree.add(leafText(leaf));
      open.leaves++;
    },
    async end() {
      await close();
      for (const [sequence, events] of unfit) {
        if (sequence <= foldedTo) foldedEvents += events;
        else problems.push(`the leaves of seal ${sequence} were changed`);
      }
    },
    get count() {
      return count;
    },
    get foldedEvents() {
      return foldedEvents;
    },
    get isHeadFound() {
      return isHeadFound;
    },
    head: () => previous,
    kid: () => publicJwk?.kid,
    problems: () => problems,
  };

  async function close() {
    if (open === null) return;
    const { jws, sequence, leaves } = open;
    open = null;
    count++;
    const payload = await openSeal(jws, publicJwk);
    if (payload === null) {
      problems.push(`seal ${sequence} is not signed by the audit key`);
      return;
    }
    if (payload.sequence !== count || sequence !== count) {
      problems.push(`seal ${count} is missing`);
      count = sequence;
    }
    if (payload.previous !== previous) {
      problems.push(`seal ${sequence} does not follow the one before it`);
    }
    previous = await digest(jws);
    if (head === previous || head === payload.root) isHeadFound = true;
    foldedTo = Math.max(foldedTo, payload.foldedTo ?? 0);
    if (payload.count !== leaves || payload.root !== tree.root()) {
      unfit.set(sequence, payload.count - leaves);
    }
  }
}
