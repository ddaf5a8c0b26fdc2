/** Records with the same name, which independent commits add at the same moment, may become one. */
export interface Joint {
  readonly name: string;
  readonly by: Joiner;
}

export interface Joiner {
  /** The most records in one. */
  readonly most: number;
  /** The value that holds all of these, in their order. It is stored under the key of the first. */
  join(values: readonly unknown[]): unknown;
}

/** Which added records of a collection a local file may store as one. */
export interface Joining<T> extends Joiner {
  /** The same for records that can be one; null: this one stands alone. */
  nameOf(key: Deno.KvKey, record: T): string | null;
}

/** How a local file may store an added record as one with others; undefined: it stands alone. */
export function jointOf<T>(
  { key, collection: { family, joining } }: {
    readonly key: Deno.KvKey;
    readonly collection: { readonly family: string; readonly joining?: Joining<T> | undefined };
  },
  record: T,
): Joint | undefined {
  const name = joining?.nameOf(key, record) ?? null;
  return joining && name !== null ? { name: `${family} ${name}`, by: joining } : undefined;
}
