import { z } from "zod";
import { OAuthError } from "./errors.ts";

const claimRequest = z.union([
  z.null(),
  z.object({
    essential: z.boolean().optional(),
    value: z.unknown().optional(),
    values: z.array(z.unknown()).optional(),
  }),
]);
const claimsRequestSchema = z.object({
  userinfo: z.record(z.string(), claimRequest).nullish(),
  id_token: z.record(z.string(), claimRequest).nullish(),
});
/** What a request wants of one claim; null: that it is there. */
export type ClaimRequest = z.infer<typeof claimRequest>;
/** @see OpenID Connect Core section 5.5 */
export type ClaimsRequest = z.infer<typeof claimsRequestSchema>;

/** Reads the `claims` parameter, from a request or a stored grant. @throws {OAuthError} `invalid_request` */
export function parseClaimsRequest(text: string | null | undefined): ClaimsRequest | null {
  if (text === undefined || text === null) return null;
  try {
    return claimsRequestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new OAuthError("invalid_request", "claims must be a JSON object as in OpenID Connect", {
      cause,
    });
  }
}
