import type { User } from "../../stores/users.ts";
import { standardClaimsSchema } from "./claims.ts";

const ownFields = [
  "name",
  "given_name",
  "family_name",
  "nickname",
  "picture",
  "website",
  "birthdate",
  "zoneinfo",
  "locale",
  "phone_number",
] as const;
/** Members of the claim `address`. @see OpenID Connect Core section 5.1.1 */
const addressFields = [
  "street_address",
  "postal_code",
  "locality",
  "region",
  "country",
] as const;

/** The claims that people look after themselves, in the order of the form. */
export const profileFields = [...ownFields, ...addressFields];
export type ProfileField = (typeof profileFields)[number];
/** What a form holds; empty: there is none. */
export type ProfileForm = Readonly<Record<ProfileField, string>>;

/** A person's claims as the form shows them. */
export function profileOf(claims: User["claims"]): ProfileForm {
  const address = addressOf(claims);
  return formOf((field) => isOfAddress(field) ? address[field] : claims[field]);
}

/** A form from whatever was sent. */
export function formOf(valueOf: (field: ProfileField) => unknown): ProfileForm {
  const entries = profileFields.map((field) => [field, lineOf(valueOf(field))]);
  return Object.fromEntries(entries) as ProfileForm;
}

/** The fields that differ. */
export function differing(one: ProfileForm, other: ProfileForm): ProfileField[] {
  return profileFields.filter((field) => one[field] !== other[field]);
}

/** Whether a field holds what it may; an empty one does. */
export function isGoodValue(field: ProfileField, value: string): boolean {
  if (value === "") return true;
  if (/\p{Cc}/u.test(value) || !(rules[field]?.(value) ?? true)) return false;
  const schema = isOfAddress(field)
    ? standardClaimsSchema.shape.address.unwrap().shape[field]
    : standardClaimsSchema.shape[field];
  return schema.safeParse(value).success;
}

/**
 * Claims with other values in some fields. A phone number that is new has not been verified, and an
 * address that was written out as a whole is not the one of these parts any more.
 */
export function claimsWith(
  claims: User["claims"],
  changed: readonly ProfileField[],
  form: ProfileForm,
): User["claims"] {
  const own = changed.filter((field) => !isOfAddress(field));
  const after = withValues(claims, own, form);
  if (changed.includes("phone_number")) {
    if (form.phone_number === "") delete after.phone_number_verified;
    else after.phone_number_verified = false;
  }
  const ofAddress = changed.filter(isOfAddress);
  if (ofAddress.length === 0) return after;
  const { formatted: _, ...address } = withValues(addressOf(claims), ofAddress, form);
  if (Object.keys(address).length > 0) return { ...after, address };
  delete after.address;
  return after;
}

function withValues(
  values: Readonly<Record<string, unknown>>,
  fields: readonly ProfileField[],
  form: ProfileForm,
): Record<string, unknown> {
  const after = { ...values };
  for (const field of fields) {
    if (form[field] === "") delete after[field];
    else after[field] = form[field];
  }
  return after;
}

/** Beyond the schema, which is as wide as an operator may need it. */
const rules: Partial<Record<ProfileField, (value: string) => boolean>> = {
  // Apps show it on pages of theirs, where http would be mixed content.
  picture: (value) => hasScheme(value, ["https:"]),
  // `javascript:` is a URL, too.
  website: (value) => hasScheme(value, ["https:", "http:"]),
  birthdate: isDay,
  zoneinfo: (value) => doesNotThrow(() => new Intl.DateTimeFormat("en", { timeZone: value })),
  locale: (value) => doesNotThrow(() => Intl.getCanonicalLocales(value)),
  phone_number: (value) => /^\+?[0-9(][0-9 ()./-]{2,38}$/.test(value),
};

function hasScheme(value: string, schemes: readonly string[]): boolean {
  const url = URL.parse(value);
  return url !== null && schemes.includes(url.protocol) && url.username === "";
}

/** A day that there is; the year 0000 is one that somebody keeps to themselves. */
function isDay(value: string): boolean {
  const [, year = "", month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) ?? [];
  if (month === undefined) return true; // a year alone
  const iso = `${year === "0000" ? "2000" : year}-${month}-${day}T00:00:00Z`;
  const time = Date.parse(iso);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso.slice(0, 10));
}

function doesNotThrow(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function addressOf({ address }: User["claims"]): Record<string, unknown> {
  return typeof address === "object" && address !== null ? { ...address } : {};
}

function isOfAddress(field: ProfileField): field is (typeof addressFields)[number] {
  return addressFields.some((one) => one === field);
}

// A street may have several lines; a field of a form has one, and would join them to one word. What is
// around a break is no part of the pattern: in a form full of blanks it would be looked for seconds long.
function lineOf(value: unknown): string {
  if (typeof value !== "string") return "";
  return value.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "").join(", ");
}
