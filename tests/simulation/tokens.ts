import { createHash } from "node:crypto";
import type { AccessToken } from "../../stores/access_tokens.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Session } from "../../stores/sessions.ts";
import type { User } from "../../stores/users.ts";
import type { History } from "./history.ts";
import { grantIdOf } from "./event_log.ts";

/** The key of a secret's record: what `stores/engine/ids.ts` says, told by somebody else. */
export function digestOf(secret: string): string {
  const last = /[^.:]*$/.exec(secret)?.[0] ?? "";
  const time = last.length === 44 ? last.slice(0, 7) : "";
  return time + createHash("sha256").update(secret).digest("base64url");
}

/** Whether a grant and all that it depends on are stored; expiry is not looked at. */
export function isGrantAlive(history: History, grantId: string): boolean {
  const { find } = history;
  const grant = find<Grant>("grants", grantId);
  if (grant === undefined) return false;
  const user = grant.userId === null ? undefined : find<User>("users", grant.userId);
  if (grant.userId !== null && grant.epoch !== user?.epoch) return false;
  const latest = user?.withdrawals.find(({ clientId }) => clientId === grant.clientId);
  if (latest !== undefined && latest.id !== grant.withdrawal) return false;
  return grant.sessionId === null || isSessionAlive(history, grant.sessionId);
}

/** The same of a session. */
export function isSessionAlive({ find }: Pick<History, "find">, sessionId: string): boolean {
  const session = find<Session>("sessions", sessionId);
  if (session === undefined) return false;
  const user = find<User>("users", session.userId);
  return session.epoch === user?.epoch && session.sessionEpoch === user.sessionEpoch;
}

/** The same of an access token. */
export function isTokenAlive(history: History, accessToken: string): boolean {
  const token = history.find<AccessToken>("access_tokens", digestOf(accessToken));
  if (token === undefined || !isGrantAlive(history, grantIdOf(accessToken))) return false;
  // One that was exchanged ends with each that it came of.
  const ancestors = token.exchange?.ancestors ?? [];
  return ancestors.every((digest) => history.find("access_tokens", digest) !== undefined);
}
