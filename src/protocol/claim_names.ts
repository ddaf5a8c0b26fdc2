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

/** What applications do with a claim of this name: decide what a person may do, or which account is theirs. */
export type ClaimWeight = "authority" | "identity";

const authority: ReadonlySet<string> = new Set([
  ...["group", "groups", "role", "roles", "memberof", "membership", "memberships", "wids"],
  ...["permission", "permissions", "privilege", "privileges", "rights", "acl", "clearance"],
  ...["entitlement", "entitlements", "authority", "authorities", "scope", "scopes", "scp"],
  ...["policy", "policies", "hd", "orgid", "orgrole"],
  ...["realmaccess", "resourceaccess", "accesslevel", "allowedroles", "defaultrole"],
  ...["admin", "administrator", "superuser", "isstaff", "sudo", "tenant", "tenantid", "tid"],
]);
const identity: ReadonlySet<string> = new Set([
  ...["sub", "subject", "oid", "uid", "uuid", "guid", "userid", "nameid", "nameidentifier"],
  ...["username", "login", "loginname", "logonname", "accountname", "upn", "externalid"],
  ...["userprincipalname", "samaccountname", "uniquename", "preferredusername"],
  ...["email", "emails", "mail", "emailaddress", "mailaddress", "verifiedemail", "emailverified"],
]);

/**
 * The weight of a claim's name, as applications spell it: `isAdmin`, `role_ids`, `cognito:groups`,
 * `http://schemas.microsoft.com/ws/2008/06/identity/claims/role`. Null: none that is known.
 */
export function weightOf(name: string): ClaimWeight | null {
  const last = name.split(/[:/.]/).findLast((part) => part !== "") ?? "";
  const word = last.toLowerCase().replaceAll(/[_-]/g, "");
  const bare = word.replace(/^(is|has|user|app)(?=.)/, "");
  for (const one of [word, bare, bare.replace(/(?<=.)(id|name)s?$/, "")]) {
    if (authority.has(one)) return "authority";
    if (identity.has(one)) return "identity";
  }
  return null;
}
