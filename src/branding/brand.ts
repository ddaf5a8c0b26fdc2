import { cannotBeRead, ConfigError } from "../config/config_error.ts";
import type { BrandSettings } from "../config/brand_settings.ts";
import { lightAccent } from "../config/colours.ts";
import type { Brand, Logo } from "../deps/brand.ts";

/** The colour of the stylesheet and of the mark, without a brand's own. */
export const usualColour = "#1b5641";

/** The largest logo in bytes. Every user who signs in loads it. */
const largestLogo = 128 * 1024;

/**
 * Makes the brand at boot.
 *
 * @param readFile reads the logo
 * @throws {ConfigError} about LATCHKEY_BRAND_LOGO_FILE
 */
export async function makeBrand(
  { logoFile, ...settings }: BrandSettings,
  readFile: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Brand> {
  const { colour } = settings;
  return {
    ...settings,
    logo: logoFile === null ? null : await readLogo(logoFile, readFile),
    mailColour: colour === null ? usualColour : lightAccent(colour),
  };
}

async function readLogo(
  path: string,
  readFile: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Logo> {
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
  const { imageTypeOf } = await import("../config/image_type.ts");
  const type = imageTypeOf(bytes);
  if (type === null) {
    throw refuse(`names ${path}, whose content is no PNG, JPEG, WebP or SVG image`);
  }
  return { type, bytes };
}
