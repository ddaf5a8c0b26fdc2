import { isSameClient } from "../../stores/client_identity.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import { type Entry, isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import * as sessionClients from "../../stores/session_clients.ts";
import type { SessionClient } from "../../stores/session_clients.ts";
import * as sessionEnds from "../../stores/session_ends.ts";
import { digestNow } from "../crypto/digest.ts";
import type { Deps } from "../deps/deps.ts";

/** How many clients one commit takes. Each is one of its 9 checks. */
const clientsPerCommit = 7;

/**
 * Adds a message to the outbox for each client of each session that has ended. A process that ends or dies
 * meanwhile leaves the rest to the next one.
 * @param ending once aborted, no other session is begun
 * @throws {StoreUnavailable}
 */
export async function fanOut(deps: Pick<Deps, "kv">, ending?: AbortSignal): Promise<void> {
  for await (const end of eachEntry(deps, sessionEnds.ended)) {
    if (ending?.aborted) return;
    await fanOutSession(deps, sessionEnds.endedIdOf(end));
  }
}

/** Adds the messages for the clients of one session, if it has ended. */
export async function fanOutSession(deps: Pick<Deps, "kv">, sessionId: string): Promise<void> {
  const at = sessionEnds.endedRef(sessionId);
  for (let before: string | null = null;;) {
    const { end } = await deps.kv.step(systemOrigin, (tx) => tx.read({ end: at }));
    if (!isPresent(end)) return;
    const { entries } = await deps.kv.list({
      collection: sessionClients.all,
      prefix: [sessionId],
      limit: clientsPerCommit,
      asOf: 0,
    });
    // Each commit takes what was listed. The same list again means that one could not.
    const listed = JSON.stringify(entries.map(({ ref, versionstamp }) => [ref.key, versionstamp]));
    if (entries.length > 0 && listed === before) return;
    before = listed;
    if (entries.length > 0) {
      await deps.kv.step(systemOrigin, (tx) => addMessages(tx, entries));
      continue;
    }
    await deps.kv.step(systemOrigin, async (tx) => {
      const { now } = await tx.read({ now: at });
      // A client that came after the list was read has written the record again.
      if (isPresent(now) && now.versionstamp === end.versionstamp) tx.delete(now);
    });
    return;
  }
}

async function addMessages(tx: Transaction, entries: readonly Present<SessionClient>[]) {
  const named = Object.fromEntries(entries.entries());
  const found = await tx.read(
    Object.fromEntries(Object.entries(named).map(([name, { ref }]) => [name, ref])),
  );
  const registered = await tx.peek(
    Object.fromEntries(
      Object.entries(named).map((
        [name, entry],
      ) => [name, clients.ref(sessionClients.clientIdOf(entry))]),
    ),
    "registration",
  );
  for (const [name, entry] of Object.entries(found)) {
    const asListed = named[name];
    if (asListed !== undefined && hasExpired(entry)) {
      // It is still stored, so it would be listed again and again.
      tx.end(asListed.ref);
      continue;
    }
    // Another worker has taken it, or the client got another ID token: the next list has it.
    if (!isPresent(entry) || entry.versionstamp !== asListed?.versionstamp) continue;
    sessionClients.consume(tx, entry);
    const client = registered[name]?.value ?? null;
    if (!isReachable(client, entry.value)) continue;
    const { userId, sid, clientCreatedAt } = entry.value;
    logoutOutbox.add(tx, messageIdOf(entry), {
      clientId: client.clientId,
      clientCreatedAt,
      sessionId: sessionClients.sessionIdOf(entry),
      userId,
      sid,
    });
  }
}

function hasExpired({ value, versionstamp }: Entry<SessionClient>): boolean {
  return value === null && versionstamp !== null;
}

/** Whether a client that is registered now is the one that was told of the session, and can be told. */
export function isReachable(
  client: Client | null,
  noted: Pick<SessionClient, "clientCreatedAt">,
): client is Client & { readonly backchannelLogoutUri: string } {
  return client !== null && isSameClient(client, noted) &&
    client.backchannelLogoutUri !== null;
}

/** The id of the message to a client. It is derived from the record, so steps that add it twice add one. */
export function messageIdOf({ ref, versionstamp }: Present<SessionClient>): string {
  const named = JSON.stringify([...ref.key, versionstamp]);
  return digestNow(named).slice(0, 22);
}
