import type { DetailField, SimpleDetailField } from "../../../stores/authorization_detail_types.ts";
import { isAllSeen } from "../../identifiers/shown_text.ts";
import { isJsonObject, type JsonObject } from "../../protocol/json_entry.ts";
import { isTexts } from "./parse.ts";

/**
 * Checks fields against their declarations.
 *
 * @returns them in the order of the declarations, or which field is wrong: a name, and never a value
 */
export function checkedFields(
  declared: readonly DetailField[],
  sent: JsonObject,
): { readonly fields: JsonObject } | { readonly problem: string } {
  const unknown = Object.keys(sent).some((name) => !declared.some(({ field }) => field === name));
  if (unknown) return { problem: "a field that the type does not have" };
  const fields: Record<string, unknown> = {};
  for (const declaration of declared) {
    const { field: name, required } = declaration;
    // hasOwn: no declared name is one of an object's own, but the sent object may lack it.
    if (!Object.hasOwn(sent, name)) {
      if (required) return { problem: `no ${name}, which the type requires` };
      continue;
    }
    const value = sent[name];
    if (declaration.kind === "object") {
      const inner = isJsonObject(value) ? checkedFields(declaration.fields, value) : null;
      if (inner === null) return { problem: `a wrong ${name}: it must be an object` };
      if ("problem" in inner) return { problem: `in ${name} ${inner.problem}` };
      fields[name] = inner.fields;
    } else {
      if (!isValueOf(declaration, value)) {
        return { problem: `a wrong ${name}: it must be ${ruleOf(declaration)}` };
      }
      fields[name] = value;
    }
  }
  return { fields };
}

function isValueOf(declaration: SimpleDetailField, value: unknown): boolean {
  switch (declaration.kind) {
    case "string":
      return typeof value === "string" && isTextOf(declaration, value);
    case "strings":
      return isTexts(value) && value.length > 0 && value.length <= declaration.maxItems &&
        new Set(value).size === value.length && value.every((one) => isTextOf(declaration, one));
    case "integer":
      return Number.isInteger(value) && isNumberOf(declaration, value);
    case "number":
      return isNumberOf(declaration, value);
    case "boolean":
      return typeof value === "boolean";
  }
}

/** What the type says of a value, for the client's developer. The texts that it lists may be many. */
function ruleOf(
  { kind, values, maxLength, maxItems, minimum, maximum }: SimpleDetailField,
): string {
  const text = values === null
    ? `at most ${maxLength} characters, all of them visible`
    : "one of the texts that the type lists";
  const range = [
    ...(minimum === null ? [] : [` of at least ${minimum}`]),
    ...(maximum === null ? [] : [` of at most ${maximum}`]),
  ].join(" and");
  const rules = {
    string: values === null ? `a text of ${text}` : text,
    strings: `a list of 1 to ${maxItems} different texts, each ${text}`,
    integer: `a whole number${range}`,
    number: `a number${range}`,
    boolean: "true or false",
  };
  return rules[kind];
}

/** The user must see all of it: a text with invisible characters looks like another one. */
function isTextOf({ values, maxLength }: SimpleDetailField, text: string): boolean {
  if (values !== null) return values.includes(text);
  return text.length <= maxLength && isAllSeen(text);
}

/** A larger number is not the same one in every program. */
function isNumberOf({ minimum, maximum }: SimpleDetailField, value: unknown): boolean {
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER &&
    value >= (minimum ?? -Infinity) && value <= (maximum ?? Infinity);
}
