import type { Collection, Present } from "../../stores/collection.ts";
import type { Page } from "../../stores/step.ts";
import type { Deps } from "../deps.ts";

/** All entries of a person in an index, a page at a time; unchecked. */
export async function* eachEntry<T>(
  deps: Deps,
  collection: Collection<T>,
  userId: string,
): AsyncGenerator<Present<T>> {
  let cursor: string | null = null;
  do {
    const page: Page<T> = await deps.kv.list({
      collection,
      prefix: [userId],
      limit: 200,
      ...(cursor === null ? {} : { cursor }),
    });
    yield* page.entries;
    cursor = page.cursor;
  } while (cursor !== null);
}
