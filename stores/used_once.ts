import { z } from "zod";
import { type Collection, collection, type Entry, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import * as providers from "./provider.ts";

/** The trace of something that others sign and that is used once: what is found at the digest of its `jti`. */
const usedSchema = z.object({ expiresAt: z.int() });
export type Used = z.infer<typeof usedSchema>;

/** Describes a family of such traces. Only who uses something twice reads one. */
export function usedOnce(family: string): Collection<Used> {
  return collection({ family, version: 1, schema: usedSchema, isRarelyRead: true });
}

/** The time in which this server accepts something that others signed, in epoch seconds. */
export interface UsableTime {
  /** The first second. */
  readonly from: number;
  /** From this second on it is refused by its age, so its trace can be forgotten. */
  readonly until: number;
}

/**
 * The time in which a JWT is accepted, if nobody takes one that is good for too long, or from the future.
 * The caller refuses it before `from`, so that it cannot have been used earlier.
 *
 * @param rules the longest lifetime, and the tolerance for a clock that is wrong; both in seconds
 */
export function usableTimeOf(
  { exp, iat }: { readonly exp: number; readonly iat?: number | undefined },
  { longest, tolerance }: { readonly longest: number; readonly tolerance: number },
): UsableTime {
  const earliest = Math.max(exp - longest, iat ?? -Infinity) - tolerance;
  return { from: Math.ceil(earliest), until: Math.ceil(exp) + tolerance + 1 };
}

/**
 * Something that others signed and that was not used yet. It can only be spent by what `check` returned, so
 * that no kind forgets what a restored backup has forgotten.
 */
export class Unspent {
  readonly #at: Ref<Used>;
  readonly #until: number;

  private constructor(at: Ref<Used>, until: number) {
    this.#at = at;
    this.#until = until;
  }

  /**
   * Whether something can still be used, in a step that has read the record about the server.
   *
   * @param used the entry at its trace
   * @returns null: it was used, or may have been used before a backup was restored that has no trace of it
   */
  static check(tx: Transaction, used: Entry<Used>, { from, until }: UsableTime): Unspent | null {
    const { restoredAt } = providers.fetched(tx);
    if (used.value !== null || (restoredAt !== null && from <= restoredAt)) return null;
    return new Unspent(used.ref, until);
  }

  /** Adds its trace, in the commit of what it pays for. */
  spend(tx: Transaction) {
    tx.create(this.#at, { expiresAt: this.#until });
  }
}
