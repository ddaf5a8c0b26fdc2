import type { Clock, KvBackend, Timers } from "./kv.ts";
import { StoreUnavailable } from "./kv.ts";

/** A store whose calls are watched. */
export interface OutageWatch {
  readonly backend: KvBackend;
  /** Whether other processes may still be settling what they sent during an outage. */
  isSettling(): boolean;
}

/** Milliseconds, of which a process needs one or two to settle, and to mark what reached nobody. */
const settlingTime = 5000;
/** Milliseconds. A commit is given up for unknown after 3 s, and somebody calls every second. */
const slow = 2000;
/** Milliseconds between two calls of a process that has nothing else to do. */
const heartbeat = 1000;

/**
 * Notices an outage of a remote store by calls that fail, or come back late. Shortly after it a
 * credential that was spent by another process tells nothing: that process may have answered 503, and
 * not yet had the time to mark that nobody got the results.
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

/** Calls the store again and again, so that a process without requests notices an outage too. */
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
