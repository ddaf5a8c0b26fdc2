import { z } from "zod";
import {
  type AuthorizationDetailType,
  type DetailField,
  detailFieldKinds,
  mostLocations,
  type SimpleDetailField,
} from "../../../stores/authorization_detail_types.ts";
import * as providers from "../../../stores/provider.ts";
import type { ProviderItems } from "../../../stores/provider_items.ts";
import { shownText } from "../../identifiers/shown_text.ts";
import { supportedLanguages } from "../../language/supported_languages.ts";
import type { JsonObject } from "../../protocol/json_entry.ts";

/** Steps read the types with the record about the server, so there are few, and they are small. */
const mostDetailTypes = 16;
/** Bytes of all types together, as JSON. */
const mostBytes = 16 * 1024;
/** Characters of a string whose field has no limit of its own, and the most that one may set. */
const usualLength = 256;
const longestString = 1024;

/** At least in one language. */
const texts = z.strictObject(
  Object.fromEntries(supportedLanguages.map((language) => [language, shownText(256).optional()])),
).transform((given) =>
  Object.fromEntries(Object.entries(given).flatMap(([k, v]) => v === undefined ? [] : [[k, v]]))
);
const label = texts.default({});

/** A name of an object's own would be mistaken for a field. */
const fieldName = z.string().regex(
  /^[A-Za-z][A-Za-z0-9_]{0,63}$/,
  "must begin with a letter, and have only letters, digits and _, at most 64",
).refine(
  (name) => !["type", "locations"].includes(name) && !(name in {}),
  "must not be type, locations or a name with another meaning",
);

const fieldShape = { field: fieldName, required: z.boolean().default(false), label };
const limits = {
  values: z.array(shownText(256).min(1)).min(1).max(64).optional(),
  max_length: z.int().min(1).max(longestString).optional(),
  max_items: z.int().min(1).max(64).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
};
const simpleField = z.strictObject({ ...fieldShape, kind: z.enum(detailFieldKinds), ...limits })
  .superRefine(({ kind, ...given }, context) => {
    const foreign = Object.keys(limits).filter((name) =>
      given[name as keyof typeof given] !== undefined && !limitsOf[kind].includes(name)
    );
    for (const path of foreign) {
      context.addIssue({ code: "custom", message: "is not for this kind", path: [path] });
    }
  });
const distinct = "must not have two fields of one name";
const objectField = z.strictObject({
  ...fieldShape,
  kind: z.literal("object"),
  fields: z.array(simpleField).min(1).max(16).refine(areDistinct, distinct),
});

const limitsOf: Readonly<Record<SimpleDetailField["kind"], readonly string[]>> = {
  string: ["values", "max_length"],
  strings: ["values", "max_length", "max_items"],
  integer: ["minimum", "maximum"],
  number: ["minimum", "maximum"],
  boolean: [],
};

/** A type of authorization details as an operator writes it. @see RFC 9396 section 2 */
export const detailTypeEntrySchema = z.strictObject({
  type: z.string().max(128).regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces")
    // A URL cannot have them as a part of its path, so the admin API could not name the type.
    .regex(/^(?!\.{1,2}$)/, "must not be one or two dots"),
  resources: z.array(
    z.string().max(256).refine((uri) => URL.canParse(uri), "must be an absolute URI"),
  ).min(1).max(mostLocations),
  text: texts.refine((given) => Object.keys(given).length > 0, "must have a language"),
  fields: z.array(z.discriminatedUnion("kind", [simpleField, objectField])).max(16).default([])
    .refine(areDistinct, distinct),
  always_ask: z.boolean().default(false),
});
type DetailTypeEntry = z.infer<typeof detailTypeEntrySchema>;

function areDistinct(fields: readonly { readonly field: string }[]): boolean {
  return new Set(fields.map(({ field }) => field)).size === fields.length;
}

export function detailTypeOf(entry: DetailTypeEntry): AuthorizationDetailType {
  const { type, resources, text, fields, always_ask: alwaysAsk } = entry;
  return { type, resources: [...new Set(resources)], text, fields: fields.map(fieldOf), alwaysAsk };
}

type FieldEntry = DetailTypeEntry["fields"][number];

function fieldOf(entry: FieldEntry): DetailField {
  if (entry.kind === "object") return { ...entry, fields: entry.fields.map(simpleFieldOf) };
  return simpleFieldOf(entry);
}

function simpleFieldOf(entry: z.infer<typeof simpleField>): SimpleDetailField {
  const { field, kind, required, label, values, minimum, maximum } = entry;
  return {
    field,
    kind,
    required,
    label,
    values: values ?? null,
    maxLength: entry.max_length ?? usualLength,
    maxItems: entry.max_items ?? 16,
    minimum: minimum ?? null,
    maximum: maximum ?? null,
  };
}

/** A type as its entry: what goes without saying is left out, except of the type itself. */
export function detailTypeEntryOf(declared: AuthorizationDetailType): JsonObject {
  const { type, resources, text, fields, alwaysAsk } = declared;
  return { type, resources, text, fields: fields.map(entryOf), always_ask: alwaysAsk };
}

function entryOf(declared: DetailField): JsonObject {
  const { field, kind, required, label } = declared;
  const shape = { field, kind, required, ...(Object.keys(label).length > 0 && { label }) };
  if (declared.kind === "object") return { ...shape, fields: declared.fields.map(entryOf) };
  const { values, maxLength, maxItems, minimum, maximum } = declared;
  const given: JsonObject = {
    ...(values !== null && { values }),
    max_length: maxLength,
    max_items: maxItems,
    ...(minimum !== null && { minimum }),
    ...(maximum !== null && { maximum }),
  };
  const known = Object.entries(given).filter(([name]) => limitsOf[declared.kind].includes(name));
  return { ...shape, ...Object.fromEntries(known) };
}

/** The types in the record about the server. */
export const detailTypeItems: ProviderItems<AuthorizationDetailType> = {
  event: "authorization_detail_type",
  idOf: ({ type }) => type,
  itemsOf: ({ authorizationDetailTypes }) => authorizationDetailTypes,
  problemOf: detailTypesProblem,
  set: (tx, provider, authorizationDetailTypes) =>
    providers.setLists(tx, provider, { authorizationDetailTypes }),
};

/** Why these types must not be stored together; null: they may. */
function detailTypesProblem(types: readonly AuthorizationDetailType[]): string | null {
  if (types.length > mostDetailTypes) return `there are ${mostDetailTypes} types already`;
  const bytes = new TextEncoder().encode(JSON.stringify(types)).length;
  return bytes > mostBytes ? `all types together must have at most ${mostBytes} bytes` : null;
}
