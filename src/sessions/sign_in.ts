import { idOfEnd } from "../../stores/audit_event_ids.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Entry, Present } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { idOf, type User } from "../../stores/users.ts";
import { digest } from "../crypto/digest.ts";
import { randomId, randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { apart } from "../identifiers/apart.ts";
import type { Amr } from "../protocol/amr.ts";
import { type Device, newDevice } from "./device.ts";
import { isLive } from "./live_session.ts";
import { formatSessionCookie } from "./session_cookie.ts";

/** What a user has just proved, and from which browser. */
export interface Proof {
  readonly user: Present<User>;
  readonly provider: Provider;
  /** @see RFC 8176 section 2 */
  readonly amr: readonly Amr[];
  readonly acr: string;
  /** Epoch seconds; now, unless the proof adds to an earlier sign-in. */
  readonly authTime?: number;
  readonly userAgent: string | null;
  /** The session that this browser already has. If it is the same user's, it is renewed. */
  readonly previousSession: Entry<Session> | null;
}

/** The cookies of a sign-in. */
export interface BrowserCookies {
  /** The new value of the session cookie; the old one becomes useless (session fixation). */
  readonly session: string;
  /** Marks this browser as known for the account, in addition to the accounts in its device cookie. */
  readonly device: Device;
}

export interface SignedIn {
  readonly sessionId: string;
  readonly cookies: BrowserCookies;
}

/** Adds a sign-in to the step: a new session, or a new secret for the user's existing one. */
export async function signIn(deps: Deps, tx: Transaction, proof: Proof): Promise<SignedIn> {
  const { user, provider, previousSession } = proof;
  const { lifetimes } = deps.config;
  const userId = idOf(user);
  const renewable = previousSession !== null && previousSession.value !== null &&
      isLive(previousSession.value, user, provider)
    ? previousSession
    : null;
  const sessionId = renewable ? sessions.idOf(renewable) : tx.ids.id();
  const cookie = formatSessionCookie(userId, sessionId, randomSecret(tx.random));
  // A step-up does not extend the session: otherwise the second factor alone would keep it alive.
  const endsAt = renewable !== null && proof.authTime !== undefined
    ? renewable.value.endsAt
    : tx.now + lifetimes.sessionMax;
  const session: Session = {
    userId,
    secretDigest: await digest(cookie),
    sid: renewable?.value.sid ?? randomId(tx.random),
    authTime: proof.authTime ?? tx.now,
    amr: [...proof.amr],
    acr: proof.acr,
    sessionEpoch: user.value.sessionEpoch,
    epoch: user.value.epoch,
    providerEpoch: provider.epoch,
    address: tx.origin.address,
    userAgent: proof.userAgent === null ? null : apart(proof.userAgent.slice(0, 256)),
    createdAt: renewable?.value.createdAt ?? tx.now,
    lastSeenAt: tx.now,
    expiresAt: Math.min(tx.now + lifetimes.sessionIdle, endsAt),
    endsAt,
  };
  if (renewable) sessions.renew(tx, renewable, session);
  else sessions.add(tx, sessionId, session);
  auditEvents.append(tx, {
    type: "signed_in",
    user,
    sessionId,
    reason: proof.amr.join(" "),
  });
  return { sessionId, cookies: { session: cookie, device: newDevice(tx, user) } };
}

/** Ends the session that another user left in this browser. */
export function endSession(
  tx: Transaction,
  session: Present<Session>,
  reason: "signed_out" | "another_person" | "ended_elsewhere" | "admin",
  { user = null, actor }: {
    readonly user?: Present<User> | null;
    /** The actor, if it is not the session's user. */
    readonly actor?: string;
  } = {},
) {
  const { userId } = session.value;
  const sessionId = sessions.idOf(session);
  sessions.end(tx, session);
  auditEvents.append(tx, {
    id: idOfEnd("session_ended", sessionId),
    type: "session_ended",
    reason,
    userId,
    user,
    sessionId,
    ...(actor === undefined ? {} : { actor }),
  });
}
