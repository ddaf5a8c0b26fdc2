import type { Config } from "../config/config.ts";

/** Opens the admin API. Only the bootstrap file gives it to a client. */
export const adminScope = "latchkey:admin";

/** The resource indicator of the admin API, and the beginning of its URLs. @see RFC 8707 section 2 */
export function adminResource({ issuer }: Pick<Config, "issuer">): string {
  return `${issuer}/api/v1`;
}
