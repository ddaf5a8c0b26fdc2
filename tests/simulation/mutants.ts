import type { AuditEvent } from "../../stores/audit_events.ts";
import type { AuthorizationCode } from "../../stores/authorization_codes.ts";
import type { Challenge } from "../../stores/challenges.ts";
import type { CommitBatch, KvBackend, KvMutation, RawEntry } from "../../stores/kv.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import type { User } from "../../stores/users.ts";

/** A way to break the provider, at the seam between it and its store. */
export interface Mutant {
  /** What is wrong with it, as a sentence. */
  readonly name: string;
  readonly sabotage: (backend: KvBackend) => KvBackend;
}

export const mutants: readonly Mutant[] = [
  { name: "a step commits without its checks", sabotage: batches(withoutChecks) },
  {
    name: "a step does not check the refresh token family that it rotates",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) => key[0] !== "refresh_token_families"),
      mutations,
    })),
  },
  {
    name: "a step does not check the interaction that it finishes",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) => key[0] !== "interactions"),
      mutations,
    })),
  },
  { name: "a commit is split in two", sabotage: splitCommits },
  { name: "a refused commit is always taken for a conflict", sabotage: believingRefusals },
  { name: "a commit that threw is done again, and not voided before", sabotage: withoutVoiding },
  {
    name: "an exchange leaves no tombstone of its code",
    sabotage: mutations((mutation) =>
      recordIn<AuthorizationCode>(mutation, codes)?.spentBy == null
    ),
  },
  {
    name: "an answer that reached nobody is not marked",
    sabotage: mutations((mutation) =>
      recordIn<{ undelivered: boolean }>(mutation, [...codes, ...families])?.undelivered !== true
    ),
  },
  { name: "a code that comes back ends nothing", sabotage: withoutEnds("code_replayed") },
  { name: "a refresh token that comes back ends nothing", sabotage: withoutEnds("reuse_detected") },
  { name: "a refresh takes the token before the newest", sabotage: acceptingThePrevious },
  {
    name: "a refresh leaves no audit event",
    sabotage: mutations((mutation) =>
      recordIn<AuditEvent>(mutation, ["audit_events"])?.type !== "refresh_token_used"
    ),
  },
  {
    name: "a session that has ended stays in its index",
    sabotage: mutations(({ type, key }) => type === "set" || key[0] !== "sessions_by_user"),
  },
  {
    name: "a grant that has ended keeps its refresh token family",
    sabotage: mutations(({ type, key }) => type === "set" || key[0] !== "refresh_token_families"),
  },
  {
    name: "a pushed request is not spent",
    sabotage: mutations((mutation) =>
      recordIn<{ spentBy: string | null }>(mutation, ["pushed_requests"])?.spentBy == null
    ),
  },
  {
    name: "a proof is not remembered",
    sabotage: mutations(({ key }) => key[0] !== "dpop_jtis"),
  },
  {
    name: "a link or a code by mail is not spent",
    sabotage: mutations((mutation) => {
      const challenge = recordIn<Challenge>(mutation, ["challenges"]);
      return challenge === undefined || challenge.type === "session_token" ||
        challenge.spentBy === null;
    }),
  },
  { name: "a link or a code by mail is spent in a commit of its own", sabotage: spendingMailApart },
  {
    name: "a recovery code is good for ever",
    sabotage: keeping(({ recoveryCodes }) => ({ recoveryCodes })),
  },
  {
    name: "the step of an authenticator app is not remembered",
    sabotage: keeping(({ totp }) => ({ totp })),
  },
  {
    name: "a step does not check the person whose second factor it takes",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) => key[0] !== "users" && key[0] !== "interactions"),
      mutations,
    })),
  },
  {
    name: "a withdrawal ends nothing but the consent",
    sabotage: keeping(({ withdrawals }) => ({ withdrawals })),
  },
  {
    name: "signing out leaves the session",
    sabotage: mutations(({ type, key }) => type === "set" || key[0] !== "sessions"),
  },
];

const codes = ["authorization_codes"];
const families = ["refresh_token_families"];

/** Changes each batch on its way; that of settling is left alone. */
function batches(change: (batch: CommitBatch) => CommitBatch): Mutant["sabotage"] {
  return (backend) => ({ ...backend, commit: (batch) => backend.commit(change(batch)) });
}

/** Drops mutations. */
function mutations(isKept: (mutation: KvMutation) => boolean): Mutant["sabotage"] {
  return batches(({ checks, mutations }) => ({ checks, mutations: mutations.filter(isKept) }));
}

function recordIn<T>(mutation: KvMutation, of: readonly string[]): T | undefined {
  if (mutation.type !== "set" || !of.includes(String(mutation.key[0]))) return undefined;
  return (mutation.value as { record: T }).record;
}

function withoutChecks({ checks, mutations }: CommitBatch): CommitBatch {
  return { checks: checks.filter(isMarker), mutations };
}

/** A person's record keeps some of what it was first read with. */
function keeping(part: (user: User) => Partial<User>): Mutant["sabotage"] {
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

/** The challenge alone goes first, and the rest follows. */
function spendingMailApart(backend: KvBackend): KvBackend {
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
function splitCommits(backend: KvBackend): KvBackend {
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
function believingRefusals(backend: KvBackend): KvBackend {
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

/** Where the marker is not there yet, settling is told that the attempt is void. */
function withoutVoiding(backend: KvBackend): KvBackend {
  const asked = new Map<string, unknown>();
  return {
    ...backend,
    async commit(batch) {
      const [marker] = batch.mutations;
      if (!isVoiding(batch) || marker?.type !== "set") return await backend.commit(batch);
      asked.set(nameOf(marker), marker.value);
      return false;
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
function withoutEnds(reason: string): Mutant["sabotage"] {
  return (backend) => ({
    ...backend,
    commit: (batch) => {
      const isEnd = batch.mutations.some((mutation) =>
        recordIn<AuditEvent>(mutation, ["audit_events"])?.reason === reason
      );
      return isEnd ? Promise.resolve(true) : backend.commit(batch);
    },
  });
}

/** Each family looks as if its newest token had reached nobody. */
function acceptingThePrevious(backend: KvBackend): KvBackend {
  return {
    ...backend,
    async getMany(keys) {
      const found = await backend.getMany(keys);
      return found.map((entry) => {
        if (entry.key[0] !== "refresh_token_families" || entry.value === null) return entry;
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
