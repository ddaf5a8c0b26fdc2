import type { Client } from "../../stores/clients.ts";
import { isOwnScope, standardScopes } from "../../stores/resource_scopes.ts";
import type { Resource } from "../../stores/resources.ts";
import { allowedAlgorithms } from "../clients/profile.ts";
import { registeredBy } from "../clients/registered_by.ts";
import type { Config } from "../config/config.ts";
import { isMeantBy } from "./resources.ts";

export type RegistrationRule = Pick<Config, "unregisteredResources" | "registrationScopes">;

/** The scopes of this server that a client may ask for. */
export function registeredOwnScope(client: Client): string[] {
  return client.scope.filter((name) => mayHaveOwn(client, name));
}

/**
 * The same with `offline_access`, where the client gets it only if it names it. An MCP client registers the
 * scopes that an API's metadata list, which are those of the API, and adds `offline_access` to its request.
 *
 * @see MCP authorization, refresh tokens (SEP-2207)
 */
export function namedOwnScope(client: Client, rule: RegistrationRule): string[] {
  const registered = registeredOwnScope(client);
  const isAdded = !registered.includes("offline_access") && mayNameOffline(client, rule);
  return isAdded ? [...registered, "offline_access"] : registered;
}

/** Whether a registered scope is one of this server that the client may have. */
function mayHaveOwn({ nativeSso }: Client, name: string): boolean {
  return isOwnScope(name) && (name !== "device_sso" || nativeSso !== null);
}

/**
 * Whether a scope of this server is one that a client cannot register for itself. The discovery document lists
 * it, and some clients register and ask for all that is listed there: they get the others.
 *
 * @see RFC 6749 section 3.3 (a server may ignore a part of the scope)
 */
export function isOutOfReach(client: Client, name: string): boolean {
  return registeredBy(client) !== "operator" && isOwnScope(name) && !standardScopes.includes(name);
}

/**
 * Whether a client may ask for a resource at all: its own registration allows it, or the resource's
 * does.
 *
 * @see RFC 8707 section 2, RFC 9700 section 2.3
 */
export function mayAskFor(client: Client, resource: Resource, rule: RegistrationRule): boolean {
  return entryFor(client, resource) !== undefined || admits(resource, client) ||
    isUnregistered(client, resource, rule);
}

/**
 * The name in the entry that alone lets a client ask for a resource, if that is not the resource's very name.
 * It could be the name of another resource: releases up to 0.2 registered both.
 */
export function otherNameFor(client: Client, resource: Resource): string | null {
  const name = entryFor(client, resource)?.resource ?? resource.resource;
  return name === resource.resource || admits(resource, client) ? null : name;
}

/**
 * Whether the profile of a client allows the algorithm that a resource has chosen for its JWTs: the resource
 * would accept no other token.
 *
 * @see FAPI 2.0 Security Profile section 5.4.1
 */
export function isSignedAsProfile(
  client: Client,
  { accessTokenSigningAlg: alg }: Resource,
): boolean {
  return alg === null || allowedAlgorithms(client, [alg]).length > 0;
}

/**
 * The scopes that a client may ask for at a resource; none if it may not ask for the resource.
 *
 * @param byName whether also those that it gets only if it names them
 */
export function registeredScope(
  client: Client,
  resource: Resource,
  rule: RegistrationRule,
  { byName }: { readonly byName: boolean },
): string[] {
  if (!mayAskFor(client, resource, rule)) return [];
  const possible = resource.scopes.filter((name) =>
    !isOwnScope(name) &&
    (client.scope.includes(name) ||
      (byName && rule.registrationScopes.includes(name) && mayNameMore(client, rule)))
  );
  const listed = entryFor(client, resource)?.scope ?? null;
  if (listed !== null) return possible.filter((name) => listed.includes(name));
  // A scope name that the client registered for one resource does not count at another resource with
  // the same name.
  const meantElsewhere = (client.resources ?? []).flatMap(({ scope }) => scope ?? []);
  return possible.filter((name) => !meantElsewhere.includes(name));
}

/**
 * Whether a client that registered itself may ask for scopes that it has not registered. MCP clients register
 * the scopes of their first request, and an API may ask for more later: then they name it. Without any scope
 * of an API, or with a scope that an operator has set, a client stays within what it has.
 */
function mayNameMore(client: Client, { registrationScopes }: RegistrationRule): boolean {
  return registeredBy(client) !== "operator" && !client.operatorSet.includes("scope") &&
    registrationScopes.some((name) => client.scope.includes(name));
}

function mayNameOffline(client: Client, rule: RegistrationRule): boolean {
  return client.grantTypes.includes("refresh_token") && mayNameMore(client, rule);
}

/**
 * Whether neither registration says which clients may ask for the resource, as in releases before 0.2.
 * Then the names in the client's scope count at each such resource, until the operator turns that off.
 */
export function isUnregistered(
  client: Client,
  resource: Resource,
  { unregisteredResources }: RegistrationRule,
): boolean {
  return unregisteredResources === "allow" && client.resources === null &&
    resource.clients === null;
}

function entryFor(client: Client, { resource }: Resource) {
  return client.resources?.find((one) => one.resource === resource) ??
    client.resources?.find((one) => isMeantBy(one.resource, resource));
}

function admits({ clients }: Resource, { clientId }: Client): boolean {
  return clients === "any" || (clients?.includes(clientId) ?? false);
}
