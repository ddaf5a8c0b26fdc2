import type { Entry, Ref } from "../../stores/engine/collection.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import * as fetchedKeys from "../../stores/fetched_keys.ts";
import type { FetchedKeys } from "../../stores/fetched_keys.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import type { Deps } from "../deps/deps.ts";
import { freshness } from "../outgoing/freshness.ts";
import { OutgoingRefused } from "../outgoing/refused.ts";

/** Seconds for which keys are used if they cannot be fetched again. */
const longestStale = 24 * 60 * 60;
/** Seconds for which it is remembered that none were found. */
const noneLifetime = 60 * 60;

/** Keys that somebody publishes, and for how many seconds they may be used without another look. */
export interface FoundKeys {
  readonly keys: PublicJwk[];
  readonly freshFor: number;
}

/** Seconds for which an answer with keys is fresh. */
export function keysFreshFor(headers: Headers): number {
  return freshness(headers, { least: 60, most: 86_400 });
}

/** Keys that are fetched for a step, and the record that keeps them. */
export interface KeySource<Kept extends FetchedKeys> {
  readonly at: Ref<Kept>;
  /** Whether the record has the keys of this source, and not those of an earlier one. */
  isOf(kept: Kept): boolean;
  fetch(): Promise<FoundKeys>;
  /** Logs why they cannot be fetched. */
  warn(problem: string): void;
  /** The record with these keys. */
  record(keys: FetchedKeys): Kept;
}

/**
 * Fetches keys and stores them, unless another request has looked since. A failure is logged, and stored as
 * a try.
 *
 * @param triedAt when the step found that they were looked for; null: never
 */
export async function fetchAndKeep<Kept extends FetchedKeys>(
  { kv }: Pick<Deps, "kv">,
  origin: Origin,
  source: KeySource<Kept>,
  triedAt: number | null,
): Promise<void> {
  const { entry: seen } = await kv.step(origin, (tx) => tx.read({ entry: source.at }));
  const known = ownKeys(seen);
  if (known !== null && (triedAt === null || known.triedAt > triedAt)) return;
  const found = await source.fetch().catch((error) => {
    if (!(error instanceof OutgoingRefused)) throw error;
    source.warn(error.message);
    return null;
  });
  await kv.step(origin, async (tx) => {
    const { entry } = await tx.read({ entry: source.at });
    const kept = keptKeys(ownKeys(entry), found, tx.now);
    fetchedKeys.keep(tx, entry, source.record(kept));
  });

  function ownKeys({ value }: Entry<Kept>): Kept | null {
    return value !== null && source.isOf(value) ? value : null;
  }
}

/** The record after an attempt to fetch keys. After a failure it keeps the earlier keys and notes the time. */
function keptKeys(
  before: FetchedKeys | null,
  found: FoundKeys | null,
  now: number,
): FetchedKeys {
  if (found !== null) {
    const freshUntil = now + found.freshFor;
    return { keys: found.keys, triedAt: now, freshUntil, expiresAt: freshUntil + longestStale };
  }
  if (before !== null) return { ...before, triedAt: now };
  return { keys: [], triedAt: now, freshUntil: now, expiresAt: now + noneLifetime };
}
