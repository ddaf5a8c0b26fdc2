import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import type { Entry, Present, Ref } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { isStillHeldBy } from "../clients/grant_holder.ts";
import { noteUser } from "../protocol/refusals.ts";
import { isLive } from "../sessions/live_session.ts";
import { stillLives } from "../sessions/still_lives.ts";

/** A grant that is good at this moment. */
export interface LiveGrant {
  readonly grant: Present<Grant>;
  readonly client: Client;
  /** Null: the client acts for itself. */
  readonly user: Present<User> | null;
}

/** The records that a grant depends on: the second batch of a step, for only the grant names them. */
export function grantRefs(grant: Entry<Grant> | null) {
  const { clientId = null, userId = null, sessionId = null } = grant?.value ?? {};
  return {
    client: clientId === null ? null : clients.ref(clientId),
    user: userId === null ? null : users.ref(userId),
    session: sessionId === null ? null : sessions.ref(sessionId),
  };
}

/**
 * Whether a grant still lives; null if anything that it depends on has ended: the grant itself, its client
 * (another one that was made later under its id included, and one that proves less than it did), its
 * person, its session, or an epoch. Whatever else may end a grant is asked here.
 */
export function liveGrant({ grant, client, user, session, provider }: {
  readonly grant: Entry<Grant> | null;
  readonly client: Entry<Client> | null;
  readonly user: Entry<User> | null;
  readonly session: Entry<Session> | null;
  readonly provider: Provider;
}): LiveGrant | null {
  if (!grant || grant.value === null || !client || client.value === null) return null;
  const { userId, sessionId } = grant.value;
  if (userId !== null) noteUser(userId);
  if (!isStillHeldBy(client.value, grant.value)) return null;
  if (!stillLives(grant.value, { user, provider })) return null;
  if (userId === null) return { grant, client: client.value, user: null };
  if (user === null || user.value === null) return null;
  if (sessionId !== null) {
    if (!session || session.value === null || sessions.idOf(session) !== sessionId) return null;
    if (!isLive(session.value, user, provider)) return null;
  }
  return { grant, client: client.value, user };
}

/** Reads what a grant depends on, and whether it lives. @param along read in the same round trip */
export async function readLiveGrant(
  tx: Transaction,
  { grant, provider }: { readonly grant: Entry<Grant> | null; readonly provider: Provider },
  along: readonly Ref<unknown>[] = [],
): Promise<LiveGrant | null> {
  if (!grant || grant.value === null) return null;
  return liveGrant({ grant, provider, ...await tx.read(grantRefs(grant), along) });
}
