import type { KvBackend } from "./kv.ts";

/** Faults that no retry can fix: the file is damaged, it is not at its path, or the disk is full. */
export type StoreTrouble = "damaged" | "removed" | "full";

/** The kind of call that met a fault. */
export type StoreCall = "read" | "commit";

/** SQLite's messages. They are the only way to recognise the kind of a Deno KV error. */
const messages: readonly (readonly [RegExp, StoreTrouble])[] = [
  [/database disk image is malformed|file is not a database/, "damaged"],
  [/database or disk is full|disk I\/O error/, "full"],
];

/** The fault that an error or its cause reports; null: another kind of error. */
export function troubleOf(error: unknown): StoreTrouble | null {
  if (!(error instanceof Error)) return null;
  const known = messages.find(([message]) => message.test(error.message));
  return known?.[1] ?? troubleOf(error.cause);
}

/** A store that reports every such fault to the observer, whichever caller met it. */
export function tellingTrouble(
  backend: KvBackend,
  tell: (trouble: StoreTrouble, error: Error, call: StoreCall) => void,
): KvBackend {
  const readFailed = during("read");
  const commitFailed = during("commit");
  return {
    ...backend,
    getMany: (keys) => backend.getMany(keys).catch(readFailed),
    list: (selector, options) => backend.list(selector, options).catch(readFailed),
    commit: (batch) => backend.commit(batch).catch(commitFailed),
  };

  function during(call: StoreCall) {
    return (error: unknown): never => {
      const trouble = troubleOf(error);
      if (trouble !== null && error instanceof Error) tell(trouble, error, call);
      throw error;
    };
  }
}
