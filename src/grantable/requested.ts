import { type AuthorizationDetail, detailsAt } from "../../stores/authorization_detail_types.ts";
import type { Client } from "../../stores/clients.ts";
import { isOwnScope, scopeAt, scopeNames } from "../../stores/resource_scopes.ts";
import type { Resource } from "../../stores/resources.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Deps } from "../deps/deps.ts";
import type { AuthorizationRequestParameters } from "../protocol/authorization_parameters.ts";
import type { ClaimsRequest } from "../protocol/claims_request.ts";
import { OAuthError } from "../protocol/errors.ts";
import { holds } from "../protocol/response_type.ts";
import { assertAllAt, locationsOf } from "./details/locations.ts";
import { type Grantable, grantable, namesIn, noClaims } from "./grantable.ts";
import {
  isOutOfReach,
  isSignedAsProfile,
  isUnregistered,
  mayAskFor,
  otherNameFor,
} from "./registered_scope.ts";
import { leadsTo, oneResource, readResources } from "./resources.ts";
import { noteUnregistered } from "./unregistered_notice.ts";

/** What an authorization request would be granted, and the resources that it names. */
export interface RequestedGrantable {
  readonly grantable: Grantable;
  readonly resources: readonly Resource[];
}

/**
 * What an authorization request would be granted if it succeeds. Without a scope and authorization details
 * it asks for everything that the client is registered for, except offline access and device_sso.
 *
 * @throws {OAuthError} `invalid_target` for a resource that the client may not ask for, or of which
 *   it asks for no scope; `invalid_scope` if the client is not registered for a scope, or nothing is
 *   left; `invalid_authorization_details`
 * @see RFC 8707 section 2, RFC 9396 section 3, RFC 6749 section 3.3, OpenID Connect Core section 3.1.2.1 (unknown scopes
 *   are ignored)
 */
export async function readGrantable(
  deps: Deps,
  tx: Transaction,
  client: Client,
  request: Pick<
    AuthorizationRequestParameters,
    "scope" | "resource" | "claims" | "prompt" | "response_type" | "authorization_details"
  >,
): Promise<RequestedGrantable> {
  const resources = await readAllowed(deps, tx, client, request.resource);
  const { authorization_details: text } = request;
  const details = text === undefined
    ? []
    : await readDetails(deps, tx, client, text, { asksUser: true });
  const names = askedNames(request.scope, details);
  // offline_access is ignored where it cannot be granted (OpenID Connect Core section 11): it needs consent,
  // so with prompt=none, and for clients that cannot refresh or are not registered for it.
  const offline = names !== null && holds(request.response_type, "code") &&
    client.grantTypes.includes("refresh_token") &&
    (client.skipConsent || !request.prompt.includes("none"));
  const found = grantable(deps.config, client, {
    resources,
    names,
    granted: null,
    ...(request.claims === null ? noClaims : await claimsAsked(tx, client, request.claims)),
    details,
    ofUser: true,
    offline,
    withoutDeviceSso: names === null, // nobody gets a secret that was not asked for
  });
  const known = new Set(resources.flatMap(({ scopes }) => scopes));
  const given = scopeNames(found.resourceScopes);
  for (const name of names ?? []) {
    if (!(isOwnScope(name) || known.has(name)) || given.includes(name)) continue;
    if (name === "offline_access" || isOutOfReach(client, name)) continue;
    throw new OAuthError(
      "invalid_scope",
      "scope contains a scope that the client is not registered for",
    );
  }
  assertEachContributes(found, resources);
  if (given.length > 0 || details.length > 0) return { grantable: found, resources };
  throw new OAuthError("invalid_scope", "scope contains no scope that this server knows");
}

async function claimsAsked(tx: Transaction, client: Client, claims: ClaimsRequest) {
  const { requestedClaims } = await import("../claims/requested_claims.ts"); // few requests have some
  const { customClaims } = providers.fetched(tx);
  return { claims: requestedClaims(client, claims), customClaims };
}

