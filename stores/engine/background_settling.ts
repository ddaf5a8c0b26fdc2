import type { Clock, CommitBatch, KvBackend, Timers } from "./kv.ts";
import { StoreUnavailable } from "./kv.ts";
import type { OpenTransaction } from "./open_transaction.ts";
import { type Attempt, markerLifetime, settle } from "./settle.ts";
import { id, type Origin, systemOrigin, type Transaction } from "./transaction.ts";

/** A commit that was answered 503, and may have landed all the same. */
export interface UnknownCommit {
  readonly attempt: Attempt;
  readonly tx: OpenTransaction;
  readonly batch: CommitBatch;
  readonly origin: Origin;
}

/** Finds out, after the answer, what became of commits whose outcome was unknown. */
export interface BackgroundSettling {
  /** Goes on with one until it is known, and marks what nobody got the results of. */
  begin(commit: UnknownCommit): void;
  /** Whether a key is of a commit that is not settled yet, and that would have to be marked. */
  isUnsettled(key: string): boolean;
  /** Gives up what is under way, and waits for that. */
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
  /** Runs a step that marks; it may write what an unsettled commit wrote. */
  readonly mark: (origin: Origin, work: (tx: Transaction) => Promise<void>) => Promise<void>;
}

/** After a 503 whose commit may have landed, a client that retries must not look like a thief. */
export function backgroundSettling(surroundings: SettlingSurroundings): BackgroundSettling {
  const { backend, clock, timers, observer, mark } = surroundings;
  const closing = new AbortController();
  const background = new Set<Promise<void>>();
  const unsettled = new Set<ReadonlySet<string>>();

  return {
    begin(commit) {
      const { tx } = commit;
      const keys = new Set(tx.undeliveredMarks.length > 0 ? tx.contendedKeys().map(id) : []);
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
    // Not beyond the marker's life: without it a landed attempt would look like a void one.
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
