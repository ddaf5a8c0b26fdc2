import type { KvBackend } from "./kv.ts";
import { StoreLimitExceeded } from "./store_errors.ts";
import { asLists, asTexts } from "./list_form.ts";
import type { RawEntry } from "./raw_entry.ts";

/**
 * The end of a record without one in a local file, in milliseconds: a thousand years from now. SQLite keeps
 * an index of ends, with the records that have none in the order of their keys. There an index entry of
 * each user would change a page of its own; with an end, what a commit adds stands together.
 *
 * SQLite deletes by the clock of the machine. One that is a century ahead for a minute must end no user.
 */
const hardlyEver = 1000 * 365 * 86_400_000;

/** Wraps one handle of `Deno.openKv`. */
export function denoBackend(kv: Deno.Kv, { remote }: { readonly remote: boolean }): KvBackend {
  const { written, read } = remote ? asLists : asTexts;
  const never = remote ? undefined : hardlyEver;
  return {
    remote,
    async getMany(keys) {
      const entries = await asNamedLimit(() => kv.getMany<unknown[]>(keys));
      return entries.map(({ key, value, versionstamp }) => ({
        key,
        value: read(value),
        versionstamp,
      }));
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
        entries.push({ key, value: read(value), versionstamp });
      }
      return { entries, cursor: entries.length === limit ? iterator.cursor : null };
    },
    async commit({ checks, mutations }) {
      const atomic = kv.atomic().check(...checks);
      for (const mutation of mutations) {
        if (mutation.type === "delete") atomic.delete(mutation.key);
        else {
          const { key, value, expireIn = never } = mutation;
          atomic.set(key, written(value), { expireIn });
        }
      }
      const result = await asNamedLimit(() => atomic.commit());
      return result.ok ? result.versionstamp : null;
    },
    close() {
      kv.close();
    },
  };
}

/**
 * The client checks sizes before it sends, so a size error is certain: nothing was written. Other errors
 * leave the outcome open.
 */
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

// Match the exact limits: "too many requests" is temporary, and not a bug in a step.
const limitMessage = /too large|too many (checks|mutations|ranges)/i;
