import { type AuthorizationDetail, detailsAt } from "../../stores/authorization_detail_types.ts";
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
import { assertAllAt, limitedTo, locationsOf } from "./details/locations.ts";
import { type Grantable, grantable, type Limits, namesIn, noClaims } from "./grantable.ts";
import { mayAskFor, type RegistrationRule } from "./registered_scope.ts";
import { readAllowed } from "./requested.ts";
import { namesOfOne, oneResource, readResources, sameAmong } from "./resources.ts";

declare const chosen: unique symbol;
/** The audience of one access token: one resource, or this server itself. Only `audienceOf` makes one. */
export interface Audience {
  readonly [chosen]: true;
  /** Null: the userinfo endpoint of this server. */
  readonly resource: string | null;
  readonly scope: readonly string[];
  /** Claims that userinfo returns beside those of the scope. A resource gets none. */
  readonly claims: readonly string[];
  /** At the resource; this server itself has none. */
  readonly details: readonly AuthorizationDetail[];
  readonly format: Resource["accessTokenFormat"];
  /** The algorithm that the resource has chosen for its JWTs; null: the client's own. */
  readonly signingAlg: Resource["accessTokenSigningAlg"];
}

const noDetails: readonly AuthorizationDetail[] = [];

/** The part of a grantable map for one resource, or for this server (null). */
export function audienceOf(map: Grantable, resource: Resource | null): Audience {
  const audience: Omit<Audience, typeof chosen> = {
    resource: resource?.resource ?? null,
    scope: scopeAt(map.resourceScopes, resource?.resource ?? null),
    claims: resource === null ? map.claims.userinfo : [],
    details: map.details.length === 0
      ? noDetails
      : detailsAt(map.details, resource?.resource ?? null),
    format: resource?.accessTokenFormat ?? "opaque",
    signingAlg: resource?.accessTokenSigningAlg ?? null,
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

/** The member of an answer for the details of an access token, if that has any. */
export function detailsOf(
  { details }: Pick<Audience, "details">,
): {
  readonly authorization_details?: readonly AuthorizationDetail[];
} {
  return details.length === 0 ? {} : { authorization_details: details };
}

/** The part of a grant that a token request asks for. */
export interface TokenScopeRequest {
  /** Undefined or empty: the whole scope. */
  readonly scope?: readonly string[] | undefined;
  /** Empty: the one resource of the grant or of the scope; this server if there is none. */
  readonly resource: readonly string[];
  /** The parameter as received. Undefined: all that were granted. @see RFC 9396 section 6 */
  readonly authorization_details?: string | undefined;
}

/** The resources that `readGranted` will peek at, so that an earlier read can bring them along. */
export function grantedRefs(requested: readonly string[], grant: Grant | null) {
  if (requested.length > 0) return requested.slice(0, 4).map(resources.ref);
  const names = resourcesOf(grant?.resourceScopes ?? []);
  const all = grant?.details === undefined
    ? names
    : [...new Set([...names, ...locationsOf(grant.details)])];
  return all.slice(0, 4).map(resources.ref);
}

/**
 * What a client gets now from its grant, and the audience of the access token.
 *
 * @throws {OAuthError} `invalid_target`; `invalid_scope` if the scope would grow, or nothing is left;
 *   `invalid_authorization_details` if they would grow
 * @see RFC 6749 section 6, RFC 8707 section 2.2, RFC 9068 section 5
 */
export async function readGranted(
  deps: Deps,
  tx: Transaction,
  client: Client,
  { resourceScopes: granted, claims, details: held }: Grant,
  request: TokenScopeRequest,
): Promise<{ readonly granted: Grantable; readonly audience: Audience }> {
  const names = namesIn(request.scope);
  if (names !== null && names.some((name) => !scopeNames(granted).includes(name))) {
    throw new OAuthError("invalid_scope", "scope must not contain more than was granted");
  }
  const details = held === undefined && request.authorization_details === undefined
    ? noDetails
    : await readHeld(tx, client, held ?? [], request);
  const isAsked = request.authorization_details !== undefined;
  const name = chooseResource(request.resource, { granted, names, details, isAsked });
  const [resource = null] = await readAllowed(deps, tx, client, name === null ? [] : [name]);
  const named = claims.userinfo.length + claims.idToken.length;
  const customClaims = named === 0 ? [] : providers.fetched(tx).customClaims;
  const limits = { names, granted, claims, customClaims, details, ofUser: true, offline: true };
  const found = audienceWithin(deps.config, client, resource, limits);
  if (isAsked) assertAllAt(details, resource);
  if (found.audience.scope.length > 0 || found.audience.details.length > 0) return found;
  throw resource === null
    ? new OAuthError("invalid_scope", "the client is no longer registered for what was granted")
    : new OAuthError("invalid_target", "nothing is left to be granted at this resource");
}

/** The part of a grant that its client is still allowed, at all of its resources. */
export async function registeredPart(
  deps: Deps,
  tx: Transaction,
  client: Client,
  { resourceScopes: granted, details: held }: Grant,
): Promise<Grantable> {
  const details = held === undefined ? noDetails : await readHeld(tx, client, held, {});
  const names = [...new Set([...resourcesOf(granted), ...locationsOf(details)])];
  const found = (await readResources(tx, names)).map((resource) =>
    resource !== null && mayAskFor(client, resource, deps.config) ? resource : null
  );
  return grantable(deps.config, client, {
    resources: found.filter((resource) => resource !== null),
    names: null,
    granted,
    ...noClaims,
    details: limitedTo(details, names.filter((_, n) => found[n])),
    ofUser: true,
    offline: true,
  });
}

/** @returns null: the token is for this server itself */
function chooseResource(
  requested: readonly string[],
  { granted, names, details, isAsked }: {
    readonly granted: readonly ResourceScope[];
    readonly names: readonly string[] | null;
    readonly details: readonly AuthorizationDetail[];
    /** Whether the request names the details. */
    readonly isAsked: boolean;
  },
): string | null {
  const ofDetails = locationsOf(details);
  if (requested.length > 0) {
    const held = [...resourcesOf(granted), ...ofDetails];
    // Two spellings mean one resource, unless both were registered and granted.
    const [named, ...more] = new Set(namesOfOne(requested).map((name) => sameAmong(name, held)));
    if (more.length > 0) throw oneResource();
    if (named) return named;
    throw new OAuthError("invalid_target", "this resource was not granted");
  }
  // If only one resource has a scope or a detail that was asked for, the request means that resource (RFC
  // 9068 section 3). What is not asked for by name counts only if nothing is.
  const meant = granted.filter(({ scope }) =>
    names === null ? !isAsked : scope.some((name) => names.includes(name))
  );
  const places = names === null || isAsked ? ofDetails : [];
  const [only = null, ...others] = new Set([...resourcesOf(meant), ...places]);
  if (others.length > 0) throw oneResource();
  return only;
}

/**
 * The part of granted details that a client is still allowed, and asks for.
 *
 * @throws {OAuthError} `invalid_authorization_details` if it asks for more
 */
export async function readHeld(
  tx: Transaction,
  client: Client,
  held: readonly AuthorizationDetail[],
  { authorization_details: text }: Pick<TokenScopeRequest, "authorization_details">,
): Promise<readonly AuthorizationDetail[]> {
  const { narrowed, stillAllowed } = await import("./details/granted.ts"); // few grants have any
  const allowed = await stillAllowed(tx, client, held);
  return text === undefined ? allowed : narrowed(allowed, text);
}
