/**
 * Claims that say something about a token or a request, not about a person. No operator's claim may have
 * such a name: a relying party could take it for the protocol's.
 *
 * @see RFC 7519 section 4.1, OpenID Connect Core sections 2 and 5.6.2, RFC 7662 section 2.2, RFC 7800,
 *   RFC 8417, RFC 8693 section 4, RFC 9068 section 2.2, RFC 9396 section 9
 */
const names: ReadonlySet<string> = new Set([
  ...["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "azp", "nonce", "auth_time", "acr", "amr"],
  ...[
    "at_hash",
    "c_hash",
    "s_hash",
    "ds_hash",
    "sid",
    "sub_jwk",
    "cnf",
    "events",
    "act",
    "may_act",
    "typ",
  ],
  ...["client_id", "scope", "active", "token_type", "username", "authorization_details"],
  ...["token_introspection", "_claim_names", "_claim_sources", "request", "request_uri"],
  ...["__proto__", "constructor", "prototype"],
]);

export function isProtocolClaim(name: string): boolean {
  return names.has(name);
}

/** The names that operators may give to claims. */
export const claimNamePattern = /^[A-Za-z][A-Za-z0-9_:.\/-]{0,127}$/;
