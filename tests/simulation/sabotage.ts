import { type AuditEvent, eventsIn } from "../../stores/audit_event_record.ts";
import type { AuditSeal } from "../../stores/audit_seals.ts";
import type { Client } from "../../stores/clients.ts";
import type { Challenge, ChallengeType } from "../../stores/challenges.ts";
import type { CommitBatch, KvBackend, KvMutation, RawEntry } from "../../stores/engine/kv.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Passkey } from "../../stores/passkeys.ts";
import type { RequestCount } from "../../stores/request_counts.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import type { User } from "../../stores/users.ts";

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

/** Each seal looks as if its pass were complete. */
export const forgettingThePass: Sabotage = batches(({ checks, mutations }) => ({
  checks,
  mutations: mutations.map((mutation) => {
    const seal = recordIn<AuditSeal>(mutation, ["audit_seals"]);
    if (mutation.type !== "set" || !seal?.pass) return mutation;
    const { version } = mutation.value as { version: number };
    const record = { ...seal, until: seal.pass.upTo, pass: null };
    return { ...mutation, value: { version, record } };
  }),
}));

/** Each count of requests is stored with changes. */
export function requestCountsWith(change: (count: RequestCount) => RequestCount): Sabotage {
  return batches(({ checks, mutations }) => ({
    checks,
    mutations: mutations.map((mutation) => {
      const count = recordIn<RequestCount>(mutation, ["request_counts"]);
      if (mutation.type !== "set" || count === undefined) return mutation;
      const { version } = mutation.value as { version: number };
      return { ...mutation, value: { version, record: change(count) } };
    }),
  }));
}

/** Each grant looks as if it were one of scopes alone. */
export const withoutDetails: Sabotage = batches(({ checks, mutations }) => ({
  checks,
  mutations: mutations.map((mutation) => {
    const grant = recordIn<Grant>(mutation, ["grants"]);
    if (mutation.type !== "set" || grant === undefined) return mutation;
    const { version } = mutation.value as { version: number };
    const { details: _, ...record } = grant;
    return { ...mutation, value: { version, record } };
  }),
}));

/** Each passkey looks as if it had never signed anything. */
export function forgettingCounters(backend: KvBackend): KvBackend {
  return {
    ...backend,
    async getMany(keys) {
      const found = await backend.getMany(keys);
      return found.map((entry) => {
        if (entry.key[0] !== "passkeys" || entry.value === null) return entry;
        const { version, record } = entry.value as { version: 1; record: Passkey };
        return { ...entry, value: { version, record: { ...record, counter: 0 } } };
      });
    },
  };
}

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
    const kept = (mutation: KvMutation): KvMutation => {
      const record = recordIn<User>(mutation, ["users"]);
      if (record === undefined || mutation.type !== "set") return mutation;
      const { version } = mutation.value as { version: number };
      const value = { version, record: { ...record, ...first.get(nameOf(mutation)) } };
      return { ...mutation, value };
    };
    return {
      ...backend,
      async getMany(keys) {
        const found = await backend.getMany(keys);
        for (const entry of found) {
          if (entry.key[0] !== "users" || entry.value === null || first.has(nameOf(entry))) {
            continue;
          }
          first.set(nameOf(entry), part((entry.value as { record: User }).record));
        }
        return found;
      },
      commit: ({ checks, mutations }) => backend.commit({ checks, mutations: mutations.map(kept) }),
    };
  };
}

/** The first token of a client's registration looks like the one before the newest. */
export function keepingTheFirstToken(backend: KvBackend): KvBackend {
  const first = new Map<string, string>();
  const kept = (mutation: KvMutation): KvMutation => {
    const client = recordIn<Client>(mutation, ["clients"]);
    if (mutation.type !== "set" || !client?.registration) return mutation;
    const { accessTokenDigest } = client.registration;
    const previousDigest = first.get(nameOf(mutation)) ?? accessTokenDigest;
    first.set(nameOf(mutation), previousDigest);
    const { version } = mutation.value as { version: number };
    const registration = { ...client.registration, previousDigest };
    return { ...mutation, value: { version, record: { ...client, registration } } };
  };
  return {
    ...backend,
    commit: ({ checks, mutations }) => backend.commit({ checks, mutations: mutations.map(kept) }),
  };
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
export function acceptingThePrevious(backend: KvBackend): KvBackend {
  return {
    ...backend,
    async getMany(keys) {
      const found = await backend.getMany(keys);
      return found.map((entry) => {
        if (entry.key[0] !== "refresh_token_families" || entry.value === null) return entry;
        if (Array.isArray(entry.value)) return { ...entry, value: entry.value.with(5, true) };
        const { version, record } = entry.value as { version: 1; record: RefreshTokenFamily };
        return { ...entry, value: { version, record: { ...record, undelivered: true } } };
      });
    },
  };
}

function absent({ key }: RawEntry): RawEntry {
  return { key, value: null, versionstamp: null };
}

function nameOf({ key }: { readonly key: Deno.KvKey }): string {
  return JSON.stringify(key);
}
