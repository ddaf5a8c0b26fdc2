import { z } from "zod";
import type { Present } from "../../stores/engine/collection.ts";
import type { Client } from "../../stores/clients.ts";
import type { CustomClaim } from "../../stores/custom_claims.ts";
import type { GrantedClaims } from "../../stores/grants.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Provider } from "../../stores/provider.ts";
import type { User } from "../../stores/users.ts";
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
  // The same rules as for an address that its owner proves: the admin API must take back what it shows.
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

/** Claims about the sign-in. Each ID token has them, so a request moves them only to userinfo. */
export const signInClaims: readonly string[] = ["auth_time", "acr", "amr"];

/** The values that a request names, by claim. @see OpenID Connect Core section 5.5.1 */
export type ClaimValues = Readonly<Record<string, readonly unknown[]>>;

/** The claims about a user that a client may know. */
export interface Told {
  readonly scope: readonly string[];
  /** Claims that were requested one by one. */
  readonly names: readonly string[];
  /** The values that the request named for some of these; absent: none. */
  readonly values?: ClaimValues | undefined;
}

/** The claims about a user for a client: those with a value, renamed by the client's rules. */
export function claimsFor(
  client: Pick<Client, "claimRules">,
  user: Present<User>,
  { customClaims }: Pick<Provider, "customClaims">,
  { scope, names, values }: Told,
): Record<string, unknown> {
  const standard = standardClaimsFor(user, [...claimsOfScope(scope), ...names]);
  const custom = customClaims.length === 0
    ? {}
    : customClaimsFor(customClaims, user.value.customClaims, { scope, names });
  const known = { ...custom, ...standard };
  const ruled = ruledClaims(client, known, customClaims);
  if (values === undefined) return ruled;
  const byScope = claimsFor(client, user, { customClaims }, { scope, names: [] });
  return withoutOthers(client, customClaims, { known, ruled, byScope }, values);
}

/**
 * Leaves out claims whose value is not one that the request named. What the scope tells anyway stays.
 *
 * @see OpenID Connect Core section 5.5.1
 */
function withoutOthers(
  client: Pick<Client, "claimRules">,
  definitions: readonly CustomClaim[],
  { known, ruled, byScope }: {
    /** By the names of this server. */
    readonly known: Readonly<Record<string, unknown>>;
    /** All of them, and those of the scope, by the names that the client sees. */
    readonly ruled: Readonly<Record<string, unknown>>;
    readonly byScope: Readonly<Record<string, unknown>>;
  },
  values: ClaimValues,
): Record<string, unknown> {
  const told = { ...ruled };
  for (const [name, wanted] of Object.entries(values)) {
    if (!Object.hasOwn(known, name)) continue;
    const alone = ruledClaims(client, { [name]: known[name] }, definitions);
    for (const ruledName of Object.keys(alone)) {
      if (Object.hasOwn(byScope, ruledName)) continue;
      const part = wantedPart(told[ruledName], wanted);
      if (part === undefined) delete told[ruledName];
      else told[ruledName] = part;
    }
  }
  return told;
}

function standardClaimsFor(user: Present<User>, names: readonly string[]) {
  if (names.length === 0) return {}; // as in most ID tokens
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

/**
 * The value of a claim as far as a request named it: of a list those entries that it named.
 * @returns undefined: it is another value, and the claim is left out
 */
export function wantedPart(value: unknown, wanted: readonly unknown[]): unknown {
  const texts = wanted.map(canonicalJson);
  if (texts.includes(canonicalJson(value))) return value;
  if (!Array.isArray(value)) return undefined;
  const part = value.filter((entry) => texts.includes(canonicalJson(entry)));
  return part.length === 0 ? undefined : part;
}

/** The scope that a claim belongs to; null: this server does not know the claim. */
function scopeOf(name: string, definitions: readonly CustomClaim[]): string | null {
  const standard = Object.entries(scopeClaims)
    .find(([, claims]) => claims.some((claim) => claim === name));
  return standard?.[0] ?? definitions.find(({ claim }) => claim === name)?.scope ?? null;
}

/** Those of the claims that a scope would tell: asking for them one by one is no way around it. */
export function grantableClaims(
  claims: GrantedClaims,
  scope: readonly string[],
  definitions: readonly CustomClaim[],
): GrantedClaims {
  if (claims.userinfo.length === 0 && claims.idToken.length === 0) return claims; // as most
  const isPossible = (name: string) => {
    const needed = scopeOf(name, definitions);
    return signInClaims.includes(name) || (needed !== null && scope.includes(needed));
  };
  const userinfo = claims.userinfo.filter(isPossible);
  const idToken = claims.idToken.filter(isPossible);
  if (claims.values === undefined) return { userinfo, idToken };
  const values = {
    userinfo: valuesFor(userinfo, claims.values.userinfo),
    idToken: valuesFor(idToken, claims.values.idToken),
  };
  return { userinfo, idToken, values };
}

function valuesFor(names: readonly string[], values: ClaimValues): Record<string, unknown[]> {
  const kept = Object.entries(values).filter(([name]) => names.includes(name));
  return Object.fromEntries(kept.map(([name, wanted]) => [name, [...wanted]]));
}

/** The names of all claims about the user that are asked for one by one. */
export function namesAboutUser({ userinfo, idToken }: GrantedClaims): string[] {
  const names = new Set([...userinfo, ...idToken]);
  return [...names].filter((name) => !signInClaims.includes(name)).sort();
}

/**
 * The scopes whose words tell a person all that a request asks for: its own, and those of the claims that
 * it asks for one by one. Nobody must allow what they were not told.
 */
export function shownScopes(
  scope: readonly string[],
  claimNames: readonly string[],
  definitions: readonly CustomClaim[],
): string[] {
  const ofClaims = claimNames.map((name) => scopeOf(name, definitions) ?? []).flat();
  return [...new Set([...scope, ...ofClaims])];
}

function claimsOf(user: User): Record<string, unknown> {
  const { username, claims, groups, updatedAt } = user;
  return { preferred_username: username, ...claims, groups, updated_at: updatedAt };
}
