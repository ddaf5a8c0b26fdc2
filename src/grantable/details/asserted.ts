import type { AuthorizationDetail } from "../../../stores/authorization_detail_types.ts";
import type { Client } from "../../../stores/clients.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import type { Deps } from "../../deps/deps.ts";
import { narrowed } from "./granted.ts";
import { refusedDetails } from "./locations.ts";
import { requestedDetails } from "./requested.ts";

/**
 * The authorization details that a client asks for by an assertion: a part of those in it, which must be
 * such as the client could ask for itself. The other server has decided in place of the user.
 *
 * @param asserted the claim of the assertion; undefined: it has none
 * @throws {OAuthError} `invalid_authorization_details`
 * @see draft-ietf-oauth-identity-assertion-authz-grant section 4.4
 */
export async function assertedDetails(
  deps: Deps,
  tx: Transaction,
  client: Client,
  asserted: readonly unknown[] | undefined,
  text: string,
): Promise<AuthorizationDetail[]> {
  if (asserted === undefined) throw refusedDetails("must not have more than the assertion");
  const all = JSON.stringify(asserted);
  return narrowed(await requestedDetails(deps, tx, client, all, { asksUser: false }), text);
}
