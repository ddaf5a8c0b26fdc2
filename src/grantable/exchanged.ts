import type { AuthorizationDetail } from "../../stores/authorization_detail_types.ts";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { adminResource } from "../clients/admin_resource.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type Audience, audienceWithin, readHeld } from "./audience.ts";
import { assertAllAt } from "./details/locations.ts";
import { namesIn, noClaims } from "./grantable.ts";
import { notForThisClient, readAllowed } from "./requested.ts";
import {
  isListedItself,
  isSameResource,
  mostSpellings,
  namesOfOne,
  oneResource,
} from "./resources.ts";

/** What a token stands for that a client wants to exchange, as far as it limits the new token. */
export interface ExchangeLimits {
  /** Its resource; null: the userinfo endpoint of this server. */
  readonly resource: string | null;
  /** Whether it was issued to the client that presents it. */
  readonly isOwn: boolean;
  /** Whether it is a user's: scopes about users have no meaning for a client that acts for itself. */
  readonly ofUser: boolean;
  /** The scopes that it may be exchanged for at a resource, or at this server (null). */
  scopeAt(resource: string | null): readonly string[];
  /** The authorization details of it or of its grant; undefined: none. */
  readonly details: readonly AuthorizationDetail[] | undefined;
}

/** The new token that the client asks for. */
export interface ExchangeRequest {
  /** Undefined or empty: all that is possible. */
  readonly scope?: readonly string[] | undefined;
  /** Resources, and this server's issuer for its userinfo endpoint; empty: that of the subject token. */
  readonly targets: readonly string[];
  /** The parameter as received. Undefined: all that are possible. */
  readonly authorization_details?: string | undefined;
}

/**
 * The audience of a token that is issued by token exchange: never wider than the subject token, the
 * registration of the client that asks, and its policy.
 *
 * @throws {OAuthError} `invalid_target`, `invalid_scope`, `invalid_authorization_details`
 * @see RFC 8693 sections 2.1 and 2.2.2, RFC 8707 section 2
 */
export async function exchangedAudience(
  deps: Deps,
  tx: Transaction,
  client: Client,
  limits: ExchangeLimits,
  request: ExchangeRequest,
): Promise<Audience> {
  const chosen = chooseTargets(deps, limits, request.targets);
  const [resource = null, ...more] = await readAllowed(deps, tx, client, chosen);
  // Two spellings of one resource, unless both are registered.
  if (more.length > 0) throw oneResource();
  const at = resource?.resource ?? null;
  if (!await mayTarget(deps, tx, client, limits, at)) throw notForThisClient();
  const names = namesIn(request.scope);
  const details = limits.details === undefined && request.authorization_details === undefined
    ? []
    : await readHeld(tx, client, limits.details ?? [], request);
  const { audience } = audienceWithin(deps.config, client, resource, {
    names,
    granted: [{ resource: at, scope: [...limits.scopeAt(at)] }],
    ...noClaims,
    details,
    ofUser: limits.ofUser,
    offline: false,
  });
  if (names?.some((one) => !audience.scope.includes(one))) {
    throw new OAuthError(
      "invalid_scope",
      "scope must not contain more than the subject token has, and the client is registered for",
    );
  }
  if (request.authorization_details !== undefined) assertAllAt(details, resource);
  const hadNone = limits.scopeAt(limits.resource).length === 0 && limits.details === undefined;
  if (audience.scope.length > 0 || audience.details.length > 0 || hadNone) return audience;
  throw new OAuthError("invalid_scope", "no scope of the subject token is possible at this target");
}

/**
 * The resources that `exchangedAudience` will peek at, so that an earlier read can bring them along.
 *
 * @throws {OAuthError} `invalid_target` if they are too many to be spellings of one
 */
export function targetNames(
  audience: readonly string[],
  resource: readonly string[],
): readonly string[] {
  const names = [...new Set([...resource, ...audience])];
  if (names.length > mostSpellings) throw oneResource();
  return names;
}

/** @returns names of one resource; none: this server's userinfo endpoint */
function chooseTargets(
  deps: Deps,
  { resource }: ExchangeLimits,
  targets: readonly string[],
): readonly string[] {
  const names = namesOfOne(targets.length > 0 || resource === null ? targets : [resource]);
  return names.some((name) => isSameResource(name, deps.config.issuer)) ? [] : names;
}

/** Whether the client's policy allows the target. Narrowing a token of its own needs no policy. */
async function mayTarget(
  deps: Deps,
  tx: Transaction,
  { tokenExchange }: Client,
  { resource, isOwn }: ExchangeLimits,
  name: string | null,
): Promise<boolean> {
  const { issuer } = deps.config;
  const target = name ?? issuer;
  // An administrator acts in person: the audit trail of the admin API names nobody who acts for another.
  if (isSameResource(target, adminResource(deps.config))) return false;
  if (isOwn && await isListedItself(tx, target, [resource ?? issuer])) return true;
  return await isListedItself(tx, target, tokenExchange?.resources ?? []);
}
