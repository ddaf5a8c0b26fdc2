import type { Entry } from "../../stores/engine/collection.ts";
import type { Grant } from "../../stores/grants.ts";
import * as resources from "../../stores/resources.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { ownScopes, unknownResource } from "../claims/scope.ts";
import { OAuthError } from "../protocol/errors.ts";

export interface Audience {
  readonly resources: readonly string[];
  readonly scopes: ReadonlySet<string>;
  readonly format: "jwt" | "opaque";
}

/** What `readAudience` will peek at, for a read before it to bring along. */
export function audienceRefs(requested: readonly string[], grant: Entry<Grant>) {
  return (requested.length > 0 ? requested : grant.value?.resources ?? []).map(resources.ref);
}

/**
 * The part of a scope that a token for an audience carries: what is another resource's would mean
 * nothing to this one, or something else.
 *
 * @see RFC 8707 section 2.2
 */
export function scopeFor(audience: Audience, scope: readonly string[]): string[] {
  return scope.filter((name) => ownScopes.includes(name) || audience.scopes.has(name));
}

/**
 * Whom an access token is for: the resources that a token request names, or else all of its grant.
 *
 * @param granted null: any that is known, for a client that acts for itself
 * @throws {OAuthError} `invalid_target`
 * @see RFC 8707 section 2.2
 */
export async function readAudience(
  tx: Transaction,
  requested: readonly string[],
  granted: readonly string[] | null,
): Promise<Audience> {
  if (granted !== null && requested.some((name) => !granted.includes(name))) {
    throw new OAuthError("invalid_target", "resource is not one that was granted");
  }
  const names = requested.length > 0 ? requested : granted ?? [];
  const found = await tx.peek(
    Object.fromEntries(names.map((name) => [name, resources.ref(name)])),
    "registration",
  );
  const records = Object.values(found).map(({ value }) => {
    if (value === null) throw unknownResource();
    return value;
  });
  const formats = new Set(records.map((record) => record.accessTokenFormat));
  if (formats.size > 1) {
    throw new OAuthError("invalid_target", "these resources take tokens of different formats");
  }
  return {
    resources: names,
    scopes: new Set(records.flatMap((record) => record.scopes)),
    format: formats.has("jwt") ? "jwt" : "opaque",
  };
}
