import type { Client } from "../../stores/clients.ts";
import type { Entry, Present, Ref } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import type { User } from "../../stores/users.ts";
import type { TrustRule } from "../clients/other_issuers.ts";
import { readLiveGrant } from "./live_grant.ts";

/**
 * The user of a client's grant; null if the grant has ended, belongs to another client, or has no user.
 *
 * @param prefetch read in the same round trip, for a `peek` that follows
 */
export async function readGrantUser(
  deps: { readonly config: TrustRule },
  tx: Transaction,
  client: Client,
  grant: Entry<Grant>,
  provider: Provider,
  prefetch: readonly Ref<unknown>[],
): Promise<Present<User> | null> {
  const live = await readLiveGrant(deps, tx, { grant, provider }, prefetch);
  return live?.client.clientId === client.clientId ? live.user : null;
}
