import { parts, peekInBatches } from "../../stores/engine/batches.ts";
import { isPresent, type Ref, wasPresent } from "../../stores/engine/collection.ts";
import { type Origin, systemOrigin } from "../../stores/engine/transaction.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import * as providers from "../../stores/provider.ts";
import * as sessionEnds from "../../stores/session_ends.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import * as users from "../../stores/users.ts";
import { stillLives } from "../sessions/still_lives.ts";
import type { Deps } from "../deps/deps.ts";

/**
 * How many sessions one commit can end. Each takes 3 of its 999 mutations: the session, its index entry
 * and its end.
 */
const endsPerCommit = 100;

/**
 * Removes the sessions that an epoch, a restored backup or a suspension has ended, so that their clients
 * are told. A process that ends or dies meanwhile leaves the sweep to the next one.
 * @param ending once aborted, no other commit is begun
 * @throws {StoreUnavailable}
 */
export async function sweepSessions(deps: Deps, ending?: AbortSignal): Promise<void> {
  for await (const sweep of eachEntry(deps, sessionEnds.sweeps)) {
    const userId = sessionEnds.sweptUserOf(sweep);
    if (userId === null) await sweepEverybody(deps, ending);
    else if (!ending?.aborted) await sweepUser(deps, systemOrigin, userId);
    if (ending?.aborted) return;
    await deps.kv.step(systemOrigin, async (tx) => {
      const { now } = await tx.read({ now: sweep.ref });
      // If more sessions were ended meanwhile, the record is a newer one, and stays.
      if (isPresent(now) && now.versionstamp === sweep.versionstamp) tx.delete(now);
    });
  }
}

/** Removes the sessions of a user that are not valid any more, with their devices and addresses. */
export async function sweepUser(
  deps: Pick<Deps, "kv">,
  origin: Origin,
  userId: string,
): Promise<void> {
  const refs: Ref<Session>[] = [];
  for await (const { ref } of eachEntry(deps, sessions.byUser, userId)) {
    refs.push(sessions.ref(String(ref.key[2])));
  }
  for (const some of parts(refs, endsPerCommit)) await endDead(deps, origin, userId, some);
}

async function sweepEverybody(deps: Deps, ending?: AbortSignal) {
  let some: Ref<Session>[] = [];
  for await (const { ref } of eachEntry(deps, sessions.all)) {
    some.push(ref);
    if (ending?.aborted) return;
    if (some.length < endsPerCommit) continue;
    await endDead(deps, systemOrigin, null, some);
    some = [];
  }
  await endDead(deps, systemOrigin, null, some);
}

/** @param userId whose sessions they are; null: ends those that the server's epoch has ended */
async function endDead(
  deps: Pick<Deps, "kv">,
  origin: Origin,
  userId: string | null,
  refs: readonly Ref<Session>[],
) {
  if (refs.length === 0) return;
  await deps.kv.step(origin, async (tx) => {
    // Before the sessions: one that is kept gets the new epoch in the commit that raises it.
    const { provider, user } = await providers.read(tx, {
      user: userId === null ? null : users.ref(userId),
    });
    const isDead = ({ value }: { readonly value: Session }) =>
      user === null
        ? value.providerEpoch !== provider.epoch
        : !stillLives(value, { user, provider });
    const found = await peekInBatches(tx, refs, "to_be_ended");
    for (const session of found.filter(wasPresent)) {
      if (isDead(session)) sessions.endUnchecked(tx, session);
    }
  });
}
