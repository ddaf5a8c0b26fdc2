/** What the store has under a key. */
export interface RawEntry {
  readonly key: Deno.KvKey;
  readonly value: unknown;
  /** Null: there is no record under this key. */
  readonly versionstamp: string | null;
}
