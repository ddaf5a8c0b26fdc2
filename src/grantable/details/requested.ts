import {
  type AuthorizationDetail,
  type AuthorizationDetailType,
  detailText,
  mostLocations,
} from "../../../stores/authorization_detail_types.ts";
import type { Client } from "../../../stores/clients.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as providers from "../../../stores/provider.ts";
import { adminResource } from "../../clients/admin_resource.ts";
import { utf8 } from "../../crypto/encoding.ts";
import type { Deps } from "../../deps/deps.ts";
import { isSignedAsProfile, mayAskFor, otherNameFor } from "../registered_scope.ts";
import { isListedItself, isSameResource, leadsTo, readResources } from "../resources.ts";
import { checkedFields } from "./fields.ts";
import { refusedDetails } from "./locations.ts";
import { parseDetails, type SentDetail } from "./parse.ts";

/** A token may carry all of it, in a header. */
const mostBytes = 3072;

/**
 * The authorization details that a first request asks for: of types that this server and the registration
 * of the client have, with the fields that the type allows, at resources of the type that the client may
 * ask for. Details without locations are for all of those. The parameter `resource` has no influence.
 *
 * @param text the parameter as received
 * @param options `asksUser`: whether a user is asked; without one the types with `always_ask` are refused
 * @throws {OAuthError} `invalid_authorization_details`
 * @see RFC 9396 sections 2, 3.2 and 5
 */
export async function requestedDetails(
  deps: Deps,
  tx: Transaction,
  client: Client,
  text: string,
  { asksUser }: { readonly asksUser: boolean },
): Promise<AuthorizationDetail[]> {
  const sent = parseDetails(text);
  const provider = providers.fetched(tx);
  const typed = sent.map((one) => ({ ...one, of: typeOf(provider, client, one) }));
  if (!asksUser && typed.some(({ of }) => of.alwaysAsk)) {
    throw refusedDetails("has a type that only a user can allow, at each request");
  }
  const names = [...new Set(typed.flatMap(({ locations, of }) => locations ?? of.resources))];
  if (names.length > mostLocations) {
    throw refusedDetails(`must not be for more than ${mostLocations} resources`);
  }
  // The resource that each name means: exactly that one, if two spellings are registered.
  const allowed = new Map<string, string>();
  for (const [n, one] of (await readResources(tx, names)).entries()) {
    if (one === null || !mayAskFor(client, one, deps.config)) continue;
    const other = otherNameFor(client, one);
    if (other !== null && !await leadsTo(tx, other, one.resource)) continue;
    // An administrator acts in person, by scope alone.
    if (isSameResource(one.resource, adminResource(deps.config))) continue;
    if (isSignedAsProfile(client, one)) allowed.set(names[n] ?? "", one.resource);
  }
  const details: AuthorizationDetail[] = [];
  for (const one of typed) details.push(checkedDetail(one, await meantLocations(tx, one, allowed)));
  if (new Set(details.map(detailText)).size < details.length) {
    throw refusedDetails("must not have two equal objects");
  }
  if (utf8(JSON.stringify(details)).length > mostBytes) {
    throw refusedDetails(`must have at most ${mostBytes} bytes, with all of their locations`);
  }
  return details;
}

interface TypedDetail extends SentDetail {
  readonly of: AuthorizationDetailType;
}

/** One error for all types that a client must not use, so that it does not reveal which exist. */
function typeOf(
  { authorizationDetailTypes }: providers.Provider,
  { authorizationDetailsTypes }: Client,
  { type }: SentDetail,
): AuthorizationDetailType {
  const found = authorizationDetailTypes.find((one) => one.type === type);
  if (found !== undefined && authorizationDetailsTypes.includes(type)) return found;
  throw refusedDetails("has a type that is unknown, or that the client is not registered for");
}

/**
 * The resources that a detail is for: those that it names, or all that its type has and the client may ask for.
 *
 * @param allowed what a name means, if the client may ask for it
 */
async function meantLocations(
  tx: Transaction,
  { of, locations }: TypedDetail,
  allowed: ReadonlyMap<string, string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const name of locations ?? of.resources) {
    const resource = allowed.get(name);
    const isOfType = resource !== undefined && await isListedItself(tx, resource, of.resources);
    if (isOfType) found.push(resource);
    else if (locations !== null) return [];
  }
  return [...new Set(found)].sort();
}

function checkedDetail(
  { of, fields: sent }: TypedDetail,
  locations: readonly string[],
): AuthorizationDetail {
  if (locations.length === 0) {
    throw refusedDetails(
      "has locations that its type does not have, or the client may not ask for",
    );
  }
  const checked = checkedFields(of.fields, sent);
  if ("problem" in checked) throw refusedDetails(`has ${checked.problem}`);
  return { type: of.type, locations: [...locations], ...checked.fields };
}
