import type { Client } from "../../stores/clients.ts";
import type { GrantedClaims } from "../../stores/grants.ts";
import { type ResourceScope, scopeAt } from "../../stores/resource_scopes.ts";
import type { Resource } from "../../stores/resources.ts";
import { grantableClaims } from "../claims/claims.ts";
import { registeredOwnScope, registeredScope, type RegistrationRule } from "./registered_scope.ts";

declare const made: unique symbol;
/**
 * What a request can be granted: pairs of resource and scope, and claims. Issuing takes nothing else,
 * and only this file makes one, so nothing is issued that was not looked up in the registrations.
 */
export interface Grantable {
  readonly [made]: true;
  /** Those of this server first, then one entry a resource; none has an empty scope. */
  readonly resourceScopes: readonly ResourceScope[];
  readonly claims: GrantedClaims;
}

/** What limits a request, beside the registrations of this moment. */
export interface Limits {
  /** The registered resources that it is about. */
  readonly resources: readonly Resource[];
  /** The scope names that it asks for; null: all that it may. */
  readonly names: readonly string[] | null;
  /** What was granted before; null: nothing was, this is the first request. */
  readonly granted: readonly ResourceScope[] | null;
  /** The claims that were asked for one by one. */
  readonly claims: GrantedClaims;
  /** Whether a person grants it: scopes of people mean nothing to a client that acts for itself. */
  readonly ofPerson: boolean;
  /** Whether `offline_access` can be granted. */
  readonly offline: boolean;
}

/**
 * Finds out what a client gets. This is the one place that does: of each pair of resource and scope,
 * and of each claim, what the registrations of client and resource allow now, the request asks for, and
 * the grant holds where there is one.
 */
export function grantable(rule: RegistrationRule, client: Client, limits: Limits): Grantable {
  const { resources, names, granted, ofPerson, offline } = limits;
  const own = ofPerson ? registeredOwnScope(client) : [];
  const registered: ResourceScope[] = [
    { resource: null, scope: own.filter((name) => offline || name !== "offline_access") },
    ...resources.map((resource) => ({
      resource: resource.resource,
      scope: registeredScope(client, resource, rule),
    })),
  ];
  const resourceScopes = registered.map(({ resource, scope }) => {
    const held = granted === null ? scope : scopeAt(granted, resource);
    const possible = scope.filter((name) => held.includes(name));
    const wanted = names ?? possible;
    return { resource, scope: [...new Set(wanted)].filter((name) => possible.includes(name)) };
  }).filter(({ scope }) => scope.length > 0);
  // A claim may be asked for without its scope, but only by a client that is registered for that scope.
  // A refresh that names scopes wants no more than these tell.
  const telling = granted === null || names === null ? own : names;
  const claims = grantableClaims(limits.claims, own.filter((name) => telling.includes(name)));
  const map: Omit<Grantable, typeof made> = { resourceScopes, claims };
  return map as Grantable;
}

/** What would be granted as one text, to find out whether it still is what a page showed. */
export function grantableText({ resourceScopes, claims }: Grantable): string {
  const pairs = resourceScopes.map(({ resource, scope }) => [resource, ...scope]);
  return JSON.stringify([pairs, claims.userinfo, claims.idToken]);
}

/** The names of all claims that were asked for one by one and can be granted. */
export function claimNamesOf({ claims: { userinfo, idToken } }: Grantable): string[] {
  return [...new Set([...userinfo, ...idToken])].sort();
}
