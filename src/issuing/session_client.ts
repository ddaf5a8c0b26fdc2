import { isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Client } from "../../stores/clients.ts";
import type { Provider } from "../../stores/provider.ts";
import * as sessionClients from "../../stores/session_clients.ts";
import * as sessionEnds from "../../stores/session_ends.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { idOf as userIdOf, type User } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { isLive } from "../sessions/live_session.ts";
import type { ToldSession } from "./live_grant.ts";

/**
 * Remembers that a client got an ID token in a session. If the session has ended before that, which a code
 * for offline access outlives, the client is told at once.
 */
export async function noteSessionClient(
  deps: Pick<Deps, "config">,
  tx: Transaction,
  { session: { id: sessionId, sid }, client, user, provider }: {
    readonly session: ToldSession;
    readonly client: Client;
    readonly user: Present<User>;
    readonly provider: Provider;
  },
) {
  const { session } = await tx.read({ session: sessions.ref(sessionId) });
  const { sessionMax } = deps.config.lifetimes;
  // Signing in again moves the end of the session on, and does not come here.
  const expiresAt = Math.max(session.value?.endsAt ?? 0, tx.now + sessionMax) + sessionMax;
  const { clientId, createdAt: clientCreatedAt } = client;
  const noted = { userId: userIdOf(user), clientCreatedAt, sid, expiresAt };
  sessionClients.add(tx, { sessionId, clientId }, noted);
  const lives = isPresent(session) && isLive(session.value, user, provider);
  if (!lives) sessionEnds.addEnd(tx, sessionId);
}
