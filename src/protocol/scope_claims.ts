/** Which claims a scope asks for. @see OpenID Connect Core section 5.4 */
export const scopeClaims = {
  profile: [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
  ],
  email: ["email", "email_verified"],
  address: ["address"],
  phone: ["phone_number", "phone_number_verified"],
  /** Not a standard scope, but what applications know it by. */
  groups: ["groups"],
} as const;

export const allClaims: readonly string[] = Object.values(scopeClaims).flat();
