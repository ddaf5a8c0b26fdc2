import type { Config } from "../config/config.ts";

const day = 24 * 60 * 60;

/** Seconds for which a client that registered itself is kept if it is never used. */
export const unusedLifetime = 7 * day;

/**
 * Seconds that a used client is kept at least: longer than anything that was granted to it lives, so that
 * no live grant loses its client.
 */
export function leastLifetime({ lifetimes }: Pick<Config, "lifetimes">): number {
  return lifetimes.refreshTokenMax + lifetimes.accessToken + day;
}

/** The end of a client that is used now; longer than needed, so that it is written once a month. */
export function renewedEnd(config: Pick<Config, "lifetimes">, now: number): number {
  return now + leastLifetime(config) + 30 * day;
}
