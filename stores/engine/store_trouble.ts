import type { KvBackend } from "./kv.ts";

/** What no retry mends: pages of the file are not what was written, or there is no room for more. */
export type StoreTrouble = "damaged" | "full";

/** What SQLite says, by which alone an error of Deno KV tells its kind. */
const messages: readonly (readonly [RegExp, StoreTrouble])[] = [
  [/database disk image is malformed|file is not a database/, "damaged"],
  [/database or disk is full|disk I\/O error/, "full"],
];

/** The trouble that an error, or what caused it, tells of; null if it is of another kind. */
export function troubleOf(error: unknown): StoreTrouble | null {
  if (!(error instanceof Error)) return null;
  const known = messages.find(([message]) => message.test(error.message));
  return known?.[1] ?? troubleOf(error.cause);
}

/** A store that tells of its trouble, whoever met it. */
export function tellingTrouble(
  backend: KvBackend,
  tell: (trouble: StoreTrouble, error: Error) => void,
): KvBackend {
  return {
    ...backend,
    getMany: (keys) => backend.getMany(keys).catch(told),
    list: (selector, options) => backend.list(selector, options).catch(told),
    commit: (batch) => backend.commit(batch).catch(told),
  };

  function told(error: unknown): never {
    const trouble = troubleOf(error);
    if (trouble !== null && error instanceof Error) tell(trouble, error);
    throw error;
  }
}
