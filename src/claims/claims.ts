import { z } from "zod";
import type { Present } from "../../stores/engine/collection.ts";
import type { User } from "../../stores/users.ts";
import type { ClaimsRequest } from "../protocol/claims_request.ts";
import { parseMailAddress } from "../identifiers/mail_address.ts";
import { allClaims, scopeClaims } from "./scope_claims.ts";

const text = z.string().max(1024);
/** Applications put it into links: `javascript:` is a URL, too. */
const webUrl = z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }).max(2048);

/** A mail address as somebody wrote it, read into its canonical form. */
export const mailAddressSchema = z.string().transform((typed, context) => {
  const address = parseMailAddress(typed);
  if (address === null) context.addIssue("must be a mail address");
  return address ?? z.NEVER;
});

/** Standard claims, as an operator gives them. @see OpenID Connect Core section 5.1 */
export const standardClaimsSchema = z.strictObject({
  name: text,
  given_name: text,
  family_name: text,
  middle_name: text,
  nickname: text,
  preferred_username: text,
  profile: webUrl,
  picture: webUrl,
  website: webUrl,
  // As people prove it for themselves: whom a link has reached an administrator can look after.
  email: mailAddressSchema,
  email_verified: z.boolean(),
  gender: text,
  birthdate: z.string().regex(/^\d{4}(-\d{2}-\d{2})?$/, "must be YYYY-MM-DD, or YYYY"),
  zoneinfo: text,
  locale: text,
  phone_number: text,
  phone_number_verified: z.boolean(),
  address: z.strictObject({
    formatted: text,
    street_address: text,
    locality: text,
    region: text,
    postal_code: text,
    country: text,
  }).partial(),
}).partial();
export type StandardClaims = z.infer<typeof standardClaimsSchema>;

/**
 * What a client may know of a person: the claims of its scope, and those it asked for one by one.
 *
 * @param section of the `claims` parameter: where the answer goes
 * @see OpenID Connect Core sections 5.4 and 5.5
 */
export function claimsFor(
  user: Present<User>,
  scope: readonly string[],
  requested: ClaimsRequest | null,
  section: "userinfo" | "id_token",
): Record<string, unknown> {
  const names = new Set<string>(Object.keys(requested?.[section] ?? {}));
  // With a code there is always an access token, so the claims of the scope are at userinfo.
  if (section === "userinfo") {
    for (const [name, claims] of Object.entries(scopeClaims)) {
      if (scope.includes(name)) claims.forEach((claim) => names.add(claim));
    }
  }
  const known = claimsOf(user.value);
  const claims: Record<string, unknown> = {};
  for (const name of allClaims) {
    if (names.has(name) && known[name] !== undefined) claims[name] = known[name];
  }
  return claims;
}

/** The names of claims asked for one by one, which a person consents to. */
export function requestedClaimNames(requested: ClaimsRequest | null): string[] {
  const names = [
    ...Object.keys(requested?.userinfo ?? {}),
    ...Object.keys(requested?.id_token ?? {}),
  ];
  return [...new Set(names)].filter((name) => allClaims.includes(name)).sort();
}

/**
 * The scopes whose words tell a person all that a request asks for: its own, and those of the claims that
 * it asks for one by one. Nobody must allow what they were not told.
 */
export function scopesToTell(
  scope: readonly string[],
  requested: ClaimsRequest | null,
): string[] {
  const names = requestedClaimNames(requested);
  const ofClaims = Object.entries(scopeClaims)
    .filter(([, claims]) => claims.some((claim) => names.includes(claim)))
    .map(([name]) => name);
  return [...new Set([...scope, ...ofClaims])];
}

function claimsOf(user: User): Record<string, unknown> {
  return { preferred_username: user.username, ...user.claims, updated_at: user.updatedAt };
}
