import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent, type Present, type Ref, wasPresent } from "../../stores/engine/collection.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { inBatches, peekInBatches } from "../../stores/engine/batches.ts";
import { type Device, newDevice } from "../sessions/device.ts";
import { isLive } from "../sessions/live_session.ts";
import { endSession } from "../sessions/sign_in.ts";
import type { Deps } from "../deps/deps.ts";
import { type AccountHolder, type AccountRequest, accountStep } from "./account_step.ts";
import { eachEntry } from "../logout/personal_records.ts";

/** Sessions that a list shows; ending all others ends what it does not show as well. */
const mostShown = 100;
/** Of a commit's 999 mutations an end takes 5: the session, its event, and three entries. */
const endsPerCommit = 100;

export interface OwnSessions {
  readonly holder: AccountHolder;
  /** The live ones: the one that asks first, then by when they were last seen. */
  readonly sessions: readonly Present<Session>[];
  /** How many more there are. */
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

/** A person's sessions that still count; unchecked. */
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
 * Ends one of one's own sessions, and with it what depends on it.
 *
 * @returns false if none of one's own has this id: another person's is as unknown as one that never was
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
    endSession(tx, session, "ended_elsewhere", { person: holder.user });
    return true;
  });
}

/**
 * Ends all of one's sessions but this one, in one write however many there are: the person's epoch
 * moves on, and this session with it. What was given in it goes on; what was given in the others is dead.
 *
 * @returns that this browser goes on being known for the account
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
 * Ends all sessions but this one, in a step that changes the person anyway. After the commit,
 * `sweepUpSessions`.
 *
 * @returns what the person's record has to change by
 */
export function endOthers(
  tx: Transaction,
  { id, user, session }: AccountHolder,
): Pick<User, "sessionEpoch"> {
  const sessionEpoch = user.value.sessionEpoch + 1;
  sessions.restamp(tx, session, sessionEpoch);
  const event = { type: "sessions_ended", reason: "all_others" } as const;
  auditEvents.append(tx, { ...event, person: user, sessionId: id });
  return { sessionEpoch };
}

/** Takes the records that the epoch has ended, with what they tell of devices and places. */
export async function sweepUpSessions(
  deps: Deps,
  { origin }: AccountRequest,
  { userId }: AccountHolder,
) {
  const left = await sessionsOf(deps, userId);
  for (let n = 0; n < left.length; n += endsPerCommit) {
    const some = left.slice(n, n + endsPerCommit).map(({ ref }) => ref);
    await deps.kv.step({ ...origin, actor: `person:${userId}` }, async (tx) => {
      const { user } = await tx.read({ user: users.ref(userId) });
      if (!isPresent(user)) return;
      const found = await peekInBatches(tx, some, "to_be_ended");
      for (const session of found.filter(wasPresent)) {
        const { epoch, sessionEpoch } = session.value;
        if (epoch === user.value.epoch && sessionEpoch === user.value.sessionEpoch) continue;
        sessions.endUnchecked(tx, session);
      }
    });
  }
}
