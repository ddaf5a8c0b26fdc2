import type { Client } from "../../stores/clients.ts";
import { ownScopes, scopeAt, scopeNames } from "../../stores/resource_scopes.ts";
import type { Resource } from "../../stores/resources.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { requestedClaims } from "../claims/claims.ts";
import type { Deps } from "../deps/deps.ts";
import type { AuthorizationRequestParameters } from "../protocol/authorization_parameters.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type Grantable, grantable } from "./grantable.ts";
import { isUnregistered, mayAskFor } from "./registered_scope.ts";
import { readResources } from "./resources.ts";
import { noteUnregistered } from "./unregistered_notice.ts";

/** What an authorization request would be granted, and the resources that it names. */
export interface RequestedGrantable {
  readonly grantable: Grantable;
  readonly resources: readonly Resource[];
}

/**
 * What an authorization request would be granted if all goes well. Without a scope it asks for all that
 * the client is registered for, but offline access.
 *
 * @throws {OAuthError} `invalid_target` for a resource that the client may not ask for, or of which it
 *   asks nothing; `invalid_scope` if it is not registered for a scope, or nothing is left
 * @see RFC 8707 section 2, RFC 6749 section 3.3, OpenID Connect Core section 3.1.2.1 (unknown scopes
 *   are ignored)
 */
export async function readGrantable(
  deps: Deps,
  tx: Transaction,
  client: Client,
  request: Pick<AuthorizationRequestParameters, "scope" | "resource" | "claims" | "prompt">,
): Promise<RequestedGrantable> {
  const resources = await readAllowed(deps, tx, client, request.resource);
  const names = request.scope.length > 0 ? request.scope : null;
  // Silently no one can be asked, and a client that cannot refresh has no use for it: it is ignored
  // then, as OpenID Connect Core section 11 wants.
  const offline = names !== null && client.grantTypes.includes("refresh_token") &&
    (client.skipConsent || !request.prompt.includes("none"));
  const claims = requestedClaims(request.claims);
  const found = grantable(deps.config, client, {
    resources,
    names,
    granted: null,
    claims,
    ofPerson: true,
    offline,
  });
  const known = new Set([...ownScopes, ...resources.flatMap(({ scopes }) => scopes)]);
  const given = scopeNames(found.resourceScopes);
  const ignored = (name: string) => name === "offline_access" && client.scope.includes(name);
  for (const name of names ?? []) {
    if (!known.has(name) || given.includes(name) || ignored(name)) continue;
    throw new OAuthError("invalid_scope", "scope holds one that the client is not registered for");
  }
  assertEachContributes(found, resources);
  if (given.length > 0) return { grantable: found, resources };
  throw new OAuthError("invalid_scope", "scope holds none known here");
}

/**
 * What a client gets for itself: the scopes of one resource that it is registered for. Without a
 * resource there is none.
 *
 * @throws {OAuthError} `invalid_target`, `invalid_scope`
 * @see RFC 6749 section 4.4, RFC 9068 section 3
 */
export async function readOwnGrantable(
  deps: Deps,
  tx: Transaction,
  client: Client,
  request: { readonly scope: readonly string[]; readonly resource: readonly string[] },
): Promise<{ readonly grantable: Grantable; readonly resource: Resource | null }> {
  const names = request.scope.length > 0 ? request.scope : null;
  const resources = await readAllowed(deps, tx, client, request.resource);
  const [resource = null, ...more] = resources;
  if (more.length > 0) throw oneResource();
  const found = grantable(deps.config, client, {
    resources,
    names,
    granted: null,
    claims: { userinfo: [], idToken: [] },
    ofPerson: false,
    offline: false,
  });
  const given = scopeNames(found.resourceScopes);
  if (names !== null && !names.every((name) => given.includes(name))) {
    throw new OAuthError(
      "invalid_scope",
      "scope must be of the resource that is named, and registered for the client",
    );
  }
  assertEachContributes(found, resources);
  return { grantable: found, resource };
}

/** @see RFC 9068 section 5: a token for several would let one of them use it at another */
export function oneResource(): OAuthError {
  return new OAuthError(
    "invalid_target",
    "an access token is for one resource: name one by resource, and ask again for the next",
  );
}

/** The same answer for one that is unknown, so that nothing tells which there are. */
export function notForThisClient(): OAuthError {
  return new OAuthError(
    "invalid_target",
    "resource is not one that is known here and that this client may ask for",
  );
}

/** @throws {OAuthError} `invalid_target` */
async function readAllowed(
  deps: Deps,
  tx: Transaction,
  client: Client,
  names: readonly string[],
): Promise<Resource[]> {
  const found = new Map<string, Resource>();
  for (const resource of await readResources(tx, names)) {
    if (resource === null || !mayAskFor(client, resource, deps.config)) throw notForThisClient();
    if (isUnregistered(client, resource, deps.config)) noteUnregistered(deps, client, resource);
    found.set(resource.resource, resource);
  }
  return [...found.values()];
}

/** @throws {OAuthError} `invalid_target`: a token for it would open nothing, or be taken for more */
function assertEachContributes({ resourceScopes }: Grantable, resources: readonly Resource[]) {
  if (resources.every(({ resource }) => scopeAt(resourceScopes, resource).length > 0)) return;
  throw new OAuthError(
    "invalid_target",
    "resource is one of which scope names nothing that the client is registered for",
  );
}
