import type { Asset, Brand } from "../deps/brand.ts";
import { cannotBeRead, ConfigError } from "../config/config_error.ts";
import { bytesDigest } from "../crypto/digest.ts";
import { utf8 } from "../crypto/encoding.ts";
import { icon } from "../ui/mark_svg.ts";
import { mark180, mark512 } from "../ui/mark_png.ts";
import { stylesheet } from "../ui/stylesheet.ts";
import { brandColours, lightAccent } from "../config/colours.ts";
import { imageTypeOf } from "../config/image_type.ts";
import type { BrandSettings } from "../config/brand_settings.ts";

const usualColour = "#1b5641";

/** The largest logo in bytes. Every user who signs in loads it. */
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
  const tabIcon = await asset("latchkey", "svg", "image/svg+xml", utf8(svg));
  const logo = logoFile === null ? null : await readLogo(logoFile, readFile);
  const large = await asset("latchkey", "png", "image/png", fromBase64(mark512));
  const touchIcon = logo?.type === "image/png"
    ? logo
    : await asset("latchkey-touch", "png", "image/png", fromBase64(mark180));
  const icons = [
    { src: tabIcon.url, type: tabIcon.type, sizes: "any" },
    ...(logo?.type === "image/png" ? [] : [{ src: large.url, type: large.type, sizes: "512x512" }]),
  ];
  return {
    name,
    links,
    stylesheet: await asset("latchkey", "css", "text/css; charset=utf-8", utf8(css)),
    icon: tabIcon,
    touchIcon,
    largeIcon: large,
    manifest: await asset(
      "latchkey",
      "webmanifest",
      "application/manifest+json",
      utf8(JSON.stringify(manifestOf(name ?? "Latchkey", mailColour, icons))),
    ),
    logo,
    mailColour,
  };
}

function manifestOf(name: string, colour: string, icons: readonly Record<string, string>[]) {
  return {
    name,
    short_name: name.slice(0, 12),
    start_url: "/account",
    scope: "/",
    display: "browser",
    theme_color: colour,
    background_color: "#ffffff",
    icons,
  };
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
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
