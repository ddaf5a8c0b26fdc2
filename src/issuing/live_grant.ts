import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import type { Entry, Peeked, Present, Ref } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import { isStillHeldBy } from "../clients/grant_holder.ts";
import { isStillTrusted, type TrustRule } from "../clients/other_issuers.ts";
import { noteUser } from "../protocol/refusals.ts";
import { isLive } from "../sessions/live_session.ts";
import { stillLives } from "../sessions/still_lives.ts";

/** A grant that is valid at this moment. */
export interface LiveGrant {
  readonly grant: Present<Grant>;
  readonly client: Client;
  /** Null: the client acts for itself. */
  readonly user: Present<User> | null;
}

/**
 * The records that a grant depends on. They are the second batch of a step, because only the grant
 * names them.
 */
export function grantRefs(grant: Entry<Grant> | null) {
  const { clientId = null, userId = null, sessionId = null } = grant?.value ?? {};
  return {
    client: clientId === null ? null : clients.ref(clientId),
    user: userId === null ? null : users.ref(userId),
    session: sessionId === null ? null : sessions.ref(sessionId),
  };
}

/**
 * Decides whether a grant is still valid. It returns null if the grant has ended or anything that it
 * depends on: its client (also if another client was created later with the same id, or the client's
 * authentication became weaker), its user, their right to use the client, the trust in the issuer that
 * asserted the user, its session, or an epoch.
 * Every other reason that ends a grant must be checked here.
 */
export function liveGrant({ config, grant, client, user, session, provider }: {
  readonly config: TrustRule;
  readonly grant: Entry<Grant> | null;
  readonly client: Peeked<Client> | null;
  readonly user: Entry<User> | null;
  readonly session: Entry<Session> | null;
  readonly provider: Provider;
}): LiveGrant | null {
  if (!grant || grant.value === null || !client || client.value === null) return null;
  const { userId, sessionId } = grant.value;
  if (userId !== null) noteUser(userId);
  if (!isStillHeldBy(client.value, grant.value)) return null;
  if (!stillLives(grant.value, { user, provider })) return null;
  if (!isStillTrusted(config, provider, grant.value)) return null;
  if (userId === null) return { grant, client: client.value, user: null };
  if (user === null || user.value === null || !mayUse(client.value, user.value)) return null;
  if (sessionId !== null) {
    if (!session || session.value === null || sessions.idOf(session) !== sessionId) return null;
    if (!isLive(session.value, user, provider)) return null;
  }
  return { grant, client: client.value, user };
}

/** The same as `readLiveGrant`, for a step that issues a token whose each use looks at the grant again. */
export async function exchangeableGrant(
  { config }: { readonly config: TrustRule },
  tx: Transaction,
  { grant, provider }: { readonly grant: Entry<Grant> | null; readonly provider: Provider },
  prefetch: readonly Ref<unknown>[],
): Promise<LiveGrant | null> {
  if (!grant || grant.value === null) return null;
  const { client: clientRef, ...checked } = grantRefs(grant);
  const records = await tx.read(checked, [...(clientRef ? [clientRef] : []), ...prefetch]);
  const { client } = await tx.peek({ client: clientRef }, "checked_at_use");
  return liveGrant({ config, grant, provider, client, ...records });
}

/**
 * Reads the records that a grant depends on, and decides whether it is valid.
 * @param prefetch read in the same round trip, for a `peek` that follows
 */
export async function readLiveGrant(
  { config }: { readonly config: TrustRule },
  tx: Transaction,
  { grant, provider }: { readonly grant: Entry<Grant> | null; readonly provider: Provider },
  prefetch: readonly Ref<unknown>[],
): Promise<LiveGrant | null> {
  if (!grant || grant.value === null) return null;
  return liveGrant({ config, grant, provider, ...await tx.read(grantRefs(grant), prefetch) });
}

/** A session of whose end a client must be told. */
export interface ToldSession {
  readonly id: string;
  /** As it is in the ID token. */
  readonly sid: string;
}

interface Told {
  /** Null: the client is not told. */
  readonly session: ToldSession | null;
  /** To be read with the second batch of a step that issues an ID token. */
  readonly refs: readonly Ref<unknown>[];
}

const notTold: Told = { session: null, refs: [] };

/** The session in which a grant was given, whether or not the grant outlives it. */
export function sessionIdOf({ sessionId, givenInSession }: Grant): string | null {
  return sessionId ?? givenInSession ?? null;
}

/** The session of a grant, if its client is told of logouts. It costs other clients nothing. */
export function toldSession(client: Client, grant: Grant | null): Told {
  const { backchannelLogoutUri, frontchannelLogoutUri } = client;
  if (
    (backchannelLogoutUri ?? frontchannelLogoutUri) === null || grant === null || grant.sid === null
  ) return notTold;
  const id = sessionIdOf(grant);
  if (id === null) return notTold;
  return { session: { id, sid: grant.sid }, refs: [sessions.ref(id)] };
}
