import type { Receipt } from "../event_log.ts";
import { clientEntryOf } from "../client.ts";
import type { World } from "../world.ts";

/** Every single-use thing was used at most once, according to the answers and to the store. */
export function* spentOnce({ eventLog, history }: World): Generator<string> {
  for (const key of history.spentTwice) yield `${key} was spent twice`;
  yield* history.unproven;

  for (const [thing, uses] of eventLog.uses) {
    const opened = uses.filter(({ status }) => status === 200 || status === 201).length;
    if (
      /^(session_token|proof|assertion|request_object|initial_access_token) /.test(thing) &&
      opened > usesOf(thing)
    ) {
      yield `${opened} times: ${thing}`;
    }
  }
  yield* atMostOne(eventLog.openings, ({ thing }) => thing, "has opened");

  const exchanges = eventLog.receipts.filter(({ use }) => !use.thing.startsWith("rt_"));
  yield* atMostOne(exchanges, ({ grantId }) => grantId, "the codes of a grant gave tokens");

  // Within its grace period a repeat is answered as before.
  const refreshes = eventLog.receipts.filter(({ use }) => use.thing.startsWith("rt_"));
  const answers = new Map(refreshes.map((receipt) => [answerOf(receipt), receipt]));
  yield* atMostOne([...answers.values()], ({ use }) => use.thing, "a refresh token gave tokens");
  const all = new Map(eventLog.receipts.map((receipt) => [answerOf(receipt), receipt]));
  const generation = ({ tokens }: Receipt) => tokens.refresh_token ?? null;
  yield* atMostOne([...all.values()], generation, "a refresh token was issued");

  const codes = new Map(eventLog.codes.map((code) => [code.grantId, code]));
  yield* atMostOne(
    [...codes.values()],
    ({ requestUri }) => requestUri,
    "a request_uri gave grants",
  );
  const interaction = ({ interactionId }: { interactionId: string | null }) => interactionId;
  yield* atMostOne([...codes.values()], interaction, "an interaction gave grants");
}

/** How often a thing may open: its name ends with the number, if that is not one. */
function usesOf(thing: string): number {
  const [, uses = "1"] = /^initial_access_token \S+ (\d+)$/.exec(thing) ?? [];
  return Number(uses);
}

function answerOf({ clientId, tokens, use, received }: Receipt): string {
  const hasGrace = clientEntryOf(clientId).refresh_token_grace_period !== 0;
  return hasGrace ? `${use.thing} ${tokens.access_token}` : `${use.thing} ${received}`;
}

function* atMostOne<T>(
  things: readonly T[],
  keyOf: (thing: T) => string | null,
  what: string,
): Generator<string> {
  const counts = new Map<string, number>();
  for (const key of things.map(keyOf)) {
    if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, count] of counts) if (count > 1) yield `${what} ${count} times: ${key}`;
}
