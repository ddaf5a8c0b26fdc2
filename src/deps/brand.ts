import type { BrandLink } from "../config/brand_settings.ts";

/** A file that pages refer to. Its address has its digest, so that a browser may keep it for good. */
export interface Asset {
  readonly url: string;
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What people see of the operator: on pages and in mails. */
export interface Brand {
  /** Null: the operator has given none. */
  readonly name: string | null;
  readonly links: readonly BrandLink[];
  readonly stylesheet: Asset;
  /** For the browser's tab. */
  readonly icon: Asset;
  /** Instead of the mark and the name. */
  readonly logo: Asset | null;
  /** Of buttons in mails, which are light in both schemes; `#rrggbb`. */
  readonly mailColour: string;
}
