import { readListed } from "../../stores/audit_event_reading.ts";
import { ownerOfName, usernameRef } from "../../stores/user_names.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { AuditEvent } from "../../stores/audit_events.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import type { TestProvider } from "./provider.ts";

/** Changes a person's record, as an administrator would. */
export async function editUser(provider: TestProvider, username: string, changes: Partial<User>) {
  await withUser(provider, username, (tx, user) => users.replace(tx, user, changes));
}

/** Gives a person a name that no door gives any more, as accounts of earlier releases may have one. */
export async function renameUser(provider: TestProvider, before: string, username: string) {
  await withUser(provider, before, async (tx, user) => {
    await users.rename(tx, user, username);
    users.replace(tx, user, { username });
  });
}

/** Deletes a person's record. */
export async function deleteUser(provider: TestProvider, username: string) {
  await withUser(provider, username, (tx, user) => users.remove(tx, user));
}

async function withUser(
  provider: TestProvider,
  username: string,
  work: (
    tx: Parameters<typeof users.replace>[0],
    user: Parameters<typeof users.replace>[1],
  ) => void | Promise<void>,
) {
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { name } = await tx.read({ name: usernameRef(username) });
    const { user } = await tx.read({ user: users.ref(ownerOfName(name, username) ?? "") });
    if (user.value === null) throw new Error(`nobody is called ${username}`);
    await work(tx, user);
  });
}

/** All that is stored, by its key as JSON; expired records too. @param without these families */
export async function snapshot(
  backend: KvBackend,
  without: readonly string[] = [],
): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const selector of rangesWithout(without)) {
    let cursor: string | undefined;
    do {
      const page = await backend.list(selector, {
        limit: 500,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { key, value } of page.entries) found.set(JSON.stringify(key), value);
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
  }
  return found;
}

function rangesWithout(families: readonly string[]): Deno.KvListSelector[] {
  if (families.length === 0) return [{ prefix: [] }];
  const ends = families.toSorted();
  const starts = ["", ...ends.map((family) => `${family}\0`)];
  return starts.map((start, i) => ({ start: [start], end: [ends[i] ?? "\uffff"] }));
}

/** The same without what tells of refusals, which each may leave. */
export async function snapshotWithoutAudit(backend: KvBackend): Promise<Map<string, unknown>> {
  const all = await snapshot(backend);
  // On a remote store each commit leaves a marker, whatever it wrote.
  return new Map([...all].filter(([key]) => !/^\["(audit_|step_markers)/.test(key)));
}

/** The audit events since a moment in the test, in their order; `type` and `reason` as one text. */
export async function auditTrail(provider: TestProvider): Promise<(AuditEvent & { id: string })[]> {
  const byTime = await provider.deps.kv.list({ collection: auditEvents.byTime, limit: 500 });
  return await provider.deps.kv.step(systemOrigin, async (tx) => {
    const events: (AuditEvent & { id: string })[] = [];
    for (const event of (await readListed(tx, byTime.entries)).flat()) {
      events.push({ ...event.value, id: auditEvents.idOf(event) });
    }
    return events;
  });
}
