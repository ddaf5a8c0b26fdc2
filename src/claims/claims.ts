import { z } from "zod";
import type { Present } from "../../stores/engine/collection.ts";
import type { GrantedClaims } from "../../stores/grants.ts";
import type { Client } from "../../stores/clients.ts";
import type { Provider } from "../../stores/provider.ts";
import type { User } from "../../stores/users.ts";
import type { ClaimsRequest } from "../protocol/claims_request.ts";
import { tidyMailAddress } from "../identifiers/mail_address.ts";
import { shownText } from "../identifiers/shown_text.ts";
import { ruledClaims } from "../clients/claim_rules.ts";
import { customClaimsFor } from "./custom_claims.ts";
import { allClaims, scopeClaims } from "../protocol/scope_claims.ts";

const text = shownText(1024);
/** An address as it is written on a letter. @see OpenID Connect Core section 5.1.1 */
const lines = shownText(1024, { lines: true });
/** Applications put it into links: `javascript:` is a URL, too. */
const webUrl = z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }).max(2048);

/** Releases before this rule have stored others, which are told to nobody. */
const urlClaims = ["profile", "picture", "website"];

/** A mail address as somebody wrote it, as it is stored. */
export const mailAddressSchema = z.string().transform((typed, context) => {
  const address = tidyMailAddress(typed);
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
    formatted: lines,
    street_address: lines,
    locality: text,
    region: text,
    postal_code: text,
    country: text,
  }).partial(),
}).partial();

export type StandardClaims = z.infer<typeof standardClaimsSchema>;

/** What a client may know of a person. */
export interface Told {
  readonly scope: readonly string[];
  /** Claims that were requested one by one. */
  readonly names: readonly string[];
}

/** What a client gets to know of a person: those claims that are known, by the client's own rules. */
export function claimsFor(
  client: Pick<Client, "claimRules">,
  user: Present<User>,
  { customClaims }: Pick<Provider, "customClaims">,
  { scope, names }: Told,
): Record<string, unknown> {
  const standard = standardClaimsFor(user, [...claimsOfScope(scope), ...names]);
  const custom = customClaims.length === 0
    ? {}
    : customClaimsFor(customClaims, user.value.customClaims, scope);
  return ruledClaims(client, { ...custom, ...standard });
}

function standardClaimsFor(user: Present<User>, names: readonly string[]) {
  const known = claimsOf(user.value);
  const claims: Record<string, unknown> = {};
  for (const name of allClaims) {
    if (!names.includes(name) || known[name] === undefined) continue;
    if (urlClaims.includes(name) && !webUrl.safeParse(known[name]).success) continue;
    claims[name] = known[name];
  }
  return claims;
}

const claimsByScope = Object.entries(scopeClaims);

/** The claims that a scope asks for. @see OpenID Connect Core section 5.4 */
function claimsOfScope(scope: readonly string[]): string[] {
  return claimsByScope.filter(([name]) => scope.includes(name))
    .flatMap(([, claims]) => claims);
}

/** The claims that a request asks for one by one. @see OpenID Connect Core section 5.5 */
export function requestedClaims(requested: ClaimsRequest | null): GrantedClaims {
  return {
    userinfo: Object.keys(requested?.userinfo ?? {}),
    idToken: Object.keys(requested?.id_token ?? {}),
  };
}

/** Those of the claims that a scope would tell: asking for them one by one is no way around it. */
export function grantableClaims(claims: GrantedClaims, scope: readonly string[]): GrantedClaims {
  if (claims.userinfo.length === 0 && claims.idToken.length === 0) return claims; // as most
  const possible = claimsOfScope(scope);
  return {
    userinfo: claims.userinfo.filter((name) => possible.includes(name)),
    idToken: claims.idToken.filter((name) => possible.includes(name)),
  };
}

/**
 * The scopes whose words tell a person all that a request asks for: its own, and those of the claims that
 * it asks for one by one. Nobody must allow what they were not told.
 */
export function shownScopes(scope: readonly string[], claimNames: readonly string[]): string[] {
  const ofClaims = Object.entries(scopeClaims)
    .filter(([, claims]) => claims.some((claim) => claimNames.includes(claim)))
    .map(([name]) => name);
  return [...new Set([...scope, ...ofClaims])];
}

function claimsOf(user: User): Record<string, unknown> {
  const { username, claims, groups, updatedAt } = user;
  return { preferred_username: username, ...claims, groups, updated_at: updatedAt };
}
