import { z } from "zod";
import {
  type Collection,
  collection,
  type PeekedPresent,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import * as users from "./users.ts";

const schema = z.object({
  userId: z.string(),
  /** Of the whole cookie, ids included. */
  secretDigest: z.string(),
  /** What clients see in ID tokens; never the cookie. */
  sid: z.string(),
  /** When the person last proved who they are. */
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
  /** Slides with use, up to `endsAt`. */
  expiresAt: z.int(),
  /** The absolute end. */
  endsAt: z.int(),
});
export type Session = z.infer<typeof schema>;
const day = 86_400;
const sessions = collection({
  family: "sessions",
  version: 1,
  schema,
  linger: day,
  target: (_, { userId }) => users.ref(userId), // it tells of devices and places: it goes with its person
});
const sessionsByUser = collection({
  family: "sessions_by_user",
  version: 1,
  schema: z.object({ expiresAt: z.int() }),
  target: (key) => ref(String(key[2])),
});

export const byUser: Collection<{ expiresAt: number }> = sessionsByUser;

export function ref(sessionId: string): Ref<Session> {
  return sessions.ref(sessionId);
}

/** Adds a session, under a fresh random id. */
export function add(tx: Transaction, sessionId: string, session: Session) {
  tx.add(ref(sessionId), session);
  tx.add(sessionsByUser.ref(session.userId, sessionId), { expiresAt: session.endsAt });
}

/** Gives a session another secret, or another end: from this commit on, its old cookie opens nothing. */
export function renew(tx: Transaction, session: Present<Session>, changes: Partial<Session>) {
  const renewed = { ...session.value, ...changes, lastSeenAt: tx.now };
  tx.replace(session, renewed);
  // Its entry lives as long as it, or it would drop out of the person's list before its end.
  if (renewed.endsAt !== session.value.endsAt) {
    tx.add(sessionsByUser.ref(renewed.userId, idOf(session)), { expiresAt: renewed.endsAt });
  }
}

/** Lets a session go on after all others of the person have ended with their epoch. */
export function restamp(tx: Transaction, session: Present<Session>, sessionEpoch: number) {
  tx.replace(session, { ...session.value, sessionEpoch });
}

/** Ends a session, and with it the grants that name it. */
export function end(tx: Transaction, session: Present<Session>) {
  tx.delete(session);
  tx.end(sessionsByUser.ref(session.value.userId, idOf(session)));
}

/** Ends a session unchecked: of several who do that at once none has to wait, and it ends once. */
export function endUnchecked(tx: Transaction, session: PeekedPresent<Session>) {
  tx.end(session.ref);
  tx.end(sessionsByUser.ref(session.value.userId, idOf(session)));
}

export function idOf(session: PeekedPresent<Session>): string {
  return String(session.ref.key[1]);
}
