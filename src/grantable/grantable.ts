import { alwaysAsked, type AuthorizationDetail } from "../../stores/authorization_detail_types.ts";
import type { Client } from "../../stores/clients.ts";
import type { Consent } from "../../stores/consents.ts";
import type { CustomClaim } from "../../stores/custom_claims.ts";
import type { GrantedClaims } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import { type ResourceScope, scopeAt } from "../../stores/resource_scopes.ts";
import type { Resource } from "../../stores/resources.ts";
import { grantableClaims, namesAboutUser } from "../claims/claims.ts";
import {
  namedOwnScope,
  registeredOwnScope,
  registeredScope,
  type RegistrationRule,
} from "./registered_scope.ts";

declare const made: unique symbol;
/**
 * What a request can be granted: pairs of resource and scope, and claims. Issuing accepts nothing else,
 * and only this file makes one, so nothing is issued without a look at the registrations.
 */
export interface Grantable {
  readonly [made]: true;
  /** First the scopes of this server, then one entry for each resource. No entry has an empty scope. */
  readonly resourceScopes: readonly ResourceScope[];
  readonly claims: GrantedClaims;
  /** What it allows beyond scopes. @see RFC 9396 */
  readonly details: readonly AuthorizationDetail[];
}

/** The limits of a request, beside the current registrations. */
export interface Limits {
  /** The registered resources that it names. */
  readonly resources: readonly Resource[];
  /** The scope names that it asks for; null: all that are allowed. */
  readonly names: readonly string[] | null;
  /** The earlier grant; null: this is the first request. */
  readonly granted: readonly ResourceScope[] | null;
  /** The claims that the `claims` parameter asks for. */
  readonly claims: GrantedClaims;
  /** The claims that operators have added; not looked at without `claims`. */
  readonly customClaims: readonly CustomClaim[];
  /**
   * The authorization details that it gets: checked ones of a first request, or a part of the grant's that
   * is still allowed. Default: none.
   */
  readonly details?: readonly AuthorizationDetail[];
  /** Whether a user grants it. Scopes about users have no meaning for a client that acts for itself. */
  readonly ofUser: boolean;
  /** Whether `offline_access` can be granted. */
  readonly offline: boolean;
  /** Whether `device_sso` cannot be granted. */
  readonly withoutDeviceSso?: boolean;
}

/** The scope names that a request asks for; null: it names none, and asks for all that are allowed. */
export function namesIn(scope: readonly string[] | undefined): readonly string[] | null {
  return scope !== undefined && scope.length > 0 ? scope : null;
}

/** No claim is asked for one by one. */
export const noClaims: Pick<Limits, "claims" | "customClaims"> = {
  claims: { userinfo: [], idToken: [] },
  customClaims: [],
};

/**
 * Finds out what a client gets. No other place does this. For each pair of resource and scope, and for
 * each claim, it combines three things: what the registrations of the client and the resource allow
 * now, what the request asks for, and what the grant holds if there is one.
 */
export function grantable(rule: RegistrationRule, client: Client, limits: Limits): Grantable {
  const { resources, names, granted, ofUser, offline, withoutDeviceSso = false } = limits;
  // A first request without names is for what the client has registered, and for no more.
  const byName = names !== null || granted !== null;
  const ownScope = byName ? namedOwnScope(client, rule) : registeredOwnScope(client);
  const own = ofUser ? ownScope : [];
  const registered: ResourceScope[] = [
    {
      resource: null,
      scope: own.filter((name) =>
        (offline || name !== "offline_access") && !(withoutDeviceSso && name === "device_sso")
      ),
    },
    ...resources.map((resource) => ({
      resource: resource.resource,
      scope: registeredScope(client, resource, rule, { byName }),
    })),
  ];
  const resourceScopes = registered.map(({ resource, scope }) => {
    const held = granted === null ? scope : scopeAt(granted, resource);
    const possible = scope.filter((name) => held.includes(name));
    const wanted = names ?? possible;
    return { resource, scope: [...new Set(wanted)].filter((name) => possible.includes(name)) };
  }).filter(({ scope }) => scope.length > 0);
  // A claim may be asked for without its scope, but only by a client that is registered for that scope.
  // A refresh that names scopes gets only their claims.
  const telling = granted === null || names === null ? own : names;
  const asked = own.filter((name) => telling.includes(name));
  const claims = grantableClaims(limits.claims, asked, limits.customClaims);
  const details = limits.details ?? [];
  const map: Omit<Grantable, typeof made> = { resourceScopes, claims, details };
  return map as Grantable;
}

/** Whether the client may share the user's sign-in on a device. @see OpenID Connect Native SSO section 3.1 */
export function sharesSignIn({ resourceScopes }: Grantable): boolean {
  const scope = scopeAt(resourceScopes, null);
  return scope.includes("device_sso") && scope.includes("openid");
}

/** The grantable map as one text, to find out whether it has changed since a page showed it. */
export function grantableText({ resourceScopes, claims, details }: Grantable): string {
  const pairs = resourceScopes.map(({ resource, scope }) => [resource, ...scope]);
  return JSON.stringify([
    pairs,
    claims.userinfo,
    claims.idToken,
    ...(claims.values === undefined ? [] : [claims.values]),
    ...(details.length > 0 ? [details] : []),
  ]);
}

/** The names of all claims about the user that the `claims` parameter asks for and that can be granted. */
export function claimNamesOf({ claims }: Grantable): string[] {
  return namesAboutUser(claims);
}

/** What a consent remembers, so that the user is not asked for it again. */
export function rememberedPart(
  grantable: Grantable,
  { authorizationDetailTypes }: Pick<Provider, "authorizationDetailTypes">,
): Pick<Consent, "resourceScopes" | "claims" | "details"> {
  const { resourceScopes, details } = grantable;
  const always = alwaysAsked(authorizationDetailTypes, details);
  return {
    resourceScopes: [...resourceScopes],
    claims: claimNamesOf(grantable),
    details: details.filter((one) => !always.includes(one)),
  };
}

/** What an event of a consent or a grant says of authorization details: their types, and no values. */
export function aboutDetails({ details }: Grantable): { readonly about?: string } {
  if (details.length === 0) return {};
  return { about: [...new Set(details.map(({ type }) => type))].join(" ") };
}
