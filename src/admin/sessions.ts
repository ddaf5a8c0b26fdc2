import { idOfEnd } from "../../stores/audit_event_ids.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { inBatches, peekInBatches } from "../../stores/engine/batches.ts";
import {
  isPresent,
  type PeekedPresent,
  type Present,
  wasPresent,
} from "../../stores/engine/collection.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { isRandomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { isLive } from "../sessions/live_session.ts";

/** Whether a session is live. A session that an epoch has ended is not, although its record exists. */
export async function isSessionLive(tx: Transaction, session: Present<Session>): Promise<boolean> {
  const { user, provider } = await providers.read(tx, { user: users.ref(session.value.userId) });
  return isPresent(user) && isLive(session.value, user, provider);
}

/** Ends a session, and with it everything that depends on it. */
export function endSession(tx: Transaction, session: PeekedPresent<Session>): void {
  const sessionId = sessions.idOf(session);
  sessions.endUnchecked(tx, session);
  auditEvents.append(tx, {
    // Derived from the session, so that two requests that end it leave one event.
    id: idOfEnd("session_ended", sessionId),
    type: "session_ended",
    reason: "admin",
    userId: session.value.userId,
    sessionId,
  });
}

/** The live sessions on one page of a user's sessions. @param position where the page begins */
export async function userSessions(
  deps: Deps,
  { user, provider }: { readonly user: Present<User>; readonly provider: Provider },
  page: { readonly limit: number; readonly cursor?: string },
): Promise<{ readonly live: Present<Session>[]; readonly position: string | null }> {
  const { entries, cursor } = await deps.kv.list({
    collection: sessions.byUser,
    prefix: [users.idOf(user)],
    ...page,
  });
  const refs = entries.map(({ ref }) => sessions.ref(String(ref.key[2])));
  const found = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
  const live = found.filter(isPresent).filter(({ value }) => isLive(value, user, provider));
  return { live, position: cursor };
}

/**
 * How many sessions one commit can end. A session takes 6 of the 999 mutations: its record, its index
 * entry and its end, and three for its event.
 */
export const sessionsPerCommit = 160;

/** Reads sessions that are to be ended. The absent ones are left out. */
export async function readSessions(
  tx: Transaction,
  ids: readonly string[],
): Promise<PeekedPresent<Session>[]> {
  const refs = ids.map(sessionRef).filter((ref) => ref !== null);
  return (await peekInBatches(tx, refs, "to_be_ended")).filter(wasPresent);
}

/** Ends the sessions with these ids, at most `sessionsPerCommit`. @returns the ids of no session */
export async function endSessions(tx: Transaction, ids: readonly string[]): Promise<string[]> {
  const found = await readSessions(tx, ids);
  found.forEach((session) => endSession(tx, session));
  const ended = new Set(found.map(sessions.idOf));
  return ids.filter((id) => !ended.has(id));
}

/** Null: no session can have this id. */
export function sessionRef(sessionId: string) {
  return isRandomId(sessionId) ? sessions.ref(sessionId) : null;
}
