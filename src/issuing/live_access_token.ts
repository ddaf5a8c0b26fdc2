import * as accessTokens from "../../stores/access_tokens.ts";
import type { AccessToken } from "../../stores/access_tokens.ts";
import * as clients from "../../stores/clients.ts";
import type { Entry, Peeked, Present, Ref } from "../../stores/engine/collection.ts";
import * as grants from "../../stores/grants.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { isLive } from "../sessions/live_session.ts";
import type { AccessTokenAddress } from "../tokens/access_token.ts";

/** The two records under a token's address: the first batch of whoever it is shown to. */
export function accessTokenRefs(address: AccessTokenAddress | null) {
  return {
    token: address && accessTokens.ref(address.digest),
    grant: address && grants.ref(address.grantId),
  };
}

/** A token that is good at this moment. */
export interface LiveAccessToken {
  readonly token: AccessToken;
  readonly grant: Present<Grant>;
  readonly client: clients.Client;
  /** Null: the client acts for itself. */
  readonly user: Present<users.User> | null;
}

/**
 * Looks whether a token is good; null if anything it depends on has ended: its grant, its client, its
 * person, its session, an epoch, or the key that signed it.
 *
 * This is the second batch: only token and grant know whom to read.
 *
 * @param also read in the same batch
 */
export async function liveAccessToken(
  tx: Transaction,
  { token, grant, provider }: {
    readonly token: Peeked<AccessToken> | null;
    readonly grant: Entry<Grant> | null;
    readonly provider: Provider;
  },
  also: readonly Ref<unknown>[] = [],
): Promise<LiveAccessToken | null> {
  if (!token || !grant || token.value === null || grant.value === null) return null;
  const { userId, sessionId, epoch, providerEpoch, withdrawal } = grant.value;
  const { kid, clientId, grantId } = token.value;
  const { client, user, session, key } = await tx.read({
    client: clients.ref(clientId),
    user: userId === null ? null : users.ref(userId),
    session: sessionId === null ? null : sessions.ref(sessionId),
    key: kid === null ? null : signingKeys.ref(kid),
  }, also);

  if (client.value === null || grantId !== grants.idOf(grant)) return null;
  if (!grants.isTo(client.value, grant.value)) return null;
  if (providerEpoch !== provider.epoch || (key !== null && key.value === null)) return null;
  const live = { token: token.value, grant, client: client.value };
  if (user === null) return { ...live, user: null };
  if (user.value === null || user.value.status !== "active" || user.value.epoch !== epoch) {
    return null;
  }
  if (users.isWithdrawn(user.value, clientId, withdrawal)) return null;
  if (session !== null && (session.value === null || !isLive(session.value, user, provider))) {
    return null;
  }
  return { ...live, user };
}
