import type { Consent } from "../../../stores/consents.ts";
import type { Session } from "../../../stores/sessions.ts";
import type { UsedBrowser } from "../browser_party.ts";
import { type EventLog, grantIdOf, type Use } from "../event_log.ts";
import type { History } from "../history.ts";
import { digestOf } from "../tokens.ts";
import type { World } from "../world.ts";

/** Everything that was issued exists and works, unless a party asked to end it. */
export function* nothingLost(world: World, browsers: readonly UsedBrowser[]): Generator<string> {
  yield* endsWithoutCause(world);
  yield* lostTokens(world);
  for (const uses of world.eventLog.uses.values()) {
    for (const use of uses) {
      // Whose answer is lost gets another assertion: no request repeats one.
      const mayRepeat = !use.thing.startsWith("assertion ");
      const isRefused = use.isHonest && mayRepeat && use.error === "invalid_grant";
      if (isRefused && !isExcused(world, use)) {
        yield `an honest use was refused: ${use.thing}`;
      }
    }
  }
  yield* lostConsents(world);
  for (const used of browsers) yield* lostSession(world, used);
}

function* endsWithoutCause(world: World): Generator<string> {
  const { eventLog, history } = world;
  for (const { type, subject } of history.actions) {
    if (type === "session_ended" && !eventLog.askedToEnd.has(`session ${subject}`)) {
      yield `nobody wanted the session ${subject} to end`;
    }
    if (
      type === "grant_ended" && !isSuspect(eventLog, subject) && !isStartedAnew(world, subject) &&
      !isWithdrawn(world, subject)
    ) {
      yield `nobody gave a reason to end the grant ${subject}`;
    }
  }
}

/** Whether somebody wanted a grant to end, or used something of it twice. */
function isSuspect({ askedToEnd, uses }: EventLog, grantId: string): boolean {
  return askedToEnd.has(`grant ${grantId}`) ||
    [...uses].some(([thing, list]) =>
      grantIdOf(thing) === grantId && list.some(({ isHonest }) => !isHonest)
    );
}

/** Whether somebody wanted an application to lose what a grant had given it. */
function isWithdrawn({ eventLog, history }: World, grantId: string): boolean {
  const { userId, clientId } = history.grantOf(grantId) ?? {};
  return eventLog.askedToEnd.has(`application ${userId} ${clientId}`);
}

/** Whether somebody wanted all to end that the person of a grant had. */
function isStartedAnew({ eventLog, history }: World, grantId: string): boolean {
  return eventLog.askedToEnd.has(`all of ${history.grantOf(grantId)?.userId}`);
}

function* lostTokens({ eventLog, history }: World): Generator<string> {
  for (const { grantId, tokens } of eventLog.receipts) {
    const digest = digestOf(tokens.access_token);
    if (history.find("access_tokens", digest) === undefined) {
      const wanted = eventLog.askedToEnd.has(`access token ${tokens.access_token}`);
      if (!wanted) yield `an access token was lost: ${digest}`;
    }
    const isThere = history.find("grants", grantId) !== undefined;
    if (!isThere && !history.wasDeleted("grants", grantId)) yield `a grant was lost: ${grantId}`;
  }
}

/** Whether there is a reason why something that nobody used before was refused. */
function isExcused(world: World, { thing, time, of }: Use): boolean {
  const { history, eventLog } = world;
  const clockError = 8000;
  if (of !== null) {
    // Another party used it first. There is no grant whose end would show that.
    if (eventLog.usesOf(thing).some(({ isHonest }) => !isHonest)) return true;
    const isEnd = (what: string) => what.startsWith("application ") || what.startsWith("all of ");
    if ([...eventLog.askedToEnd].some(isEnd)) return true;
    return history.wasDeleted("sessions", of.sessionId) || time - of.madeAt + clockError >= 300_000;
  }
  const grantId = grantIdOf(thing);
  const grant = history.grantOf(grantId);
  if (history.wasDeleted("grants", grantId) || isWithdrawn(world, grantId)) return true;
  if (isStartedAnew(world, grantId)) return true;
  if (grant?.sessionId && history.wasDeleted("sessions", grant.sessionId)) return true;
  const received = eventLog.codes.find(({ code }) => code === thing);
  if (received === undefined) return false;
  // A double click: another code took its place.
  if (history.wasDeleted("authorization_codes", digestOf(thing))) return true;
  return time - received.askedAt + clockError >= 60_000;
}

function* lostConsents({ eventLog, history }: World): Generator<string> {
  for (const { grantId, clientId } of eventLog.codes) {
    const userId = history.grantOf(grantId)?.userId;
    if (!userId || eventLog.askedToEnd.has(`application ${userId} ${clientId}`)) continue;
    if (history.find<Consent>("consents", userId, clientId) === undefined) {
      yield `a consent was lost: ${userId} ${clientId}`;
    }
  }
}

function* lostSession(
  { eventLog, history }: { eventLog: EventLog; history: History },
  used: UsedBrowser,
): Generator<string> {
  const sessionId = used.sessionId();
  if (sessionId === null || !used.isCertain || used.isCurrent()) return;
  const session = history.find<Session>("sessions", sessionId);
  const isWanted = session === undefined
    ? wasWanted(eventLog, sessionId) && history.wasDeleted("sessions", sessionId)
    : eventLog.askedToEnd.has(`all of ${session.userId}`);
  if (!isWanted) yield `a session was lost: ${sessionId}`;
}

/** Whether somebody asked to end a session, or all of somebody: then a worker may have removed it. */
function wasWanted({ askedToEnd }: EventLog, sessionId: string): boolean {
  return askedToEnd.has(`session ${sessionId}`) ||
    [...askedToEnd].some((what) => what.startsWith("all of "));
}
