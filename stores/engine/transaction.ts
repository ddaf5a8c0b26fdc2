import type { RandomSource } from "../../src/crypto/random.ts";
import type { Ids } from "./ids.ts";
import type { Entry, Peeked, Present, Ref } from "./collection.ts";
import type { Derivation } from "./derived.ts";

/** The origin of a step, as recorded in its audit events. */
export interface Origin {
  /** The client's IP address; null: the server acts by itself. */
  readonly address: string | null;
  /** Connects the event to the log lines of the same request. */
  readonly requestId: string | null;
  /** The actor, if it is not the user or client that the event names: `system`, `admin`. */
  readonly actor?: string;
  /** The form that the request has sent, if its effect happens once: see `carried_out_forms.ts`. */
  readonly formId?: string;
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
 * - `only_shown`: the value is part of an answer, and no write depends on it.
 * - `registration`: an administrator registered it; a change at the same moment counts from the next
 * request on.
 * - `to_be_ended`: the step ends it, and an end is final, whichever step comes first.
 * - `ended_by_holder`: only its holder can end it, and the holder sent this request.
 * - `checked_at_use`: each use of what the step writes reads it again.
 */
export type PeekReason =
  | "only_shown"
  | "registration"
  | "to_be_ended"
  | "ended_by_holder"
  | "checked_at_use";

/**
 * Collects the reads and writes of one step. All writes are committed at once, if all records that `read`
 * returned are unchanged.
 */
export interface Transaction {
  /** Epoch seconds when this run of the step began. */
  readonly now: number;
  /** The same moment in milliseconds. */
  readonly milliseconds: number;
  readonly origin: Origin;
  readonly random: RandomSource;
  /** Makes the ids of new records, and the secrets that lead to them. */
  readonly ids: Ids;
  /** Whether the store is a local file, which belongs to one process of one release. */
  readonly isLocal: boolean;
  /**
   * One batch of up to 10 keys; a null stays null. The commit checks every record found, and every
   * absence. `prefetched` is fetched in the same round trip, for a later `peek`.
   */
  read<R extends Refs>(refs: R, prefetched?: readonly Ref<unknown>[]): Promise<Entries<R>>;
  /**
   * Like `read`, for a record that an earlier call has fetched: without a wait.
   * @throws if none has fetched it
   */
  fetched<T>(ref: Ref<T>): Entry<T>;
  /**
   * Like `read`, but unchecked, for a step that writes. A step that only reads uses `read`. No write
   * accepts the entries that it returns.
   */
  peek<R extends Refs>(refs: R, because: PeekReason): Promise<PeekedEntries<R>>;
  /**
   * Remembers a value for `Kv.derived`. It must follow from records that this step has read, and from nothing
   * else: not from the time, not from chance, and from nothing of the request but its id. All that the step
   * has read by now counts as its source, so that nothing can be forgotten. A remote store remembers nothing.
   */
  remember<T>(kind: Derivation<T>, id: string, value: T): void;
  /** Fetches records for a later `read`, at the same time as another one. It returns and checks nothing. */
  prefetch(refs: readonly (Ref<unknown> | null)[]): Promise<void>;
  /** Writes if there is no record, or only an expired one. @throws {RecordExists} here or at the commit */
  create<T>(at: Ref<T>, value: T): void;
  replace<T>(entry: Present<T>, value: T): void;
  delete(entry: Present<unknown>): void;
  /** Writes under a fresh random id, so no check is needed. */
  add<T>(at: Ref<T>, value: T): void;
  /** Deletes unchecked: an end is final, whichever step brings it about. */
  end(at: Ref<unknown>): void;
  /**
   * Runs a part of the step whose error the caller is going to answer with writes of its own, and `refuse`.
   * What the part has written is taken back if it throws, so that nothing of it is committed with the
   * refusal; a `refuse` in it commits all.
   * @throws what the part throws
   */
  attempt<T>(part: () => Promise<T>): Promise<T>;
  /**
   * Commits the writes so far, then throws `error`: a refusal can have consequences. In a `catch` only
   * those belong to it that the caught part cannot have added: see `attempt`.
   */
  refuse(error: Error): never;
  /**
   * Call this before a spent credential is treated as a replay. Shortly after an outage, a client that
   * retries looks the same as an attacker, until the process that spent it has marked its results as
   * undelivered.
   * @throws {StoreUnavailable}
   */
  assertSettled(): void;
  /**
   * How to mark the results if the step landed but its answer was a 503, so that the client never got
   * them.
   */
  ifUndelivered(mark: (tx: Transaction) => Promise<void>): void;
}

/** Two steps tried to create the same record, and this one was second. */
export class RecordExists extends Error {
  override readonly name = "RecordExists";
}

/** Thrown by `refuse` and caught by the step, so that it works from any call depth. */
export class Refusal extends Error {
  constructor(readonly error: Error) {
    super(error.message);
  }
}

/** A key as a string, for maps. Our keys hold only strings and numbers. */
export function id(key: Deno.KvKey): string {
  return JSON.stringify(key);
}

/** The key of a place, a check or a mutation as a string. */
export function nameOf({ key, name }: { readonly key: Deno.KvKey; readonly name?: string }) {
  return name ?? id(key);
}

/** A place that is used again and again, with its key's name. */
export function named<T>(place: Ref<T>): Ref<T> {
  return { ...place, name: id(place.key) };
}
