import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { newDevice } from "../sessions/device.ts";
import { formatSessionCookie } from "../sessions/session_cookie.ts";
import type { BrowserCookies } from "../sessions/sign_in.ts";
import { digest } from "../crypto/digest.ts";
import { randomSecret } from "../crypto/random.ts";
import type { AccountHolder } from "./account_step.ts";

/** Gives the signed-in user's session a new secret and other properties. */
async function renewOwnSession(
  tx: Transaction,
  { id, userId, user, session }: AccountHolder,
  changes: Partial<Session>,
): Promise<BrowserCookies> {
  const cookie = formatSessionCookie(userId, id, randomSecret(tx.random));
  sessions.renew(tx, session, { ...changes, secretDigest: await digest(cookie) });
  return { session: cookie, device: newDevice(tx, user, changes) };
}

/**
 * Changes the user, and ends everything except the session in which they do it: other sessions, grants,
 * and pending links.
 */
export async function changeAndEndAllElse(
  tx: Transaction,
  holder: AccountHolder,
  changes: Partial<User>,
): Promise<BrowserCookies> {
  const { user } = holder;
  const epochs = { epoch: user.value.epoch + 1, sessionEpoch: user.value.sessionEpoch + 1 };
  users.replace(tx, user, { ...changes, ...epochs });
  return await renewOwnSession(tx, holder, epochs);
}
