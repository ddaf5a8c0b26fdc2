import { type AuditEvent, eventsIn } from "../../stores/audit_event_record.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as auditSeals from "../../stores/audit_seals.ts";
import type { Challenge, ChallengeType } from "../../stores/challenges.ts";
import * as clients from "../../stores/clients.ts";
import type { Collection, Ref } from "../../stores/engine/collection.ts";
import type { Derivation } from "../../stores/engine/derived.ts";
import type { CommitBatch, KvBackend, KvMutation } from "../../stores/engine/kv.ts";
import type { RawEntry } from "../../stores/engine/raw_entry.ts";
import * as grants from "../../stores/grants.ts";
import * as passkeyRecords from "../../stores/passkeys.ts";
import * as refreshTokenFamilies from "../../stores/refresh_token_families.ts";
import type { RequestCount } from "../../stores/request_counts.ts";
import * as requestCounts from "../../stores/request_counts.ts";
import type { User } from "../../stores/users.ts";
import * as users from "../../stores/users.ts";

/** Breaks the seam between the provider and its store. */
export type Sabotage = (backend: KvBackend) => KvBackend;

export const codes = ["authorization_codes"];
export const passkeys = ["passkeys"];
export const families = ["refresh_token_families"];

/** Changes each batch on its way; that of settling is left alone. */
export function batches(change: (batch: CommitBatch) => CommitBatch): Sabotage {
  return (backend) => ({ ...backend, commit: (batch) => backend.commit(change(batch)) });
}

/** Drops mutations. */
export function mutations(isKept: (mutation: KvMutation) => boolean): Sabotage {
  return batches(({ checks, mutations }) => ({ checks, mutations: mutations.filter(isKept) }));
}

/** A challenge of this type looks as if nobody had used it. */
export function unspent(type: ChallengeType): Sabotage {
  return mutations((mutation) => {
    const challenge = recordIn<Challenge>(mutation, ["challenges"]);
    return challenge === undefined || challenge.type !== type || challenge.spentBy === null;
  });
}

/** Each record of a family is stored with changes, in the form in which this store has it. */
function stored<T>(
  { collection }: Ref<T>,
  change: (record: T, key: Deno.KvKey) => T,
): Sabotage {
  return batches(({ checks, mutations }) => ({
    checks,
    mutations: mutations.map((mutation) => {
      if (mutation.type !== "set") return mutation;
      const changed = changedIn(collection, mutation, change);
      return changed ? { ...mutation, ...changed } : mutation;
    }),
  }));
}

/** Each record of a family is read with changes. */
function found<T>({ collection }: Ref<T>, change: (record: T) => T): Sabotage {
  return (backend) => ({
    ...backend,
    async getMany(keys) {
      const entries = await backend.getMany(keys);
      return entries.map((entry) => {
        const changed = changedIn(collection, entry, change);
        return changed ? { ...entry, value: changed.value } : entry;
      });
    },
  });
}

/** A stored record with changes: a list stays a list, packed as its collection does it. */
function changedIn<T>(
  collection: Collection<T>,
  { key, value }: { readonly key: Deno.KvKey; readonly value: unknown },
  change: (record: T, key: Deno.KvKey) => T,
): { readonly value: unknown; readonly record: T } | null {
  const before = storedAs(collection, { key, value });
  if (before === null) return null;
  const record = change(before, key);
  return { record, value: collection.encode({ collection, key }, record, Array.isArray(value)) };
}

/** A stored record of this collection, expired or not; null: it is none of it. */
function storedAs<T>(
  collection: Collection<T>,
  { key, value }: { readonly key: Deno.KvKey; readonly value: unknown },
): T | null {
  if (key[0] !== collection.family || value === null) return null;
  return collection.decode({ collection, key }, { key, value, versionstamp: "1" }, 0).value;
}

/** Each seal looks as if its pass were complete. */
export const forgettingThePass: Sabotage = stored(
  auditSeals.ref(0),
  (seal) => seal.pass ? { ...seal, until: seal.pass.upTo, pass: null } : seal,
);

