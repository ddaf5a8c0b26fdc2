import type {
  AuthorizationDetail,
  AuthorizationDetailType,
  DetailField,
} from "../../stores/authorization_detail_types.ts";
import type { Language } from "../../src/language/languages.ts";
import type { ShownDetail } from "../../src/ui/detail_list.tsx";

/** Authorization details for pages. One whose type is gone is shown by the names in it. */
export function shownDetails(
  types: readonly AuthorizationDetailType[],
  details: readonly AuthorizationDetail[],
  language: Language,
): ShownDetail[] {
  return details.map(({ type, locations, ...fields }) => {
    const of = types.find((one) => one.type === type);
    const title = (of && textIn(of.text, language)) ?? type;
    const shown = shownFields(of?.fields ?? [], fields, language, "");
    return { title, resources: locations, fields: shown };
  });
}

/** @param outer the label of the object that has the fields */
function shownFields(
  declared: readonly DetailField[],
  fields: Readonly<Record<string, unknown>>,
  language: Language,
  outer: string,
): ShownDetail["fields"] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const of = declared.find(({ field }) => field === name);
    const label = outer + ((of && textIn(of.label, language)) ?? name);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const inner = of?.kind === "object" ? of.fields : [];
      return shownFields(inner, { ...value }, language, `${label}: `);
    }
    return [{ label, values: [value].flat().map(shownValue) }];
  });
}

function shownValue(value: unknown): string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" ? value : String(value);
}

/** In the language of the page, else in one that the operator has. */
function textIn(texts: Readonly<Record<string, string>>, language: Language): string | undefined {
  return texts[language] ?? texts.en ?? Object.values(texts)[0];
}
