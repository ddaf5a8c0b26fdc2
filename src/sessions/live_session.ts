import type { Entry, Present } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import { idOf, type Session } from "../../stores/sessions.ts";
import { idOf as userIdOf, type User } from "../../stores/users.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { noteUser } from "../protocol/refusals.ts";
import type { SessionCookie } from "./session_cookie.ts";
import { stillLives } from "./still_lives.ts";

/** A person who is signed in at this moment: the record, the cookie and every epoch agree. */
export interface LiveSession {
  readonly id: string;
  readonly userId: string;
  readonly session: Present<Session>;
  readonly user: Present<User>;
}

/** The session of a cookie; null if there is none, or if it is dead in any way. */
export function liveSession(
  cookie: SessionCookie | null,
  records: {
    session: Entry<Session> | null;
    user: Entry<User> | null;
    provider: Provider;
  },
): LiveSession | null {
  const { session, user, provider } = records;
  if (!cookie || !session || !user || session.value === null || user.value === null) return null;
  if (!constantTimeEqual(cookie.secretDigest, session.value.secretDigest)) return null;
  if (!isLive(session.value, user, provider)) return null;
  noteUser(userIdOf(user));
  return { id: idOf(session), userId: userIdOf(user), session, user };
}

/** Whether a session still counts: its person is active, and no epoch has moved on since. */
export function isLive(session: Session, user: Present<User>, provider: Provider): boolean {
  return stillLives(session, { user, provider });
}
