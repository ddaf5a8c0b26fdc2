import type { Client } from "../../stores/clients.ts";
import type { Grant } from "../../stores/grants.ts";
import * as providers from "../../stores/provider.ts";
import {
  type ResourceScope,
  resourcesOf,
  scopeAt,
  scopeNames,
} from "../../stores/resource_scopes.ts";
import type { Resource } from "../../stores/resources.ts";
import * as resources from "../../stores/resources.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type Grantable, grantable, type Limits, namesIn, noClaims } from "./grantable.ts";
import type { RegistrationRule } from "./registered_scope.ts";
import { oneResource, readAllowed } from "./requested.ts";
import { isSameResource, readResources } from "./resources.ts";

declare const chosen: unique symbol;
/** The audience of one access token: one resource, or this server itself. Only `audienceOf` makes one. */
export interface Audience {
  readonly [chosen]: true;
  /** Null: the userinfo endpoint of this server. */
  readonly resource: string | null;
  readonly scope: readonly string[];
  /** Claims that userinfo returns beside those of the scope. A resource gets none. */
  readonly claims: readonly string[];
  readonly format: Resource["accessTokenFormat"];
}

/** The part of a grantable map for one resource, or for this server (null). */
export function audienceOf(map: Grantable, resource: Resource | null): Audience {
  const audience: Omit<Audience, typeof chosen> = {
    resource: resource?.resource ?? null,
    scope: scopeAt(map.resourceScopes, resource?.resource ?? null),
    claims: resource === null ? map.claims.userinfo : [],
    format: resource?.accessTokenFormat ?? "opaque",
  };
  return audience as Audience;
}

/** What a client gets at one resource, or at this server (null), within the other limits of a request. */
export function audienceWithin(
  rule: RegistrationRule,
  client: Client,
  resource: Resource | null,
  limits: Omit<Limits, "resources">,
): { readonly granted: Grantable; readonly audience: Audience } {
  const resources = resource === null ? [] : [resource];
  const granted = grantable(rule, client, { ...limits, resources });
  return { granted, audience: audienceOf(granted, resource) };
}

/** The part of a grant that a token request asks for. */
export interface TokenScopeRequest {
  /** Undefined or empty: the whole scope. */
  readonly scope?: readonly string[] | undefined;
  /** Empty: the one resource of the grant or of the scope; this server if there is none. */
  readonly resource: readonly string[];
}

/** The resources that `readGranted` will peek at, so that an earlier read can bring them along. */
export function grantedRefs(requested: readonly string[], grant: Grant | null) {
  const names = requested.length > 0 ? requested : resourcesOf(grant?.resourceScopes ?? []);
  return names.slice(0, 4).map(resources.ref);
}

/**
 * What a client gets now from its grant, and the audience of the access token.
 *
 * @throws {OAuthError} `invalid_target`; `invalid_scope` if the scope would grow, or nothing is left
 * @see RFC 6749 section 6, RFC 8707 section 2.2, RFC 9068 section 5
 */
export async function readGranted(
  deps: Deps,
  tx: Transaction,
  client: Client,
  { resourceScopes: granted, claims }: Grant,
  request: TokenScopeRequest,
): Promise<{ readonly granted: Grantable; readonly audience: Audience }> {
  const names = namesIn(request.scope);
  if (names !== null && names.some((name) => !scopeNames(granted).includes(name))) {
    throw new OAuthError("invalid_scope", "scope must not contain more than was granted");
  }
  const name = chooseResource(granted, names, request.resource);
  const [resource = null] = await readAllowed(deps, tx, client, name === null ? [] : [name]);
  const customClaims = providers.fetchedCustomClaims(tx);
  const limits = { names, granted, claims, customClaims, ofPerson: true, offline: true };
  const found = audienceWithin(deps.config, client, resource, limits);
  if (found.audience.scope.length > 0) return found;
  throw resource === null
    ? new OAuthError("invalid_scope", "the client is no longer registered for what was granted")
    : new OAuthError("invalid_target", "nothing is left to be granted at this resource");
}

/** The part of a grant that its client is still registered for, at all of its resources. */
export async function registeredPart(
  deps: Deps,
  tx: Transaction,
  client: Client,
  { resourceScopes: granted }: Grant,
): Promise<readonly ResourceScope[]> {
  const found = await readResources(tx, resourcesOf(granted));
  return grantable(deps.config, client, {
    resources: found.filter((resource) => resource !== null),
    names: null,
    granted,
    ...noClaims,
    ofPerson: true,
    offline: true,
  }).resourceScopes;
}

/** @returns null: the token is for this server itself */
function chooseResource(
  granted: readonly ResourceScope[],
  names: readonly string[] | null,
  requested: readonly string[],
): string | null {
  const [first, ...more] = requested;
  if (more.length > 0) throw oneResource();
  if (first !== undefined) {
    const named = resourcesOf(granted).find((one) => isSameResource(one, first));
    if (named !== undefined) return named;
    throw new OAuthError("invalid_target", "this resource was not granted");
  }
  // If only one resource has a scope that was asked for, the scope means that resource (RFC 9068
  // section 3).
  const meant = granted.filter(({ scope }) =>
    names === null || scope.some((name) => names.includes(name))
  );
  const [only = null, ...others] = resourcesOf(meant);
  if (others.length > 0) throw oneResource();
  return only;
}
