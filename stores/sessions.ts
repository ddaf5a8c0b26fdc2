import { z } from "zod";
import {
  type Collection,
  collection,
  type PeekedPresent,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import * as sessionEnds from "./session_ends.ts";

const schema = z.object({
  userId: z.string(),
  /** The digest of the whole cookie, ids included. */
  secretDigest: z.string(),
  /** The `sid` that clients see in ID tokens; different from the cookie. */
  sid: z.string(),
  /** When the user last authenticated. */
  authTime: z.int(),
  /** @see RFC 8176 section 2 */
  amr: z.array(z.string()),
  acr: z.string(),
  sessionEpoch: z.int(),
  epoch: z.int(),
  providerEpoch: z.int(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: z.int(),
  lastSeenAt: z.int(),
  /** Extended by each use, up to `endsAt`. */
  expiresAt: z.int(),
  /** The absolute end. */
  endsAt: z.int(),
  /** The device secrets of it that are good, from the oldest, by the keys of their records. Absent: none. */
  deviceSecrets: z.array(z.object({ key: z.string(), nativeSso: z.string() })).optional(),
});
export type Session = z.infer<typeof schema>;
const day = 86_400;
const sessions = collection({
  family: "sessions",
  version: 1,
  schema,
  linger: day,
});
const sessionsByUser = collection({
  family: "sessions_by_user",
  version: 1,
  isRarelyRead: true,
  schema: z.object({ expiresAt: z.int() }),
});

export const all: Collection<Session> = sessions;
export const byUser: Collection<{ expiresAt: number }> = sessionsByUser;

export function ref(sessionId: string): Ref<Session> {
  return sessions.ref(sessionId);
}

/** Adds a session, under a fresh random id. */
export function add(tx: Transaction, sessionId: string, session: Session) {
  tx.add(ref(sessionId), session);
  tx.add(sessionsByUser.ref(session.userId, sessionId), { expiresAt: session.endsAt });
}

/** Gives a session another secret or another end: from this commit on, the old cookie is invalid. */
export function renew(tx: Transaction, session: Present<Session>, changes: Partial<Session>) {
  const renewed = { ...session.value, ...changes, lastSeenAt: tx.now };
  tx.replace(session, renewed);
  // The index entry must live as long as the session, or the session would be missing from the user's
  // list.
  if (renewed.endsAt !== session.value.endsAt) {
    tx.add(sessionsByUser.ref(renewed.userId, idOf(session)), { expiresAt: renewed.endsAt });
  }
}

/** Remembers which device secrets of a session are good. */
export function noteDeviceSecrets(
  tx: Transaction,
  session: Present<Session>,
  deviceSecrets: NonNullable<Session["deviceSecrets"]>,
) {
  tx.replace(session, { ...session.value, deviceSecrets });
}

/** Keeps one session after the user's epoch has ended all others. */
export function restamp(tx: Transaction, session: Present<Session>, sessionEpoch: number) {
  tx.replace(session, { ...session.value, sessionEpoch });
}

/** Ends a session and the grants that name it. Its clients are told after the commit. */
export function end(tx: Transaction, session: Present<Session>) {
  tx.delete(session);
  tx.end(sessionsByUser.ref(session.value.userId, idOf(session)));
  sessionEnds.addEnd(tx, idOf(session));
}

/** Ends a session unchecked: several steps can do so at once without waiting, and it ends once. */
export function endUnchecked(tx: Transaction, session: PeekedPresent<Session>) {
  tx.end(session.ref);
  tx.end(sessionsByUser.ref(session.value.userId, idOf(session)));
  sessionEnds.addEnd(tx, idOf(session));
}

/** Deletes one of the records of a user who is deleted. If it is a session, its clients are told. */
export function endOfDeleted(tx: Transaction, record: Ref<unknown>) {
  tx.end(record);
  if (record.collection.family === sessions.family) {
    sessionEnds.addEnd(tx, String(record.key[1]));
  }
}

export function idOf(session: PeekedPresent<Session>): string {
  return String(session.ref.key[1]);
}
