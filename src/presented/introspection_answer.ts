import type { Present } from "../../stores/engine/collection.ts";
import type { User } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import type { LiveAccessToken } from "../issuing/live_access_token.ts";
import { actorClaims } from "../tokens/access_token.ts";
import { tokenTypeOf } from "../tokens/confirmation.ts";

/** All that is told about a token that is not good, or not the caller's business. */
export const inactive = { active: false } as const;

/** @see RFC 7662 section 2.2 */
export type Introspection = typeof inactive | ({ readonly active: true } & Record<string, unknown>);

/** The text of an answer: JSON, or a JWT with the same. @see RFC 9701 section 5 */
export type IntrospectionAnswer = { readonly json: string } | { readonly jwt: string };

/** What is told about an access token. */
export function accessTokenMetadata(
  deps: Deps,
  { token, scope, user, grant, client }: LiveAccessToken,
): Introspection {
  const { authTime, acr, amr } = grant.value;
  const { resources: audience } = token;
  return {
    active: true,
    scope: scope.join(" "),
    client_id: token.clientId,
    ...usernameFor(user, scope),
    token_type: tokenTypeOf(token.confirmation),
    ...(token.confirmation && { cnf: token.confirmation }),
    exp: token.expiresAt,
    iat: token.issuedAt,
    nbf: token.issuedAt,
    sub: token.subject,
    aud: audience.length === 0
      ? deps.config.issuer
      : audience.length === 1
      ? audience[0]
      : audience,
    iss: deps.config.issuer,
    jti: token.jti,
    ...actorClaims(token.exchange, client),
    // A resource needs these for step-up authentication (RFC 9470 section 6.2).
    ...(authTime === null ? {} : { auth_time: authTime, acr, amr }),
  };
}

/**
 * The username is a claim like any other. It is often a mail address, so only a client that was granted
 * it gets it.
 */
export function usernameFor(user: Present<User> | null, scope: readonly string[]) {
  return user !== null && scope.includes("profile") ? { username: user.value.username } : {};
}
