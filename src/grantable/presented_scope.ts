import type { AccessToken } from "../../stores/access_tokens.ts";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import {
  mayAskFor,
  namedOwnScope,
  registeredScope,
  type RegistrationRule,
} from "./registered_scope.ts";
import { readResources } from "./resources.ts";

/**
 * The part of an access token's scope that its client is still registered for; null if the client may
 * no longer ask for the resource, or no scope is left.
 */
export async function presentedScope(
  rule: RegistrationRule,
  tx: Transaction,
  client: Client,
  token: Pick<AccessToken, "scope" | "resources">,
): Promise<string[] | null> {
  const own = namedOwnScope(client, rule);
  if (token.resources.length === 0) return token.scope.filter((name) => own.includes(name));
  const found = await readResources(tx, token.resources);
  const allowed = found.filter((one) => one !== null).filter((one) => mayAskFor(client, one, rule));
  if (allowed.length === 0) return null;
  const registered = [
    ...own,
    ...allowed.flatMap((resource) => registeredScope(client, resource, rule, { byName: true })),
  ];
  return token.scope.filter((name) => registered.includes(name));
}
