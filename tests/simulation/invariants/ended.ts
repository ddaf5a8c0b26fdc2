import { grantIdOf } from "../event_log.ts";
import { digestOf, isGrantAlive, isSessionAlive } from "../tokens.ts";
import type { World } from "../world.ts";

/**
 * Everything whose end was acknowledged stays ended. So does everything from before a reset, and a
 * grant of which a credential was replayed.
 */
export function* endedForGood({ eventLog, history }: World): Generator<string> {
  for (const { what, id } of eventLog.ends) {
    // A reset may have ended a session first, and leaves its record where it is.
    const isAlive = what === "session"
      ? isSessionAlive(history, id)
      : history.find(...(what === "grant" ? ["grants", id] : ["access_tokens", digestOf(id)]));
    if (isAlive) yield `a ${what} is alive after its end: ${id}`;
  }
  for (const { grants, sessions } of eventLog.resets) {
    for (const id of grants) {
      if (isGrantAlive(history, id)) yield `a grant outlives a reset: ${id}`;
    }
    for (const id of sessions) {
      if (isSessionAlive(history, id)) yield `a session outlives a reset: ${id}`;
    }
  }
  for (const [thing, uses] of eventLog.uses) {
    const opened = uses.find(({ status }) => status === 200);
    if (opened === undefined) continue;
    const replay = uses.find(({ sent, error }) =>
      sent > (opened.answered ?? Infinity) && error === "invalid_grant"
    );
    if (replay && isGrantAlive(history, grantIdOf(thing))) {
      yield `a replay was refused and the grant lives on: ${thing}`;
    }
  }
}
