import type { BrandLink } from "../config/brand_settings.ts";

/** What users see of the operator, on pages and in mails. */
export interface Brand {
  /** Null: the operator has not set one. */
  readonly name: string | null;
  readonly links: readonly BrandLink[];
  /** The colour of buttons and links, `#rrggbb`; null: the usual one. */
  readonly colour: string | null;
  /** Shown instead of the Latchkey mark and the name. */
  readonly logo: Logo | null;
  /** The colour of buttons in mails, which are light in both colour schemes; `#rrggbb`. */
  readonly mailColour: string;
}

export interface Logo {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