/** Each count of requests is stored with changes. */
export function requestCountsWith(change: (count: RequestCount) => RequestCount): Sabotage {
  return stored(requestCounts.ref("any"), change);
}

/** Each grant looks as if it were one of scopes alone. */
export const withoutDetails: Sabotage = stored(
  grants.ref("any"),
  ({ details: _, ...grant }) => grant,
);

/** Each passkey looks as if it had never signed anything. */
export const forgettingCounters: Sabotage = found(
  passkeyRecords.ref("any"),
  (passkey) => ({ ...passkey, counter: 0 }),
);

/** A record is remembered until a commit that checked it fails, whatever was written meanwhile. */
export function rememberingTooLong(backend: KvBackend): KvBackend {
  const remembered = new Map<string, RawEntry>();
  return {
    ...backend,
    async getMany(keys) {
      const known = keys.map((key) => remembered.get(JSON.stringify(key)));
      if (known.every((entry) => entry !== undefined)) return known;
      const found = await backend.getMany(keys);
      for (const entry of found) remembered.set(JSON.stringify(entry.key), entry);
      return found;
    },
    async commit(batch) {
      const versionstamp = await backend.commit(batch);
      if (versionstamp === null) remembered.clear();
      return versionstamp;
    },
  };
}

/** What was derived is remembered, whatever becomes of the records that it follows from. */
export function derivingForever(backend: KvBackend): KvBackend {
  const values = new Map<string, unknown>();
  return {
    ...backend,
    derived: {
      find: <T>({ kind }: Derivation<T>, id: string) => values.get(`${kind} ${id}`) as T ?? null,
      keep: ({ kind }, id, value) => void values.set(`${kind} ${id}`, value),
      clear() {},
    },
  };
}

/** Of records that become one, the last is left out. */
export const losingSharedEvents: Sabotage = batches(({ checks, mutations }) => ({
  checks,
  mutations: mutations.map((mutation) => {
    if (mutation.type !== "set" || mutation.joint === undefined) return mutation;
    const { name, by } = mutation.joint;
    const join = (values: readonly unknown[]) => by.join(values.slice(0, -1));
    return { ...mutation, joint: { name, by: { ...by, join } } };
  }),
}));

/** A list that begins with an entry of the trail begins after it. */
export function leavingEntriesOut(backend: KvBackend): KvBackend {
  return {
    ...backend,
    list(selector, options) {
      if (!("start" in selector) || selector.start.length !== 3) {
        return backend.list(selector, options);
      }
      const isTrail = selector.start[0] === auditEvents.byTime.family;
      const start = isTrail ? [...selector.start, 0] : selector.start;
      return backend.list({ ...selector, start }, options);
    },
  };
}

export function recordIn<T>(mutation: KvMutation, of: readonly string[]): T | undefined {
  if (mutation.type !== "set") return undefined;
  const [event] = of.includes("audit_events")
    ? eventsIn({ checks: [], mutations: [mutation] })
    : [];
  if (event) return event as T;
  if (!of.includes(String(mutation.key[0]))) return undefined;
  if (Array.isArray(mutation.value)) return mutation.record as T; // a list without names
  return (mutation.value as { record: T }).record;
}

export function withoutChecks({ checks, mutations }: CommitBatch): CommitBatch {
  return { checks: checks.filter(isMarker), mutations };
}

/** A person's record keeps some of what it was first read with. */
export function keeping(part: (user: User) => Partial<User>): Sabotage {
  return (backend) => {
    const first = new Map<string, Partial<User>>();
    const { commit } = stored<User>(
      users.ref("any"),
      (user, key) => ({ ...user, ...first.get(nameOf({ key })) }),
    )(backend);
    return {
      ...backend,
      async getMany(keys) {
        const found = await backend.getMany(keys);
        for (const entry of found) {
          const user = storedAs<User>(users.all, entry);
          if (user !== null && !first.has(nameOf(entry))) first.set(nameOf(entry), part(user));
        }
        return found;
      },
      commit,
    };
  };
}

