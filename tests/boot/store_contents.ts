import { readListed } from "../../stores/audit_event_reading.ts";
import { usernameRef } from "../../stores/user_names.ts";
import type { Present, Ref } from "../../stores/engine/collection.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as providers from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { Deps } from "../../src/deps/deps.ts";

/** The record, which has to be there. */
export async function readRecord<T>(deps: Deps, ref: Ref<T>): Promise<T> {
  const { record } = await deps.kv.step(systemOrigin, (tx) => tx.read({ record: ref }));
  if (record.value === null) throw new Error(`no record at ${ref.key}`);
  return record.value;
}

export async function readUser(deps: Deps, username: string): Promise<Present<users.User>> {
  const userId = (await readRecord(deps, usernameRef(username))).owners[0]?.userId ?? "";
  const { user } = await deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ user: users.ref(userId) }),
  );
  if (user.value === null) throw new Error(`no record of ${username}`);
  return user;
}

export async function changeUser(deps: Deps, username: string, changes: Partial<users.User>) {
  const { ref } = await readUser(deps, username);
  await deps.kv.step(systemOrigin, async (tx) => {
    const { user } = await tx.read({ user: ref });
    if (user.value !== null) users.replace(tx, user, changes);
  });
}

export function readProvider(deps: Deps): Promise<providers.Provider> {
  return readRecord(deps, providers.ref());
}

export async function readSigningKeys(deps: Deps): Promise<signingKeys.SigningKey[]> {
  const { entries } = await deps.kv.list({ collection: signingKeys.all, limit: 100 });
  return entries.map((entry) => entry.value);
}

/**
 * The types of all audit events there are, in the order of time, then of the alphabet; without that of
 * the admin API's own resource, which the first boot of every store leaves.
 */
export async function eventTypes(deps: Deps): Promise<string[]> {
  const { entries } = await deps.kv.list({ collection: auditEvents.byTime, limit: 500 });
  const found = await deps.kv.step(systemOrigin, (tx) => readListed(tx, entries));
  const events = found.flat().map(({ value }) => value);
  return events.filter(({ about }) => !about?.endsWith("/api/v1")).sort((a, b) =>
    a.time - b.time || (a.type < b.type ? -1 : 1)
  )
    .map((event) => event.type);
}
