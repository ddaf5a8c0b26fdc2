/**
 * Whether the `typ` or `cty` of a JWT is this one. `application/` may be left out, and case does not matter.
 * @param name in lower case
 * @see RFC 7515 section 4.1.9
 */
export function isOfType(type: unknown, name: string): boolean {
  return typeof type === "string" && type.toLowerCase().replace(/^application\//, "") === name;
}

/**
 * Whether the type of a JWT fits its use: none, `JWT`, or the type of its kind. A JWT that was made for another
 * purpose, such as an access token, has another type.
 * @param kind in lower case, such as `oauth-authz-req+jwt`; absent: there is no such type
 * @see RFC 8725 section 3.11
 */
export function fitsType(type: unknown, kind?: string): boolean {
  return type === undefined || isOfType(type, "jwt") ||
    (kind !== undefined && isOfType(type, kind));
}
