import type { KvBackend, KvMutation } from "../../stores/kv.ts";
import { type Action, actionsOf, type Change } from "./actions.ts";

/** All that was ever stored, as the store itself saw it. */
export interface History {
  /** The store; every process's calls end here. */
  readonly store: KvBackend;
  /** What is stored now, expired or not, by the key as JSON. */
  readonly records: ReadonlyMap<string, StoredRecord>;
  /** What was done, in its order. */
  readonly actions: readonly Action[];
  /** Whether a grant or a session that there was has ended. */
  hasEnded(what: "grant_ended" | "session_ended", id: string): boolean;
  /** A record by its key; undefined if there is none. */
  find<T>(...key: (string | number)[]): T | undefined;
}

export interface StoredRecord {
  readonly key: Deno.KvKey;
  readonly record: unknown;
}

/** Watches a store from now on; what is in it already is the past. */
export async function historyOf(
  store: KvBackend,
  past: readonly KvMutation[],
): Promise<History> {
  const records = new Map<string, StoredRecord>();
  const actions: Action[] = [];
  const ended = new Set<string>();
  await store.commit({ checks: [], mutations: past });
  for (const mutation of past) apply(mutation);

  return {
    store: {
      ...store,
      async commit(batch) {
        const held = await store.commit(batch);
        if (!held) return false;
        const changes = batch.mutations.map(apply);
        for (const action of actionsOf(changes)) {
          actions.push(action);
          ended.add(`${action.type} ${action.subject}`);
        }
        return true;
      },
    },
    records,
    actions,
    hasEnded: (type, id) => ended.has(`${type} ${id}`),
    find: <T>(...key: (string | number)[]) =>
      records.get(JSON.stringify(key))?.record as T | undefined,
  };

  function apply(mutation: KvMutation): Change {
    const { key } = mutation;
    const name = JSON.stringify(key);
    const before = records.get(name)?.record;
    const after = mutation.type === "set" ? recordIn(mutation.value) : undefined;
    if (mutation.type === "set") records.set(name, { key, record: after });
    else records.delete(name);
    return { family: String(key[0]), id: key.slice(1).map(String), before, after };
  }
}

/** Without its envelope. */
function recordIn(stored: unknown): unknown {
  return (stored as { record: unknown }).record;
}
