import type { AccessToken } from "../../stores/access_tokens.ts";
import { auditEventIn } from "../support/audit_records.ts";
import type { KvBackend, KvMutation } from "../../stores/engine/kv.ts";
import type { Grant } from "../../stores/grants.ts";
import * as interactions from "../../stores/interactions.ts";
import { type Action, actionsOf, type Change, isSweep } from "./actions.ts";
import { unprovenIn } from "./proven.ts";
import { isSessionAlive } from "./tokens.ts";

/** All that was ever stored, as the store itself saw it. */
export interface History {
  /** The store; every process's calls end here. */
  readonly store: KvBackend;
  /** The stored records, expired or not, by their key as JSON. */
  readonly records: ReadonlyMap<string, StoredRecord>;
  /** All actions in order. */
  readonly actions: readonly Action[];
  /** Sign-ins that did not use up their proof, as sentences. */
  readonly unproven: readonly string[];
  /** The keys, as JSON, of what was there before anybody watched. */
  readonly past: ReadonlySet<string>;
  /** Whether there was a record under a key, and was deleted. */
  wasDeleted(...key: readonly string[]): boolean;
  /** Keys of what was spent a second time. */
  readonly spentTwice: readonly string[];
  /** A grant as it was given, also when it has ended. */
  grantOf(grantId: string): Grant | undefined;
  /** A record by its key; undefined if there is none. */
  find<T>(...key: readonly string[]): T | undefined;
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
  const unproven: string[] = [];
  const deleted = new Set<string>();
  const spentTwice: string[] = [];
  const grants = new Map<string, Grant>();
  await store.commit({ checks: [], mutations: past });
  for (const mutation of past.flatMap(asRead)) apply(mutation);
  const before = new Set(records.keys());

  return {
    store: {
      ...store,
      async commit(batch) {
        const versionstamp = await store.commit(batch);
        if (versionstamp === null) return null;
        const mutations = batch.mutations.flatMap(asRead);
        const live = mutations.flatMap(({ type, key }) =>
          type === "delete" && key[0] === "sessions" && isSessionAlive({ find }, String(key[1]))
            ? [String(key[1])]
            : []
        );
        const changes = mutations.map(apply);
        if (isSweep(changes)) {
          unproven.push(...live.map((id) => `a session that is alive was swept up: ${id}`));
        }
        actions.push(...actionsOf(changes));
        unproven.push(...unprovenIn(changes));
        return versionstamp;
      },
    },
    records,
    past: before,
    actions,
    unproven,
    wasDeleted: (...key) => deleted.has(JSON.stringify(key)),
    spentTwice,
    grantOf: (grantId) => grants.get(grantId),
    find,
  };

  function find<T>(...key: readonly string[]): T | undefined {
    return records.get(JSON.stringify(key))?.record as T | undefined;
  }

  function apply(mutation: KvMutation): Change {
    const { key } = mutation;
    const name = JSON.stringify(key);
    const before = records.get(name)?.record;
    const after = mutation.type === "set" ? recordIn(mutation) : undefined;
    if (mutation.type === "set") records.set(name, { key, record: after });
    else records.delete(name);
    if (before !== undefined && after === undefined) deleted.add(name);
    if (key[0] === "grants" && after !== undefined) grants.set(String(key[1]), after as Grant);
    if (isSpentAgain(before, after)) spentTwice.push(name);
    return { family: String(key[0]), id: key.slice(1).map(String), before, after };
  }
}

/**
 * Some things are stored in another thing's record, and shown as records of their own: an event in its entry
 * in the order of time, and what a client got for itself in its access token.
 */
function asRead(mutation: KvMutation): KvMutation[] {
  const { key } = mutation;
  if (key[0] === "access_tokens" && mutation.type === "set") {
    const { ownGrant, grantId } = recordIn(mutation) as AccessToken;
    const value = { version: 1, record: ownGrant };
    return ownGrant ? [mutation, { type: "set", key: ["grants", grantId], value }] : [mutation];
  }
  if (key[0] !== "audit_events_by_time") return [mutation];
  if (mutation.type === "delete") {
    return [mutation, { type: "delete", key: ["audit_events", String(key.at(-1))] }];
  }
  const event = auditEventIn(key, mutation.value);
  if (event === null) return [mutation];
  const { id, ...record } = event;
  return [
    { ...mutation, value: { version: 1, record: {} } },
    { ...mutation, key: ["audit_events", id], value: { version: 1, record } },
  ];
}

/** The value of a record without its envelope. */
function recordIn({ key, value: stored, record }: Extract<KvMutation, { type: "set" }>): unknown {
  if (Array.isArray(stored)) {
    // A list without names. Of such records, a new installation has only events and their entries.
    if (record === undefined && key[0] !== "audit_events_by_person") {
      throw new Error(`${String(key[0])}?`);
    }
    return record ?? {};
  }
  if (key[0] === "interactions") {
    // It is stored as the previous release reads it.
    const raw = { key, value: stored, versionstamp: "1" };
    return interactions.all.decode(interactions.ref(String(key[1])), raw, 0).value;
  }
  return (stored as { record: unknown }).record;
}

/** A tombstone that names something else than before, though what it named then reached somebody. */
function isSpentAgain(before: unknown, after: unknown): boolean {
  const [first, second] = [before, after].map(spending);
  if (!first || !second || first.spentBy === null) return false;
  return second.spentBy !== first.spentBy && first.undelivered !== true;
}

function spending(record: unknown): { spentBy: string | null; undelivered?: boolean } | null {
  const isSpendable = typeof record === "object" && record !== null && "spentBy" in record;
  return isSpendable ? record as { spentBy: string | null } : null;
}
