import { z } from "zod";
import { OAuthError } from "./errors.ts";

/** Characters of the whole parameter: a stored request has room for no more. */
const longestText = 4096;
/** Claims that may be requested in one place. */
const mostClaims = 64;
/** Levels of JSON; a value that is compared (an address) is at the fifth. */
const mostLevels = 8;

const claimRequest = z.union([
  z.null(),
  z.object({
    essential: z.boolean().optional(),
    value: z.unknown().optional(),
    values: z.array(z.unknown()).optional(),
  }),
]);
const claimRequests = z.record(z.string(), claimRequest)
  .refine((claims) => Object.keys(claims).length <= mostClaims);
const claimsRequestSchema = z.object({
  userinfo: claimRequests.nullish(),
  id_token: claimRequests.nullish(),
});
/** The wish for one claim; null: the claim, with any value. */
export type ClaimRequest = z.infer<typeof claimRequest>;
/** @see OpenID Connect Core section 5.5 */
export type ClaimsRequest = z.infer<typeof claimsRequestSchema>;

/**
 * Reads the `claims` parameter. Members that it does not know are ignored.
 *
 * @throws {OAuthError} `invalid_request` for anything but a JSON object of the specification's form, and
 *   for one that is too long, too deep, or has too many claims
 */
export function parseClaimsRequest(text: string | null | undefined): ClaimsRequest | null {
  if (text === undefined || text === null) return null;
  if (text.length > longestText) {
    throw new OAuthError("invalid_request", `claims must not be longer than ${longestText}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (levelsOf(value) > mostLevels) throw new Error(`more than ${mostLevels} levels`);
    return claimsRequestSchema.parse(value);
  } catch (cause) {
    throw new OAuthError(
      "invalid_request",
      `claims must be a JSON object as in OpenID Connect, with at most ${mostClaims} claims each`,
      { cause },
    );
  }
}

/** The text is short, so there are few levels to walk down. */
function levelsOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(levelsOf));
}

/** The values that are accepted for a claim: it must have one of them. Null: any value. */
export function wantedValues(request: ClaimRequest | undefined): readonly unknown[] | null {
  const lists = [
    ...(request?.value === undefined ? [] : [[request.value]]),
    ...(request?.values === undefined ? [] : [request.values]),
  ];
  const [first, second] = lists;
  if (first === undefined) return null;
  if (second === undefined) return first;
  const others = second.map((one) => JSON.stringify(one));
  return first.filter((one) => others.includes(JSON.stringify(one)));
}
