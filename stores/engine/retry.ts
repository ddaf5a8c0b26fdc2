import type { Timers } from "./kv.ts";
import { StoreLimitExceeded, StoreUnavailable } from "./store_errors.ts";

const readRetries = 6;

interface ReadSurroundings {
  readonly timers: Timers;
  readonly random: { bytes(length: number): Uint8Array };
  readonly isOver?: () => boolean; // whether it is too late for another try
}

/**
 * Reads. If the read fails, tries again, at most 6 times, with full jitter of 2 to 64 ms.
 * @throws {StoreUnavailable} if the last try failed too
 */
export async function retryRead<T>(
  read: () => Promise<T>,
  { timers, random, isOver = () => false }: ReadSurroundings,
): Promise<T> {
  for (let retry = 1;; retry++) {
    try {
      return await read();
    } catch (cause) {
      if (cause instanceof StoreLimitExceeded) throw cause;
      if (retry > readRetries || isOver()) throw new StoreUnavailable("a read failed", { cause });
      await timers.sleep(jitter(2 ** retry, random));
    }
  }
}

/** A random delay of 0 to `most` ms (full jitter), so that conflicting steps spread out. */
export function jitter(most: number, random: { bytes(length: number): Uint8Array }): number {
  return (random.bytes(1)[0] ?? 0) / 255 * most;
}
