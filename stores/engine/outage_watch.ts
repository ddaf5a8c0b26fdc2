import type { Clock, KvBackend, Timers } from "./kv.ts";
import { StoreUnavailable } from "./store_errors.ts";

/** A store whose calls are watched. */
export interface OutageWatch {
  readonly backend: KvBackend;
  /** Whether other processes may still be settling commits that they sent during an outage. */
  isSettling(): boolean;
}

/** Milliseconds. A process needs one or two to settle its commits and mark undelivered results. */
const settlingTime = 5000;
/** Milliseconds. A commit counts as unknown after 3 s, and a call is made at least every second. */
const slow = 2000;
/** Milliseconds between two calls of an idle process. */
const heartbeat = 1000;

/**
 * Notices an outage of a remote store by calls that fail or are slow. Shortly after an outage, a spent
 * credential is no evidence of a replay: the process that spent it may have answered 503, and may not
 * have marked the results as undelivered yet.
 */
export function watchOutages(backend: KvBackend, clock: Clock): OutageWatch {
  if (!backend.remote) return { backend, isSettling: () => false };
  let troubledAt = -Infinity;
  return {
    backend: {
      ...backend,
      getMany: (keys) => watched(() => backend.getMany(keys)),
      list: (selector, options) => watched(() => backend.list(selector, options)),
      commit: (batch) => watched(() => backend.commit(batch)),
    },
    isSettling: () => clock.milliseconds() - troubledAt < settlingTime,
  };

  async function watched<T>(call: () => Promise<T>): Promise<T> {
    const began = clock.milliseconds();
    try {
      const answer = await call();
      if (clock.milliseconds() - began >= slow) troubledAt = clock.milliseconds();
      return answer;
    } catch (error) {
      troubledAt = clock.milliseconds();
      throw error;
    }
  }
}

/** Calls the store regularly, so that an idle process notices an outage too. */
export async function keepWatch(
  kv: { ping(): Promise<void> },
  timers: Timers,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await kv.ping().catch((error) => {
      if (!(error instanceof StoreUnavailable)) throw error;
    });
    await timers.sleep(heartbeat, signal);
  }
}