/**
 * What a client gets for itself: the scopes of one resource that it is registered for, and the
 * authorization details that it asks for there. Without a resource it gets none.
 *
 * @throws {OAuthError} `invalid_target`, `invalid_scope`, `invalid_authorization_details`
 * @see RFC 6749 section 4.4, RFC 9068 section 3
 */
export async function readOwnGrantable(
  deps: Deps,
  tx: Transaction,
  client: Client,
  request: {
    readonly scope: readonly string[];
    readonly resource: readonly string[];
    readonly authorization_details?: string | undefined;
  },
): Promise<{ readonly grantable: Grantable; readonly resource: Resource | null }> {
  const { authorization_details: text } = request;
  const details = text === undefined
    ? []
    : await readDetails(deps, tx, client, text, { asksUser: false });
  const names = askedNames(request.scope, details);
  const named = request.resource.length > 0 ? request.resource : locationsOf(details);
  const resources = await readAllowed(deps, tx, client, named);
  const [resource = null, ...more] = resources;
  if (more.length > 0) throw oneResource();
  const found = grantable(deps.config, client, {
    resources,
    names,
    granted: null,
    ...noClaims,
    details,
    ofUser: false,
    offline: false,
  });
  const given = scopeNames(found.resourceScopes);
  if (names !== null && !names.every((name) => given.includes(name))) {
    throw new OAuthError(
      "invalid_scope",
      "scope must belong to the named resource, and the client must be registered for it",
    );
  }
  if (details.length > 0) assertAllAt(details, resource);
  assertEachContributes(found, resources);
  return { grantable: found, resource };
}

/** Their checks are loaded with the first request that has some. */
async function readDetails(
  deps: Deps,
  tx: Transaction,
  client: Client,
  text: string,
  options: { readonly asksUser: boolean },
) {
  const { requestedDetails } = await import("./details/requested.ts");
  return await requestedDetails(deps, tx, client, text, options);
}

/** A request for authorization details alone asks for no scope, and not for all (RFC 9396 section 3). */
export function askedNames(
  scope: readonly string[] | undefined,
  details: readonly AuthorizationDetail[],
): readonly string[] | null {
  return details.length > 0 ? scope ?? [] : namesIn(scope);
}

/** The same error for an unknown resource, so that it does not reveal which resources exist. */
export function notForThisClient(): OAuthError {
  return new OAuthError(
    "invalid_target",
    "resource is unknown, or this client may not ask for it",
  );
}

function wrongSignature(): OAuthError {
  return new OAuthError(
    "invalid_target",
    "access tokens for this resource are signed with an algorithm that the client's profile forbids",
  );
}

/** The resources that a client may ask for. @throws {OAuthError} `invalid_target` for any other */
export async function readAllowed(
  deps: Deps,
  tx: Transaction,
  client: Client,
  names: readonly string[],
): Promise<Resource[]> {
  if (names.length === 0) return [];
  const found = new Map<string, Resource>();
  for (const resource of await readResources(tx, names)) {
    if (resource === null || !mayAskFor(client, resource, deps.config)) throw notForThisClient();
    const other = otherNameFor(client, resource);
    if (other !== null && !await leadsTo(tx, other, resource.resource)) throw notForThisClient();
    if (!isSignedAsProfile(client, resource)) throw wrongSignature();
    if (isUnregistered(client, resource, deps.config)) noteUnregistered(deps, client, resource);
    found.set(resource.resource, resource);
  }
  return [...found.values()];
}

/**
 * @throws {OAuthError} `invalid_target`: a token for it would be useless, or would be taken for more
 *   than it is
 */
function assertEachContributes(
  { resourceScopes, details }: Grantable,
  resources: readonly Resource[],
) {
  const contributes = ({ resource }: Resource) =>
    scopeAt(resourceScopes, resource).length > 0 || detailsAt(details, resource).length > 0;
  if (resources.every(contributes)) return;
  throw new OAuthError(
    "invalid_target",
    "scope names nothing at this resource that the client is registered for",
  );
}
