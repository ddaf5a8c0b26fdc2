import { digestNow } from "../crypto/digest.ts";
import { randomId, type RandomSource } from "../crypto/random.ts";

/**
 * A value that scripts in the browser may read, and that differs for each session. It gives no access, and
 * the session's id cannot be computed from it.
 *
 * @see OpenID Connect Session Management section 3.2, "OP browser state"
 */
export function browserState(sessionId: string): string {
  return digestNow(`browser state ${sessionId}`);
}

/**
 * The `session_state` of an authorization response. The client's page compares it with the browser's state
 * by the frame of this server. Its salt and the client's origin keep clients from comparing theirs.
 *
 * @returns null if the client has no pages: its redirect URI has a private-use scheme
 * @see OpenID Connect Session Management sections 2 and 3.2
 */
export function sessionState(
  random: RandomSource,
  { clientId, redirectUri, sessionId }: {
    readonly clientId: string;
    readonly redirectUri: string;
    readonly sessionId: string;
  },
): string | null {
  const { origin } = new URL(redirectUri);
  if (origin === "null") return null;
  const salt = randomId(random);
  // The frame's script computes the same: src/ui/check_session_page.tsx.
  return `${digestNow([clientId, origin, browserState(sessionId), salt].join(" "))}.${salt}`;
}
