import type { Clock, CommitBatch, KvBackend, Timers } from "./kv.ts";
import { StoreUnavailable } from "./store_errors.ts";
import type { OpenTransaction } from "./open_transaction.ts";
import { type Attempt, markerLifetime, settle } from "./settle.ts";
import { type Origin, systemOrigin, type Transaction } from "./transaction.ts";

/** A commit whose step was answered 503, although the commit may have landed. */
export interface UnknownCommit {
  readonly attempt: Attempt;
  readonly tx: OpenTransaction;
  readonly batch: CommitBatch;
  readonly origin: Origin;
}

/** After the answer, finds out whether commits with an unknown outcome have landed. */
export interface BackgroundSettling {
  /** Keeps asking until the outcome is known. If the commit landed, marks its results as undelivered. */
  begin(commit: UnknownCommit): void;
  /** Whether this key was written by a commit that is not settled yet and may need a mark. */
  isUnsettled(key: string): boolean;
  /** Stops the settling that is under way, and waits until it has stopped. */
  stop(): Promise<void>;
}

interface SettlingSurroundings {
  readonly backend: KvBackend;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly observer: {
    landed?(batch: CommitBatch): void;
    undelivered?(): void;
    settlingFailed?(error: Error): void;
  };
  /** Runs the step that writes the mark. It may write keys that the unsettled commit wrote. */
  readonly mark: (origin: Origin, work: (tx: Transaction) => Promise<void>) => Promise<void>;
}

/**
 * After a 503 whose commit may have landed, a client that retries must not look like an attacker who
 * replays.
 */
export function backgroundSettling(surroundings: SettlingSurroundings): BackgroundSettling {
  const { backend, clock, timers, observer, mark } = surroundings;
  const closing = new AbortController();
  const background = new Set<Promise<void>>();
  const unsettled = new Set<ReadonlySet<string>>();

  return {
    begin(commit) {
      const { tx } = commit;
      const keys = new Set(tx.undeliveredMarks.length > 0 ? tx.contendedKeys() : []);
      unsettled.add(keys);
      const settling = settleLater(commit)
        .catch((error) => observer.settlingFailed?.(error))
        .finally(() => {
          unsettled.delete(keys);
          background.delete(settling);
        });
      background.add(settling);
    },
    isUnsettled: (key) => [...unsettled].some((keys) => keys.has(key)),
    async stop() {
      closing.abort();
      await Promise.all(background);
    },
  };

  async function settleLater({ attempt, tx, batch, origin }: UnknownCommit) {
    // Stop before the marker expires: without its marker, a landed attempt would look like a void one.
    const giveUpAt = attempt.now + markerLifetime / 2;
    let landed = false;
    for (let pause = 100; !closing.signal.aborted; pause = Math.min(pause * 2, 500)) {
      if (clock.seconds() > giveUpAt) break;
      await timers.sleep(pause, closing.signal);
      if (!landed) {
        const outcome = await settle(backend, attempt);
        if (outcome === "void") return;
        if (outcome === "unknown") continue;
        landed = true;
        observer.landed?.(batch);
        observer.undelivered?.();
      }
      if (await markUndelivered(tx, origin)) return;
    }
    throw new StoreUnavailable("a commit was never settled");
  }

  async function markUndelivered(tx: OpenTransaction, origin: Origin): Promise<boolean> {
    try {
      for (const work of tx.undeliveredMarks) {
        await mark({ ...origin, actor: systemOrigin.actor ?? "system" }, work);
      }
      return true;
    } catch (error) {
      if (error instanceof StoreUnavailable) return false;
      throw error;
    }
  }
}