/** The first token of a client's registration looks like the one before the newest. */
export function keepingTheFirstToken(backend: KvBackend): KvBackend {
  const first = new Map<string, string>();
  return stored(clients.ref("any"), (client, key) => {
    if (!client.registration) return client;
    const previousDigest = first.get(nameOf({ key })) ?? client.registration.accessTokenDigest;
    first.set(nameOf({ key }), previousDigest);
    return { ...client, registration: { ...client.registration, previousDigest } };
  })(backend);
}

/** The challenge alone goes first, and the rest follows. */
export function spendingMailApart(backend: KvBackend): KvBackend {
  return {
    ...backend,
    async commit(batch) {
      const isSpent = (mutation: KvMutation) => {
        const challenge = recordIn<Challenge>(mutation, ["challenges"]);
        return challenge !== undefined && challenge.type !== "session_token" &&
          challenge.spentBy !== null;
      };
      const spent = batch.mutations.filter(isSpent);
      if (spent.length === 0) return await backend.commit(batch);
      const others = batch.mutations.filter((mutation) => !isSpent(mutation));
      const held = await backend.commit({ checks: batch.checks, mutations: spent });
      return held && await backend.commit({ checks: [], mutations: others });
    },
  };
}

function isMarker({ key }: { readonly key: Deno.KvKey }): boolean {
  return key[0] === "step_markers";
}

function isVoiding({ mutations }: CommitBatch): boolean {
  return mutations.length === 1 && mutations.every(isMarker);
}

/** The second half follows the first, unchecked, as of two steps of which one was forgotten. */
export function splitCommits(backend: KvBackend): KvBackend {
  return {
    ...backend,
    async commit({ checks, mutations }) {
      const half = Math.ceil(mutations.length / 2);
      const held = await backend.commit({ checks, mutations: mutations.slice(0, half) });
      if (held && half < mutations.length) {
        await backend.commit({ checks: [], mutations: mutations.slice(half) });
      }
      return held;
    },
  };
}

/** The marker of a commit that was answered `ok: false` is not found. */
export function believingRefusals(backend: KvBackend): KvBackend {
  const refused = new Set<string>();
  return {
    ...backend,
    async commit(batch) {
      const held = await backend.commit(batch);
      const marker = batch.mutations.find(isMarker);
      if (marker && isVoiding(batch)) refused.delete(nameOf(marker));
      else if (marker && !held) refused.add(nameOf(marker));
      return held;
    },
    async getMany(keys) {
      const found = await backend.getMany(keys);
      return found.map((entry) => refused.has(nameOf(entry)) ? absent(entry) : entry);
    },
  };
}

/** While the marker does not exist yet, settling wrongly learns that the attempt is void. */
export function withoutVoiding(backend: KvBackend): KvBackend {
  const asked = new Map<string, unknown>();
  return {
    ...backend,
    async commit(batch) {
      const [marker] = batch.mutations;
      if (!isVoiding(batch) || marker?.type !== "set") return await backend.commit(batch);
      asked.set(nameOf(marker), marker.value);
      return null;
    },
    async getMany(keys) {
      const found = await backend.getMany(keys);
      return found.map((entry) => {
        const value = asked.get(nameOf(entry));
        const isVoid = value !== undefined && entry.versionstamp === null;
        return isVoid ? { key: entry.key, value, versionstamp: "0".repeat(20) } : entry;
      });
    },
  };
}

/** A refusal that ends a grant for this reason writes nothing at all. */
export function withoutEnds(reason: string): Sabotage {
  return (backend) => ({
    ...backend,
    commit: (batch) => {
      const isEnd = batch.mutations.some((mutation) =>
        recordIn<AuditEvent>(mutation, ["audit_events"])?.reason === reason
      );
      return isEnd ? Promise.resolve("0".repeat(20)) : backend.commit(batch);
    },
  });
}

/** Each family looks as if its newest token had reached nobody. */
export const acceptingThePrevious: Sabotage = found(
  refreshTokenFamilies.ref("any"),
  (family) => ({ ...family, undelivered: true }),
);

function absent({ key }: RawEntry): RawEntry {
  return { key, value: null, versionstamp: null };
}

function nameOf({ key }: { readonly key: Deno.KvKey }): string {
  return JSON.stringify(key);
}
