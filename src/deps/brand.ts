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
  /** For the home screen of a phone: 180 by 180 pixels or more. */
  readonly touchIcon: Asset;
  /** Of 512 by 512 pixels, for the manifest. */
  readonly largeIcon: Asset;
  /** What a browser may know of the site as an application. @see W3C Web Application Manifest */
  readonly manifest: Asset;
  /** Instead of the mark and the name. */
  readonly logo: Asset | null;
  /** Of buttons in mails, which are light in both schemes; `#rrggbb`. */
  readonly mailColour: string;
}
