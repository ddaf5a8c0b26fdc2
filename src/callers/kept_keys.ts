import type { FetchedKeys, PublicJwk } from "../../stores/public_jwk.ts";
import { freshness } from "../outgoing/freshness.ts";

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
  return freshness(headers, { least: 60, usual: 3600, most: 86_400 });
}

/** What is stored after a look for keys. One that failed keeps the keys of before, and is noted. */
export function keptKeys(
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
