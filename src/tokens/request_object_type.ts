import { fitsType } from "../protocol/jwt_type.ts";

/** Whether the `typ` or `cty` fits a request object. @see RFC 9101 section 10.8 */
export function isRequestObjectType(type: unknown): boolean {
  return fitsType(type, "oauth-authz-req+jwt");
}
