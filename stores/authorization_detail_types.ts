import { z } from "zod";
import { canonicalJson } from "../src/crypto/canonical_json.ts";

/** Resources of a type, and of one request, as in `resource`. */
export const mostLocations = 4;

export const detailFieldKinds = ["string", "strings", "integer", "number", "boolean"] as const;

/** Texts by language. */
const texts = z.record(z.string(), z.string());

const simpleFieldSchema = z.object({
  field: z.string(),
  kind: z.enum(detailFieldKinds),
  required: z.boolean(),
  /** What the pages call it, by language. Without one they show the field's own name. */
  label: texts,
  /** The only values of a string, or of the strings of a list; null: any. */
  values: z.array(z.string()).nullable(),
  /** Characters of a string, and of each string of a list. */
  maxLength: z.int(),
  /** Strings of a list. */
  maxItems: z.int(),
  /** Of a number; null: none. */
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
});

/** A field of fields, one level deep. */
const objectFieldSchema = z.object({
  field: z.string(),
  kind: z.literal("object"),
  required: z.boolean(),
  label: texts,
  fields: z.array(simpleFieldSchema),
});

const fieldSchema = z.union([simpleFieldSchema, objectFieldSchema]);

/** What the record about the server says of a type of authorization details. @see RFC 9396 section 2 */
export const authorizationDetailTypeSchema = z.object({
  type: z.string(),
  /** The resources at which such details have a meaning. */
  resources: z.array(z.string()),
  /** What the consent page says of one, by language. */
  text: texts,
  fields: z.array(fieldSchema),
  /** Whether users are asked at every request: each transfer of money is a new one. */
  alwaysAsk: z.boolean(),
});
export type AuthorizationDetailType = z.infer<typeof authorizationDetailTypeSchema>;
export type DetailField = z.infer<typeof fieldSchema>;
export type SimpleDetailField = z.infer<typeof simpleFieldSchema>;

/**
 * One permission: an object with fields of its type, at one or more resources. It was checked before it was
 * stored, and is written in one way, so that equal ones are equal texts.
 * @see RFC 9396 section 2
 */
const authorizationDetailSchema = z.looseObject({
  type: z.string(),
  /** Resources: those that were asked for, or all of the type at which the client may have it. */
  locations: z.array(z.string()),
});
export type AuthorizationDetail = Readonly<z.infer<typeof authorizationDetailSchema>>;

/**
 * The details of a record; it has no such member without them. Records of earlier releases have none, and
 * those releases ignore it.
 */
export const grantedDetails = z.array(authorizationDetailSchema).optional();

/** The text of a detail. Equal texts are equal permissions. */
export function detailText(detail: AuthorizationDetail): string {
  return canonicalJson(detail);
}

/** The part of details for one resource, which names no other resource. @see RFC 9396 section 9 */
export function detailsAt(
  details: readonly AuthorizationDetail[],
  resource: string | null,
): AuthorizationDetail[] {
  return details.filter(({ locations }) => resource !== null && locations.includes(resource))
    .map((detail) => ({ ...detail, locations: [resource ?? ""] }));
}

/** Whether each of the details is among the allowed ones, as it is. One that is less is another one. */
export function coversDetails(
  allowed: readonly AuthorizationDetail[],
  wanted: readonly AuthorizationDetail[],
): boolean {
  if (wanted.length === 0) return true;
  const known = new Set(allowed.map(detailText));
  return wanted.every((one) => known.has(detailText(one)));
}

/** Those of a type about which users are asked at every request. */
export function alwaysAsked(
  types: readonly AuthorizationDetailType[],
  details: readonly AuthorizationDetail[],
): AuthorizationDetail[] {
  return details.filter(({ type }) => types.some((one) => one.type === type && one.alwaysAsk));
}

/** The details of both lists, without duplicates. */
export function unionOfDetails(
  before: readonly AuthorizationDetail[],
  added: readonly AuthorizationDetail[],
): AuthorizationDetail[] {
  const byText = new Map([...before, ...added].map((one) => [detailText(one), one]));
  return [...byText.values()];
}
