import type { Client } from "../../stores/clients.ts";
import type { Entry, Present, Ref } from "../../stores/engine/collection.ts";
import { type Grant, isTo } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { isLive } from "../sessions/live_session.ts";

/**
 * The person of a client's grant; null if the grant is dead: the person suspended or gone, its session
 * ended, an epoch moved on since it was given, taken back, or given to a client that had the id before.
 *
 * This is the second read of a step: only the grant knows whom to read.
 *
 * @param along read in the same round trip, for a `peek` that follows
 */
export async function readPerson(
  tx: Transaction,
  client: Client,
  grant: Entry<Grant>,
  provider: Provider,
  along: readonly Ref<unknown>[] = [],
): Promise<Present<users.User> | null> {
  if (grant.value === null || grant.value.userId === null) return null;
  if (!isTo(client, grant.value)) return null;
  const { userId, sessionId, epoch, providerEpoch, withdrawal } = grant.value;
  const { user, session } = await tx.read({
    user: users.ref(userId),
    session: sessionId === null ? null : sessions.ref(sessionId),
  }, along);
  if (user.value === null || user.value.status !== "active") return null;
  if (user.value.epoch !== epoch || provider.epoch !== providerEpoch) return null;
  if (users.isWithdrawn(user.value, client.clientId, withdrawal)) return null;
  if (session !== null && (session.value === null || !isLive(session.value, user, provider))) {
    return null;
  }
  return user;
}
