import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { adminResource } from "../clients/admin_resource.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type Audience, audienceWithin } from "./audience.ts";
import { assertAllAt, locationsOf } from "./details/locations.ts";
import { type Grantable, noClaims } from "./grantable.ts";
import { askedNames, notForThisClient, readAllowed } from "./requested.ts";
import { isSameResource, namesOfOne, oneResource, sameAmong } from "./resources.ts";

/** What an assertion allows; null: it does not say. */
export interface AssertedLimits {
  readonly scope: readonly string[] | null;
  readonly resources: readonly string[] | null;
  /** Its authorization details, as they stand there. */
  readonly details: readonly unknown[] | undefined;
}

/** What the client asks for. Nothing: all that is possible. */
export interface AssertedRequest {
  readonly scope?: readonly string[] | undefined;
  readonly resource: readonly string[];
  /** The parameter as received. Undefined: none, whatever the assertion has. */
  readonly authorization_details?: string | undefined;
}

/**
 * What a client gets for the assertion of another server: no more than that says, than the client is
 * registered for, and than it asks for.
 *
 * @throws {OAuthError} `invalid_grant` for an assertion with a resource or scopes that the client cannot have;
 *   `invalid_target`, `invalid_scope`, `invalid_authorization_details` for a request
 * @see draft-ietf-oauth-identity-assertion-authz-grant section 4.4.1, RFC 8707 section 2, MCP
 *   Enterprise-Managed Authorization sections 7.2.1 and 7.6.2
 */
export async function assertedGrantable(
  deps: Deps,
  tx: Transaction,
  client: Client,
  limits: AssertedLimits,
  request: AssertedRequest,
): Promise<{ readonly grantable: Grantable; readonly audience: Audience }> {
  const { authorization_details: text } = request;
  const details = text === undefined ? [] : await readDetails(deps, tx, client, limits, text);
  const asked = namesOfOne(
    request.resource.length > 0 ? request.resource : limits.resources ?? locationsOf(details),
  );
  const isNamed = request.resource.length > 0 || limits.resources === null;
  const { resources: allowed } = limits;
  const names = allowed === null ? asked : asked.map((name) => sameAmong(name, allowed) ?? "");
  // Only who signs in here is an administrator.
  const isWrong = (name: string) => name === "" || isSameResource(name, adminResource(deps.config));
  if (names.some(isWrong)) throw isNamed ? notForThisClient() : wrongClaim();
  // A list without a resource allows no token, and none for this server either.
  if (names.length === 0 && allowed !== null) throw wrongClaim();
  const [resource = null, ...more] = await readAllowed(deps, tx, client, names)
    .catch((error) => {
      throw isNamed || !(error instanceof OAuthError) ? error : wrongClaim();
    });
  // Two spellings of one resource, unless both are registered.
  if (more.length > 0) throw oneResource();
  const at = resource?.resource ?? null;
  const scopes = askedNames(request.scope, details);
  const { granted, audience } = audienceWithin(deps.config, client, resource, {
    names: scopes,
    // An assertion of details alone allows no scope.
    granted: limits.scope === null && limits.details === undefined
      ? null
      : [{ resource: at, scope: [...limits.scope ?? []] }],
    ...noClaims,
    details,
    ofUser: resource === null,
    offline: false,
  });
  if (details.length > 0) assertAllAt(details, resource);
  if (audience.scope.length > 0 || audience.details.length > 0) {
    return { grantable: granted, audience };
  }
  if (scopes === null && limits.scope !== null) throw wrongClaim();
  throw new OAuthError(
    "invalid_scope",
    "scope must contain something that the assertion has, and the client is registered for",
  );
}

function wrongClaim(): OAuthError {
  return new OAuthError(
    "invalid_grant",
    "the assertion is for a resource or for scopes that the client cannot have here",
    { reason: "assertion_wrong" },
  );
}

async function readDetails(
  deps: Deps,
  tx: Transaction,
  client: Client,
  { details }: AssertedLimits,
  text: string,
) {
  const { assertedDetails } = await import("./details/asserted.ts");
  return await assertedDetails(deps, tx, client, details, text);
}
