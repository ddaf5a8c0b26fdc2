import type { DerivedValues } from "./derived.ts";
import type { Joint } from "./joining.ts";
import type { RawEntry } from "./raw_entry.ts";
import type { StoreMemory } from "./store_memory.ts";

/** The key-value store that the provider needs: Deno KV, or any substitute with the same guarantees. */
export interface KvBackend {
  /** Over KV Connect the outcome of a commit can be unknown. A local file always reports the outcome. */
  readonly remote: boolean;
  /** Reads at most 10 keys in one round trip. The answers are in the order of the keys. */
  getMany(keys: Deno.KvKey[]): Promise<RawEntry[]>;
  /**
   * The same batch without a wait, if this process remembers all of it; else null.
   * @param names of the keys, by `id`
   */
  recall?(names: readonly string[]): RawEntry[] | null;
  /** What was derived from remembered records. */
  readonly derived?: DerivedValues;
  /** One page, in the order of the keys. */
  list(selector: Deno.KvListSelector, options: ListOptions): Promise<RawPage>;
  /**
   * Applies all mutations if every check holds, else none.
   * @returns the versionstamp of all written records; null: a check failed
   */
  commit(batch: CommitBatch): Promise<string | null>;
  close(): void;
  /** The file that holds everything, if the store has one. */
  readonly file?: StoreFile;
  /** Present if no other process writes to the store, so that this one may remember what it wrote. */
  readonly memory?: StoreMemory;
}

/** The store's file, accessed directly and not through the store. */
export interface StoreFile {
  /**
   * Copies what was committed when the copy began; other processes can keep writing.
   * @param to a path where nothing exists yet
   * @returns the size of the copy in bytes
   */
  copy(to: string, signal: AbortSignal): Promise<number>;
  /** Makes a folder for copies unless it is there. @throws if the process cannot write a file there */
  assertCanCopyInto(folder: string): Promise<void>;
  /** The faults of the file, in SQLite's words; empty: none. It reads the whole file. */
  problems(signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Whether the file is still at its path. If somebody has removed or replaced it, the store goes on in a
   * file without a name, which is lost when the process ends. It reads nothing of the file.
   */
  isInPlace(): Promise<boolean>;
}

export interface RawPage {
  readonly entries: RawEntry[];
  /** The start of the next page; null on the last page. */
  readonly cursor: string | null;
}

export interface ListOptions {
  readonly limit: number;
  readonly cursor?: string;
  readonly reverse?: boolean;
}

export interface CommitBatch {
  readonly checks: readonly KvCheck[];
  readonly mutations: readonly KvMutation[];
}

export interface KvCheck {
  readonly key: Deno.KvKey;
  readonly name?: string; // the key by `id`, if that is known already
  readonly versionstamp: string | null;
}

export type KvMutation = Written | { readonly type: "delete"; key: Deno.KvKey; name?: string };

export interface Written extends Omit<KvCheck, "versionstamp"> {
  readonly type: "set";
  readonly value: unknown;
  readonly record?: unknown; // `value` before it was encoded
  readonly expireIn?: number; // milliseconds; it only reclaims space
  readonly isRare?: boolean; // hardly any request reads it
  readonly joint?: Joint; // it may share a record with others of its group
}

/** The time of day. */
export interface Clock {
  /** Epoch seconds, rounded down: what records carry. */
  seconds(): number;
  /** Epoch milliseconds, for windows and waits shorter than a second. */
  milliseconds(): number;
}

export interface Timers {
  /** Resolves after the given time, or at once if the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  seconds: () => Math.floor(Date.now() / 1000),
  milliseconds: () => Date.now(),
};

export const systemTimers: Timers = {
  sleep(milliseconds, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal?.addEventListener("abort", done);
    });
  },
};
