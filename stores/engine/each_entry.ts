import type { Collection, Present } from "./collection.ts";
import type { Kv, Page } from "./step.ts";

/** All records of a family, or of a user in an index, read in pages and not checked. */
export async function* eachEntry<T>(
  { kv }: { readonly kv: Pick<Kv, "list"> },
  collection: Collection<T>,
  ...prefix: readonly string[]
): AsyncGenerator<Present<T>> {
  let cursor: string | null = null;
  do {
    const page: Page<T> = await kv.list({
      collection,
      prefix,
      limit: 200,
      asOf: 0, // expired records are still stored
      ...(cursor === null ? {} : { cursor }),
    });
    yield* page.entries;
    cursor = page.cursor;
  } while (cursor !== null);
}
