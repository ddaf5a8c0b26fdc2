import * as accessTokens from "../../stores/access_tokens.ts";
import type { AccessToken } from "../../stores/access_tokens.ts";
import type { Entry, Peeked, Ref } from "../../stores/engine/collection.ts";
import * as grants from "../../stores/grants.ts";
import type { Grant } from "../../stores/grants.ts";
import * as resources from "../../stores/resources.ts";
import type { Provider } from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { presentedScope } from "../grantable/presented_scope.ts";
import type { RegistrationRule } from "../grantable/registered_scope.ts";
import { refusesBearerTokens } from "../clients/profile.ts";
import { noteClient } from "../protocol/refusals.ts";
import type { AccessTokenAddress } from "../tokens/access_token.ts";
import { grantRefs, type LiveGrant, liveGrant } from "./live_grant.ts";

/**
 * The two records at a token's address. They are the first batch of an endpoint that receives the
 * token.
 */
export function accessTokenRefs(address: AccessTokenAddress | null) {
  return {
    token: address && accessTokens.ref(address.digest),
    grant: address && grants.ref(address.grantId),
  };
}

/** A token that is valid at this moment. */
export interface LiveAccessToken extends LiveGrant {
  readonly token: AccessToken;
  /** The part of the token's scope that its client is still registered for. */
  readonly scope: readonly string[];
}

/**
 * Returns the token with its records if it is valid. Null if its grant or a record that the grant
 * depends on has ended, if the key that signed it was withdrawn, or if its client may no longer ask for
 * its resource.
 *
 * This is the second batch, because only the token and its grant name these records.
 *
 * @param also read in the same batch
 */
export async function liveAccessToken(
  { config }: { readonly config: RegistrationRule },
  tx: Transaction,
  { token, grant: atItsPlace, provider }: {
    readonly token: Peeked<AccessToken> | null;
    readonly grant: Entry<Grant> | null;
    readonly provider: Provider;
  },
  also: readonly Ref<unknown>[] = [],
): Promise<LiveAccessToken | null> {
  const grant = accessTokens.grantOf(token, atItsPlace);
  if (!token || !grant || token.value === null || grant.value === null) return null;
  const { kid, clientId, grantId } = token.value;
  noteClient(clientId);
  const { key, ...records } = await tx.read({
    ...grantRefs(grant),
    key: kid === null ? null : signingKeys.ref(kid),
  }, [...token.value.resources.map(resources.ref), ...also]);
  if (grantId !== grants.idOf(grant) || clientId !== grant.value.clientId) return null;
  if (key !== null && key.value === null) return null;
  const live = liveGrant({ grant, provider, ...records });
  if (live && refusesBearerTokens(live.client) && token.value.confirmation === null) return null;
  const scope = live && await presentedScope(config, tx, live.client, token.value);
  return live && scope && { token: token.value, scope, ...live };
}
