import type { Client } from "../../stores/clients.ts";
import type { Peeked } from "../../stores/engine/collection.ts";
import * as resources from "../../stores/resources.ts";
import type { Resource } from "../../stores/resources.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { OAuthError } from "../protocol/errors.ts";
import { scopeClaims } from "./scope_claims.ts";
import type { AuthorizationRequestParameters } from "../protocol/authorization_parameters.ts";

/** Scopes that this server itself gives a meaning. @see OpenID Connect Core sections 5.4 and 11 */
export const ownScopes = ["openid", ...Object.keys(scopeClaims), "offline_access"];

/**
 * What would be granted if all goes well.
 *
 * @throws {OAuthError} `invalid_target`, `invalid_scope`
 */
export async function grantableScope(
  tx: Transaction,
  client: Client,
  request: AuthorizationRequestParameters,
): Promise<string[]> {
  const refs = Object.fromEntries(request.resource.map((name) => [name, resources.ref(name)]));
  const found = await tx.peek(refs, "registration");
  const requested = request.scope.length > 0 ? request.scope : defaultScope(client);
  const scope = meaningfulScope(client, requested, Object.values(found));
  // Silently no one can be asked, and who cannot refresh has no use for it: it is ignored then, as
  // OpenID Connect Core section 11 wants.
  const offline = client.grantTypes.includes("refresh_token") &&
    (client.skipConsent || !request.prompt.includes("none"));
  return scope.filter((name) => name !== "offline_access" || offline);
}

/**
 * What a client asks for that names no scope: what it is registered for, except to act while the person is
 * away, which has to be asked for.
 *
 * @see RFC 6749 section 3.3
 */
function defaultScope(client: Client): readonly string[] {
  return client.scope.filter((name) => name !== "offline_access");
}

/** What would be granted as one text, to find out whether it still is the same. */
export function scopeText(scope: readonly string[]): string {
  return scope.join(" ");
}

/**
 * The part of the requested scope that means something here.
 *
 * @throws {OAuthError} `invalid_target` if a resource is unknown; `invalid_scope` if the client is
 *   not registered for a scope, or nothing is left
 * @see RFC 6749 section 3.3, OpenID Connect Core section 3.1.2.1 (unknown values are ignored)
 */
function meaningfulScope(
  client: Client,
  requested: readonly string[],
  found: readonly Peeked<Resource>[],
): string[] {
  const known = new Set(ownScopes);
  for (const { value: resource } of found) {
    if (resource === null) throw unknownResource();
    for (const scope of resource.scopes) known.add(scope);
  }
  const scope = [...new Set(requested)].filter((name) => known.has(name));
  const foreign = scope.filter((name) => !client.scope.includes(name));
  if (foreign.length > 0) {
    throw new OAuthError("invalid_scope", "scope holds one that the client is not registered for");
  }
  if (scope.length === 0) throw new OAuthError("invalid_scope", "scope holds none known here");
  return scope;
}

/** @see RFC 8707 section 2 */
export function unknownResource(): OAuthError {
  return new OAuthError("invalid_target", "resource is not one that is known here");
}
