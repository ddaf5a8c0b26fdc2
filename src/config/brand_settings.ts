import { z } from "zod";
import { jsonOrNull } from "../protocol/json_entry.ts";
import { colourProblem } from "./colours.ts";
import { optional, type Values } from "./variable_kinds.ts";

/** The operator's brand. Null: Latchkey's own default is shown. */
export interface BrandSettings {
  readonly name: string | null;
  readonly logoFile: string | null;
  /** `#rrggbb` */
  readonly colour: string | null;
  readonly links: readonly BrandLink[];
}

/** A link in the footer: imprint, privacy, help. */
export interface BrandLink {
  readonly label: string;
  readonly href: string;
}

/** The variables about the brand. Their messages continue a sentence that starts with the variable's name. */
export const brandVariables = {
  LATCHKEY_BRAND_NAME: optional(() =>
    z.string()
      .max(64, "must have at most 64 characters")
      // Also refuse characters that reorder text: the name is in each page title and each mail.
      .regex(/^[^\p{C}\u2028\u2029]*$/u, "must have no line breaks and no control characters")
  ),
  LATCHKEY_BRAND_LOGO_FILE: optional(() => z.string()),
  LATCHKEY_BRAND_COLOUR: optional(() =>
    z.string().superRefine((text, context) => {
      const problem = colourProblem(text);
      if (problem !== null) context.addIssue(problem);
    })
  ),
  LATCHKEY_BRAND_LINKS: optional(() =>
    z.string().transform((text, context) => {
      const links = linksOrProblem(text);
      if (typeof links !== "string") return links;
      context.addIssue(links);
      return z.NEVER;
    })
  ),
};

export function brandSettings(values: Values<typeof brandVariables>): BrandSettings {
  return {
    name: values.LATCHKEY_BRAND_NAME ?? null,
    logoFile: values.LATCHKEY_BRAND_LOGO_FILE ?? null,
    colour: values.LATCHKEY_BRAND_COLOUR ?? null,
    links: values.LATCHKEY_BRAND_LINKS ?? [],
  };
}

const example = '{"Imprint": "https://example.com/imprint"}';

/** More links would be a menu. */
const mostLinks = 6;

/** The links in their order, or a description of what is wrong with them. */
function linksOrProblem(text: string): BrandLink[] | string {
  const json = z.record(z.string(), z.string()).safeParse(jsonOrNull(text));
  if (!json.success) return `must be a JSON object of labels and https URLs, such as ${example}`;
  const links = Object.entries(json.data).map(([label, href]) => ({ label, href }));
  if (links.length > mostLinks) return `must hold at most ${mostLinks} links`;
  for (const { label, href } of links) {
    if (label.trim() === "" || label.length > 40) return "must have labels of 1 to 40 characters";
    if (URL.parse(href)?.protocol !== "https:") {
      return `must hold https URLs alone, unlike that of "${label}"`;
    }
  }
  return links;
}
