import { digest } from "../crypto/digest.ts";

/** The ids in a session cookie. Only the digest of the secret is compared, never the secret itself. */
export interface SessionCookie {
  readonly userId: string;
  readonly sessionId: string;
  /** The digest of the whole cookie: with exchanged ids it does not match. */
  readonly secretDigest: string;
}

const pattern = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/;

/** Reads a cookie's value; null if it has another form. */
export async function parseSessionCookie(value: string | undefined): Promise<SessionCookie | null> {
  const match = pattern.exec(value ?? "");
  const [, userId, sessionId] = match ?? [];
  if (value === undefined || userId === undefined || sessionId === undefined) return null;
  return { userId, sessionId, secretDigest: await digest(value) };
}

/** The cookie's value for a browser. With it, one read finds the session. */
export function formatSessionCookie(userId: string, sessionId: string, secret: string): string {
  return `${userId}.${sessionId}.${secret}`;
}
