import type { Entry, Present } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import { idOf, ref as sessionRef, type Session } from "../../stores/sessions.ts";
import { idOf as userIdOf, ref as userRef, type User } from "../../stores/users.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { isBlank } from "../identifiers/shown_text.ts";
import { noteUser } from "../protocol/refusals.ts";
import type { SessionCookie } from "./session_cookie.ts";
import { stillLives } from "./still_lives.ts";

/** A user who is signed in now: the record, the cookie and every epoch match. */
export interface LiveSession {
  readonly id: string;
  readonly userId: string;
  readonly session: Present<Session>;
  readonly user: Present<User>;
}

/** What `liveSession` needs of a cookie's session: its record, and that of the user whom the cookie names. */
export function sessionRefs(cookie: SessionCookie | null) {
  return {
    session: cookie && sessionRef(cookie.sessionId),
    user: cookie && userRef(cookie.userId),
  };
}

/** The session of a cookie; null if there is none, or if it is no longer valid. */
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

/** Whether a session is still valid: its user is active, and no epoch has changed since. */
export function isLive(session: Session, user: Present<User>, provider: Provider): boolean {
  return stillLives(session, { user, provider });
}

/** The displayed name of the user. A name that nobody sees is none. */
export function displayName({ user }: Pick<LiveSession, "user">): string {
  const { claims, username } = user.value;
  return typeof claims.name === "string" && !isBlank(claims.name) ? claims.name : username;
}
