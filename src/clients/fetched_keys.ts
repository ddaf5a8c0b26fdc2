import type { FetchedKeys } from "../../stores/fetched_keys.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";

/** Seconds after which keys are fetched again for something whose key is not among them. */
export const shortestPause = 10;

/** An attempt that needs keys which a client or an issuer publishes, such as to verify a signature. */
export interface KeyTrial<T> {
  attempt(keys: readonly PublicJwk[]): Promise<T>;
  /** Whether the error of an attempt may mean that other keys are published by now. */
  mayBeAnotherKey(error: unknown): boolean;
  /** The error that has the keys fetched. @param triedAt when they were looked for; null: never */
  needed(triedAt: number | null): Error;
}

/**
 * Makes an attempt with published keys, and has them fetched first or again if it needs that.
 *
 * @param known the keys, as far as they have been fetched
 * @param now epoch seconds
 * @throws what `needed` makes, if they have to be looked at first, or once more
 */
export async function withFetchedKeys<T>(
  known: FetchedKeys | null,
  now: number,
  { attempt, mayBeAnotherKey, needed }: KeyTrial<T>,
): Promise<T> {
  if (known === null) throw needed(null);
  const mayFetch = now >= known.triedAt + shortestPause;
  if (now >= known.freshUntil && mayFetch) throw needed(known.triedAt);
  try {
    return await attempt(known.keys);
  } catch (error) {
    // The keys may have been changed: they are looked up once more, within a budget.
    if (mayFetch && mayBeAnotherKey(error)) throw needed(known.triedAt);
    throw error;
  }
}
