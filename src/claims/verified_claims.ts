import { isSameAddress } from "../identifiers/mail_address.ts";

type Claims = Readonly<Record<string, unknown>>;

/** Claims with the one that says whether it is verified. @see OpenID Connect Core section 5.1 */
const verifiable = [
  { name: "email", verified: "email_verified" },
  { name: "phone_number", verified: "phone_number_verified" },
] as const;

/**
 * Claims after a change of some of them. What was verified is the old value: a new one is not, unless the change
 * itself says so. Otherwise whoever corrects an address would give its owner a way into the account.
 *
 * @param after all claims, with the change
 * @param change the claims that the change names
 */
export function withoutOldProofs<T extends Claims>(before: Claims, after: T, change: Claims): T {
  const claims: Record<string, unknown> = { ...after };
  for (const { name, verified } of verifiable) {
    if (Object.hasOwn(change, verified)) continue;
    if (claims[name] === undefined) delete claims[verified];
    else if (claims[verified] === true && !isSame(before[name], claims[name])) {
      claims[verified] = false;
    }
  }
  return claims as T;
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other ||
    (typeof one === "string" && typeof other === "string" && isSameAddress(one, other));
}

/** Where claims say that something is verified which they do not have, and the rule; null: nowhere. */
export function unfoundedProof(claims: Claims): { name: string; rule: string } | null {
  const wrong = verifiable.find(({ name, verified }) =>
    claims[verified] === true && claims[name] === undefined
  );
  return wrong === undefined
    ? null
    : { name: wrong.verified, rule: `must not be true without ${wrong.name}` };
}
