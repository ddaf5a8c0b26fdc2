import type { Collection, Present } from "./collection.ts";
import type { Kv, ListPage, Page } from "./step.ts";

type Lists = { readonly kv: Pick<Kv, "list"> };

/** All records of a family, or of a user in an index, expired ones too, not checked. */
export async function* eachEntry<T>(
  { kv }: Lists,
  collection: Collection<T>,
  ...prefix: readonly string[]
): AsyncGenerator<Present<T>> {
  for await (const entries of eachPage({ kv }, { collection, prefix, limit: 200, asOf: 0 })) {
    yield* entries;
  }
}

/** The pages of a list, one after the other. Each is read when it is asked for, and not checked. */
export async function* eachPage<T>(
  { kv }: Lists,
  options: Omit<ListPage<T>, "cursor">,
): AsyncGenerator<readonly Present<T>[]> {
  let cursor: string | null = null;
  do {
    const page: Page<T> = await kv.list({ ...options, ...(cursor === null ? {} : { cursor }) });
    yield page.entries;
    cursor = page.cursor;
  } while (cursor !== null);
}
