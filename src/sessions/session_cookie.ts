import { digest } from "../crypto/digest.ts";

/** A session cookie's address; only its digest is compared, never the secret. */
export interface SessionCookie {
  readonly userId: string;
  readonly sessionId: string;
  /** Of the whole cookie: ids that were exchanged do not fit it any more. */
  readonly secretDigest: string;
}

const pattern = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/;

/** Reads a cookie's value; null if it cannot be one of ours. */
export async function parseSessionCookie(value: string | undefined): Promise<SessionCookie | null> {
  const match = pattern.exec(value ?? "");
  const [, userId, sessionId] = match ?? [];
  if (value === undefined || userId === undefined || sessionId === undefined) return null;
  return { userId, sessionId, secretDigest: await digest(value) };
}

/** The value for a browser, whose session is then found with one read. */
export function formatSessionCookie(userId: string, sessionId: string, secret: string): string {
  return `${userId}.${sessionId}.${secret}`;
}
