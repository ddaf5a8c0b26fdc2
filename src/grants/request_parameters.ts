import { z } from "zod";
import type { Client } from "../../stores/clients.ts";
import { OAuthError } from "../protocol/errors.ts";

/** @see RFC 8707 section 2.2 */
export const resourceParameter = z.union([
  z.string().transform((one) => [one]),
  z.array(z.string()),
])
  .transform((values) => [...new Set(values)])
  .refine((values) => values.length <= 4, "must not name more than 4")
  .default([]);

/** @see RFC 6749 section 3.3 */
export const scopeParameter = z.string().max(2048)
  .transform((text) => [...new Set(text.split(" ").filter((name) => name !== ""))])
  .optional();

/** @throws {OAuthError} `unauthorized_client` */
export function assertGrantType(client: Client, grantType: Client["grantTypes"][number]) {
  if (client.grantTypes.includes(grantType)) return;
  throw new OAuthError("unauthorized_client", `the client is not registered for ${grantType}`);
}
