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
import type { Amr } from "../protocol/amr.ts";
import { type Device, newDevice } from "./device.ts";
import { isLive } from "./live_session.ts";
import { formatSessionCookie } from "./session_cookie.ts";

/** What a person has just proved, and from where. */
export interface Proof {
  readonly user: Present<User>;
  readonly provider: Provider;
  /** @see RFC 8176 section 2 */
  readonly amr: readonly Amr[];
  readonly acr: string;
  /** Epoch seconds; now, unless it adds to an earlier sign-in. */
  readonly authTime?: number;
  readonly userAgent: string | null;
  /** The session that this browser has already; one of the same person is renewed. */
  readonly before: Entry<Session> | null;
}

/** What a browser keeps of a sign-in. */
export interface BrowserCookies {
  /** The session cookie's new value: whoever knew the old one knows nothing now (session fixation). */
  readonly session: string;
  /** That this browser has signed the account in, beside what its device cookie says already. */
  readonly device: Device;
}

export interface SignedIn {
  readonly sessionId: string;
  readonly cookies: BrowserCookies;
}

/** Adds a sign-in to the step: a new session, or a new secret for the one that the person has. */
export async function signIn(deps: Deps, tx: Transaction, proof: Proof): Promise<SignedIn> {
  const { user, provider, before } = proof;
  const { lifetimes } = deps.config;
  const userId = idOf(user);
  const renewable = before !== null && before.value !== null && isLive(before.value, user, provider)
    ? before
    : null;
  const sessionId = renewable ? sessions.idOf(renewable) : randomId(tx.random);
  const cookie = formatSessionCookie(userId, sessionId, randomSecret(tx.random));
  // What only adds to a sign-in makes it no newer: whoever has the app alone could go on for ever.
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
    userAgent: proof.userAgent?.slice(0, 256) ?? null,
    createdAt: renewable?.value.createdAt ?? tx.now,
    lastSeenAt: tx.now,
    expiresAt: Math.min(tx.now + lifetimes.sessionIdle, endsAt),
    endsAt,
  };
  if (renewable) sessions.renew(tx, renewable, session);
  else sessions.add(tx, sessionId, session);
  auditEvents.append(tx, {
    type: "signed_in",
    person: user,
    sessionId,
    reason: proof.amr.join(" "),
  });
  return { sessionId, cookies: { session: cookie, device: newDevice(tx, user) } };
}

/** Ends the session that somebody else left behind in this browser. */
export function endSession(
  tx: Transaction,
  session: Present<Session>,
  reason: "signed_out" | "another_person" | "ended_elsewhere" | "admin",
  { person = null, actor }: {
    readonly person?: Present<User> | null;
    /** Where it is somebody else than the session's person. */
    readonly actor?: string;
  } = {},
) {
  const { userId } = session.value;
  const sessionId = sessions.idOf(session);
  sessions.end(tx, session);
  auditEvents.append(tx, {
    id: auditEvents.idOfEnd("session_ended", sessionId),
    type: "session_ended",
    reason,
    userId,
    person,
    sessionId,
    ...(actor === undefined ? {} : { actor }),
  });
}
