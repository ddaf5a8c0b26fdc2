/** What the store has under a key. */
export interface RawEntry {
  readonly key: Deno.KvKey;
  /** Null if `record` is there instead. */
  readonly value: unknown;
  /** Null: there is no record under this key. */
  readonly versionstamp: string | null;
  /** The record itself, frozen: this process wrote it, and has not forgotten it since. */
  readonly record?: unknown;
}
