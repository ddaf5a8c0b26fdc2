import type { BrandLink } from "../config/brand_settings.ts";

/** A file that pages refer to. Its URL contains its digest, so that a browser may cache it forever. */
export interface Asset {
  readonly url: string;
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What users see of the operator, on pages and in mails. */
export interface Brand {
  /** Null: the operator has not set one. */
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
  /** Shown instead of the Latchkey mark and the name. */
  readonly logo: Asset | null;
  /** The colour of buttons in mails, which are light in both colour schemes; `#rrggbb`. */
  readonly mailColour: string;
}
