import { emailRef, type NameOwners, usernameRef } from "../../../stores/user_names.ts";
import type { AuditEvent } from "../../../stores/audit_events.ts";
import type { Grant } from "../../../stores/grants.ts";
import type { Passkey } from "../../../stores/passkeys.ts";
import { placeOf, type Resource } from "../../../stores/resources.ts";
import type { Session } from "../../../stores/sessions.ts";
import type { User } from "../../../stores/users.ts";
import type { World } from "../world.ts";

interface Index {
  /** The records that have an entry, and where that is. */
  readonly entryOf: (id: string, record: never) => readonly (string | number)[] | null;
  readonly family: string;
  /** The record that an entry leads to. */
  readonly target: (entry: readonly string[], value: never) => readonly string[];
}

const indexes: Readonly<Record<string, Index>> = {
  sessions_by_user: {
    family: "sessions",
    entryOf: (id, { userId }: Session) => [userId, id],
    target: ([, sessionId = ""]) => [sessionId],
  },
  grants_by_user: {
    family: "grants",
    entryOf: (id, { userId }: Grant) => userId === null ? null : [userId, id],
    target: ([, grantId = ""]) => [grantId],
  },
  resources_by_place: {
    family: "resources",
    entryOf: (id, { metadata }: Resource) => {
      const place = placeOf(id);
      return metadata === null || place === null ? null : [place, id];
    },
    target: ([, resource = ""]) => [resource],
  },
  audit_events_by_time: {
    family: "audit_events",
    entryOf: (id, { time }: AuditEvent) => [time, id],
    target: ([, eventId = ""]) => [eventId],
  },
  audit_events_by_person: {
    family: "audit_events",
    entryOf: (id, { userId, time, type }: AuditEvent) =>
      userId === null || type === "user_deleted" ? null : [userId, time, id],
    target: ([, , eventId = ""]) => [eventId],
  },
  users_by_name: {
    family: "users",
    entryOf: (_, { username }: User) => [String(usernameRef(username).key[1])],
    target: (_, { owners }: NameOwners) => [owners[0]?.userId ?? ""],
  },
  users_by_address: {
    family: "users",
    entryOf: (_, { claims }: User) =>
      claims.email_verified === true ? [String(emailRef(String(claims.email)).key[1])] : null,
    target: (_, { userId }: { userId: string }) => [userId],
  },
  passkeys: {
    family: "users",
    entryOf: () => null,
    target: (_, { userId }: { userId: string }) => [userId],
  },
  // Not an index, but it also needs its counterpart.
  refresh_token_families: {
    family: "grants",
    entryOf: () => null,
    target: ([grantId = ""]) => [grantId],
  },
};

/** Every index entry has its record, every record has its entries, and no entry lives longer than its record. */
export function* indexed({ history }: World): Generator<string> {
  const byFamily = Map.groupBy(history.records.values(), ({ key }) => String(key[0]));
  for (const [index, { family, entryOf, target }] of Object.entries(indexes)) {
    for (const { key, record } of byFamily.get(index) ?? []) {
      const id = target(key.slice(1).map(String), record as never);
      const found = history.find(family, ...id);
      if (found === undefined) yield `leads nowhere: ${key.join(" ")}`;
      const at = found === undefined ? null : entryOf(id[0] ?? "", found as never);
      if (at !== null && at.join(" ") !== key.slice(1).join(" ") && !isWrittenTwice(found)) {
        yield `leads to what is elsewhere: ${key.join(" ")}`;
      }
    }
    for (const { key, record } of byFamily.get(family) ?? []) {
      const at = entryOf(String(key[1]), record as never);
      if (at === null) continue;
      const entry = history.records.get(JSON.stringify([index, ...at]))?.record;
      if (entry === undefined) yield `is not in ${index}: ${key.join(" ")}`;
      else if (endOf(entry) < endOf(record)) yield `leaves ${index} too early: ${key.join(" ")}`;
    }
  }
}

/** Two who end the same thing leave one event: its entry of the first to come is passed over by readers. */
function isWrittenTwice(record: unknown): boolean {
  return /^(session|grant)_ended$/.test((record as Partial<AuditEvent>).type ?? "");
}

/** Whether people and their passkeys know each other. */
export function* knownPasskeys({ history }: World): Generator<string> {
  for (const { key, record } of history.records.values()) {
    const id = String(key[1]);
    if (key[0] === "passkeys") {
      const { userId } = record as Passkey;
      const known = history.find<User>("users", userId)?.passkeys.filter((one) => one === id) ?? [];
      if (known.length !== 1) yield `a passkey is ${known.length} times its person's: ${id}`;
    }
    if (key[0] !== "users") continue;
    for (const passkeyId of (record as User).passkeys) {
      const passkey = history.find<Passkey>("passkeys", passkeyId);
      if (passkey?.userId !== id) yield `somebody has a passkey that is not theirs: ${passkeyId}`;
    }
  }
}

/** When a record ends at the latest, in epoch seconds. */
function endOf(record: unknown): number {
  const { endsAt, expiresAt } = record as { endsAt?: number; expiresAt?: number };
  return endsAt ?? expiresAt ?? Infinity;
}
