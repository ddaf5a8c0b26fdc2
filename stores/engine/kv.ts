/** What the provider needs of a key-value store: Deno's own, or any stand-in that keeps its promises. */
export interface KvBackend {
  /** Over KV Connect a commit's outcome can be unknown; a local file always says what happened. */
  readonly remote: boolean;
  /** At most 10 keys, in one round trip; the answers stand in the order of the keys. */
  getMany(keys: Deno.KvKey[]): Promise<RawEntry[]>;
  /** One page, in the order of the keys. */
  list(selector: Deno.KvListSelector, options: ListOptions): Promise<RawPage>;
  /**
   * All of the mutations if every check holds, else none.
   *
   * @returns the versionstamp of all that was written; null: a check failed
   */
  commit(batch: CommitBatch): Promise<string | null>;
  close(): void;
  /** The file in which it keeps everything, of a store that has one. */
  readonly file?: StoreFile;
}

/** The file of a store, seen past the store. */
export interface StoreFile {
  /**
   * Copies what was committed when it begins, while others go on.
   *
   * @param to where nothing is yet
   * @returns the size of the copy in bytes
   */
  copy(to: string, signal: AbortSignal): Promise<number>;
  /** What is wrong with it, in the words of SQLite; empty: nothing. It reads the whole file. */
  problems(signal: AbortSignal): Promise<readonly string[]>;
}

export interface RawEntry {
  readonly key: Deno.KvKey;
  readonly value: unknown;
  /** Null: there is nothing under this key. */
  readonly versionstamp: string | null;
}

export interface RawPage {
  readonly entries: RawEntry[];
  /** Where the next page begins; null on the last one. */
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
  readonly versionstamp: string | null;
}

export type KvMutation =
  /** `expireIn` is in milliseconds, and only reclaims space. */
  | { readonly type: "set"; key: Deno.KvKey; value: unknown; expireIn?: number }
  | { readonly type: "delete"; key: Deno.KvKey };

/** The time of day. */
export interface Clock {
  /** Epoch seconds, rounded down: what records carry. */
  seconds(): number;
  /** Epoch milliseconds, for windows and waits that are shorter than a second. */
  milliseconds(): number;
}

export interface Timers {
  /** Resolves after a while; with an aborted signal, at once. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The store is out of reach, or too contended, for now: answered 503 with `Retry-After`. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** A step asked for more than a KV takes: a bug of ours, named before the store would refuse it. */
export class StoreLimitExceeded extends Error {
  override readonly name = "StoreLimitExceeded";
}

export const kvLimits = {
  /** A stock self-hosted server takes 10; a local file would take 100. */
  checks: 10,
  keysPerRead: 10,
  mutations: 1000,
  keyBytes: 2048,
} as const;

/** Wraps one handle of `Deno.openKv`. */
export function denoBackend(kv: Deno.Kv, options: { remote: boolean }): KvBackend {
  return {
    remote: options.remote,
    async getMany(keys) {
      const entries = await asNamedLimit(() => kv.getMany<unknown[]>(keys));
      return entries.map(({ key, value, versionstamp }) => ({ key, value, versionstamp }));
    },
    async list(selector, { limit, cursor, reverse }) {
      const iterator = kv.list<unknown>(selector, {
        limit,
        reverse: reverse ?? false,
        batchSize: Math.min(limit, 500),
        ...(cursor === undefined ? {} : { cursor }),
      });
      const entries: RawEntry[] = [];
      for await (const { key, value, versionstamp } of iterator) {
        entries.push({ key, value, versionstamp });
      }
      return { entries, cursor: entries.length === limit ? iterator.cursor : null };
    },
    async commit({ checks, mutations }) {
      const atomic = kv.atomic().check(...checks);
      for (const mutation of mutations) {
        if (mutation.type === "delete") atomic.delete(mutation.key);
        else if (mutation.expireIn === undefined) atomic.set(mutation.key, mutation.value);
        else atomic.set(mutation.key, mutation.value, { expireIn: mutation.expireIn });
      }
      const result = await asNamedLimit(() => atomic.commit());
      return result.ok ? result.versionstamp : null;
    },
    close() {
      kv.close();
    },
  };
}

/** The client checks sizes before it sends: such a refusal is certain, unlike any other throw. */
async function asNamedLimit<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Error && limitMessage.test(cause.message)) {
      throw new StoreLimitExceeded(cause.message, { cause });
    }
    throw cause;
  }
}

// Not just any "too many": "too many requests" passes, and is no bug of ours.
const limitMessage = /too large|too many (checks|mutations|ranges)/i;

const readRetries = 6;

interface ReadSurroundings {
  readonly timers: Timers;
  readonly random: { bytes(length: number): Uint8Array };
  /** Whether it is too late for one more try. */
  readonly isOver?: () => boolean;
}

/**
 * Reads, and where that fails reads again, at most 6 times, after full jitter of 2 to 64 ms.
 *
 * @throws {StoreUnavailable} when the last of them failed too
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

/** Somewhere between nothing and `most` milliseconds, so that those who collided do so no more. */
export function jitter(most: number, random: { bytes(length: number): Uint8Array }): number {
  return (random.bytes(1)[0] ?? 0) / 255 * most;
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
