import { cannotBeRead, ConfigError } from "../config.ts";
import { bytesDigest } from "../crypto/digest.ts";
import { utf8 } from "../crypto/encoding.ts";
import { icon } from "../ui/mark.tsx";
import { stylesheet } from "../ui/stylesheet.ts";
import { brandColours, lightAccent } from "./colours.ts";
import { imageTypeOf } from "./image_type.ts";
import type { BrandLink, BrandSettings } from "./settings.ts";

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

const usualColour = "#1b5641";

/** Shown to everybody who signs in, so not a poster; in bytes. */
const largestLogo = 128 * 1024;

/**
 * Makes the brand at boot.
 *
 * @param readFile reads the logo
 * @throws {ConfigError} about LATCHKEY_BRAND_LOGO_FILE
 */
export async function makeBrand(
  settings: BrandSettings,
  readFile: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Brand> {
  const { name, links, colour, logoFile } = settings;
  const mailColour = colour === null ? usualColour : lightAccent(colour);
  const css = colour === null ? stylesheet : stylesheet + brandColours(colour);
  const svg = icon.replace(usualColour, mailColour);
  return {
    name,
    links,
    stylesheet: await asset("latchkey", "css", "text/css; charset=utf-8", utf8(css)),
    icon: await asset("latchkey", "svg", "image/svg+xml", utf8(svg)),
    logo: logoFile === null ? null : await readLogo(logoFile, readFile),
    mailColour,
  };
}

async function readLogo(
  path: string,
  readFile: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Asset> {
  const refuse = (problem: string) => new ConfigError("LATCHKEY_BRAND_LOGO_FILE", problem);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw refuse(`names ${path}, which ${cannotBeRead(error)}`);
  }
  if (bytes.length > largestLogo) {
    throw refuse(
      `names ${path}, which has ${bytes.length} bytes: ${largestLogo} are the most`,
    );
  }
  const type = imageTypeOf(bytes);
  if (type === null) {
    throw refuse(`names ${path}, whose content is no PNG, JPEG, WebP or SVG image`);
  }
  return await asset("logo", type.slice(6).replace("+xml", ""), type, bytes);
}

async function asset(
  name: string,
  extension: string,
  type: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<Asset> {
  const fingerprint = (await bytesDigest(body)).slice(0, 16);
  return { url: `/assets/${name}.${fingerprint}.${extension}`, type, body };
}

/** As Latchkey looks by itself. */
export const unbranded: Brand = await makeBrand(
  { name: null, logoFile: null, colour: null, links: [] },
  () => Promise.reject(new Error("there is no logo")),
);
