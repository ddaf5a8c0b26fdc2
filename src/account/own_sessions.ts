import * as auditEvents from "../../stores/audit_events.ts";
import * as carriedOutForms from "../../stores/carried_out_forms.ts";
import { isPresent, type Present, type Ref } from "../../stores/engine/collection.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import { type Device, newDevice } from "../sessions/device.ts";
import { isLive } from "../sessions/live_session.ts";
import { endSession } from "../sessions/sign_in.ts";
import type { Deps } from "../deps/deps.ts";
import { type AccountHolder, type AccountRequest, accountStep } from "./account_step.ts";
import { sweepUser } from "../logout/sweep.ts";

/** The largest number of sessions on a list. Ending all others also ends those that are not shown. */
const mostShown = 100;

export interface OwnSessions {
  readonly holder: AccountHolder;
  /** The live sessions: first the present one, then the others by the time of their last use. */
  readonly sessions: readonly Present<Session>[];
  /** The number of further sessions. */
  readonly more: number;
}

/** @throws {SignInNeeded} */
export async function listOwnSessions(deps: Deps, request: AccountRequest): Promise<OwnSessions> {
  const holder = await accountStep(deps, request, { recent: false }, (_, holder) => holder);
  const live = await liveSessions(deps, holder);
  const isOwn = (session: Present<Session>) => sessions.idOf(session) === holder.id ? 1 : 0;
  live.sort((a, b) => isOwn(b) - isOwn(a) || b.value.lastSeenAt - a.value.lastSeenAt);
  const more = Math.max(0, live.length - mostShown);
  return { holder, sessions: live.slice(0, mostShown), more };
}

/** The live sessions of a user, read without checks. */
export async function liveSessions(deps: Deps, holder: AccountHolder): Promise<Present<Session>[]> {
  const { user, provider } = holder;
  const found = await sessionsOf(deps, holder.userId);
  return found.filter(({ value }) => isLive(value, user, provider));
}

async function sessionsOf(deps: Deps, userId: string): Promise<Present<Session>[]> {
  const refs: Ref<Session>[] = [];
  for await (const { ref } of eachEntry(deps, sessions.byUser, userId)) {
    refs.push(sessions.ref(String(ref.key[2])));
  }
  const found = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
  return found.filter(isPresent);
}

/**
 * Ends one of the user's own sessions, and everything that depends on it.
 *
 * @returns false if the user has no session with this id. Another user's session gets the same
 *   answer.
 * @throws {SignInNeeded}
 */
export async function endOwnSession(
  deps: Deps,
  request: AccountRequest,
  sessionId: string,
): Promise<boolean> {
  return await accountStep(deps, request, { recent: false }, async (tx, holder) => {
    const { session } = await tx.read({ session: sessions.ref(sessionId) });
    if (!isPresent(session) || session.value.userId !== holder.userId) return false;
    endSession(tx, session, "ended_elsewhere", { user: holder.user });
    carriedOutForms.add(tx);
    return true;
  });
}

/**
 * Ends all sessions of the user except this one, in one write for any number of sessions. The user's
 * session epoch is raised, and this session is updated to it. Grants of this session stay valid, and
 * grants of the others end.
 *
 * @returns the mark by which this browser stays known for the account
 * @throws {SignInNeeded}
 */
export async function endOtherSessions(deps: Deps, request: AccountRequest): Promise<Device> {
  const { holder, device } = await accountStep(deps, request, { recent: false }, (tx, holder) => {
    const epochs = endOthers(tx, holder);
    users.replace(tx, holder.user, epochs);
    return { holder, device: newDevice(tx, holder.user, epochs) };
  });
  await sweepUpSessions(deps, request, holder);
  return device;
}

/**
 * Ends all sessions except this one, in a step that changes the user anyway. Call `sweepUpSessions`
 * after the commit.
 *
 * @returns the changes for the user's record
 */
export function endOthers(
  tx: Transaction,
  { id, user, session }: AccountHolder,
): Pick<User, "sessionEpoch"> {
  const sessionEpoch = user.value.sessionEpoch + 1;
  sessions.restamp(tx, session, sessionEpoch);
  const event = { type: "sessions_ended", reason: "all_others" } as const;
  auditEvents.append(tx, { ...event, user, sessionId: id });
  return { sessionEpoch };
}

/** Removes the records of sessions that the epoch has ended, with their devices and addresses. */
export async function sweepUpSessions(
  deps: Deps,
  { origin }: AccountRequest,
  { userId }: AccountHolder,
) {
  await sweepUser(deps, { ...origin, actor: `person:${userId}` }, userId);
}
