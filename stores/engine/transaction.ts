import type { RandomSource } from "../../src/crypto/random.ts";
import type { Entry, Peeked, Present, Ref } from "./collection.ts";

/** Who set a step off, as its audit events tell it. */
export interface Origin {
  /** The client's address, or null for what the server does by itself. */
  readonly address: string | null;
  /** Finds the log lines of the same request. */
  readonly requestId: string | null;
  /** Who acts, where it is not the person or client that the event names: `system`, `admin`. */
  readonly actor?: string;
}

export const systemOrigin: Origin = { address: null, requestId: null, actor: "system" };

export type Refs = Readonly<Record<string, Ref<unknown> | null>>;
export type Entries<R extends Refs> = {
  [Name in keyof R]: R[Name] extends Ref<infer T> ? Entry<T>
    : R[Name] extends Ref<infer T> | null ? Entry<T> | null
    : null;
};

export type PeekedEntries<R extends Refs> = {
  [Name in keyof R]: R[Name] extends Ref<infer T> ? Peeked<T>
    : R[Name] extends Ref<infer T> | null ? Peeked<T> | null
    : null;
};

/**
 * Why a step may use a record that can change before its commit:
 *
 * - `only_shown`: the value is part of an answer and decides nothing that is written.
 * - `registration`: an administrator registered it; a change at the same moment counts from the next
 *   request on.
 * - `to_be_ended`: the step ends it, and an end is final, whoever comes first.
 * - `ended_by_holder`: only its holder can end it, and the holder sent this request.
 */
export type PeekReason = "only_shown" | "registration" | "to_be_ended" | "ended_by_holder";

/**
 * Collects what one step reads and writes. All of it is committed at once, on the condition that
 * everything that `read` returned is still as it was.
 */
export interface Transaction {
  /** Epoch seconds when this run of the step began. */
  readonly now: number;
  /** The same moment in milliseconds. */
  readonly milliseconds: number;
  readonly origin: Origin;
  readonly random: RandomSource;
  /**
   * One batch of up to 10 keys; a null stays null. What it found, absence too, is checked at the
   * commit. `along` is fetched in the same round trip, for a `peek` that follows.
   */
  read<R extends Refs>(refs: R, along?: readonly Ref<unknown>[]): Promise<Entries<R>>;
  /**
   * Like `read`, but unchecked, so it is for a step that writes: one that only reads uses `read`. The
   * entries that it returns are accepted by no write.
   */
  peek<R extends Refs>(refs: R, because: PeekReason): Promise<PeekedEntries<R>>;
  /** Fetches records for a `read` that follows, beside another one. It returns and checks nothing. */
  prefetch(refs: readonly (Ref<unknown> | null)[]): Promise<void>;
  /** Writes where nothing is, or something that has expired. @throws {RecordExists} here or at the commit */
  create<T>(at: Ref<T>, value: T): void;
  replace<T>(entry: Present<T>, value: T): void;
  delete(entry: Present<unknown>): void;
  /** Writes under a fresh random id, which needs no check. */
  add<T>(at: Ref<T>, value: T): void;
  /** Deletes unchecked: an end is final, whoever brings it about. */
  end(at: Ref<unknown>): void;
  /** Commits what the step has added, then throws `error`: a refusal can have consequences. */
  refuse(error: Error): never;
  /**
   * Comes before something spent is taken for stolen: shortly after an outage an honest retry looks the
   * same, until the process that spent it has marked that nobody got the results.
   *
   * @throws {StoreUnavailable}
   */
  assertSettled(): void;
  /** What to do when the step landed but its answer was a 503, so that nobody has its results. */
  ifUndelivered(mark: (tx: Transaction) => Promise<void>): void;
}

/** Two steps wanted to create one record, and this one came second. */
export class RecordExists extends Error {
  override readonly name = "RecordExists";
}

/** Thrown by `refuse` and caught by the step, so that it works from any depth. */
export class Refusal extends Error {
  constructor(readonly error: Error) {
    super(error.message);
  }
}

/** A key as a string, for maps; our keys hold strings and numbers only. */
export function id(key: Deno.KvKey): string {
  return JSON.stringify(key);
}
