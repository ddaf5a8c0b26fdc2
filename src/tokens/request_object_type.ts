/**
 * Whether the `typ` or `cty` of a request object is one of those. Absent is right too: many make none.
 *
 * @see RFC 9101 section 10.8
 */
export function isRequestObjectType(type: unknown): boolean {
  return type === undefined ||
    (typeof type === "string" && /^(application\/)?(jwt|oauth-authz-req\+jwt)$/i.test(type));
}
