import { brandColours } from "../config/colours.ts";
import { digestNow } from "../crypto/digest.ts";
import { utf8 } from "../crypto/encoding.ts";
import type { Brand } from "../deps/brand.ts";
import { mark180, mark512 } from "../ui/mark_png.ts";
import { icon } from "../ui/mark_svg.ts";
import { stylesheet } from "../ui/stylesheet.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import { usualColour } from "./brand.ts";

/** A file that pages refer to. Its URL contains its digest, so that a browser may cache it forever. */
export interface Asset {
  readonly url: string;
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The files of all pages, in the colour of the brand. */
export interface PageAssets {
  readonly stylesheet: Asset;
  /** For the browser's tab. */
  readonly icon: Asset;
  /** For the home screen of a phone: 180 by 180 pixels or more. */
  readonly touchIcon: Asset;
  /** Of 512 by 512 pixels, for the manifest. */
  readonly largeIcon: Asset;
  /** What a browser may know of the site as an application. @see W3C Web Application Manifest */
  readonly manifest: Asset;
  /** Null: the operator has not set one. */
  readonly logo: Asset | null;
}

/** The files of the pages of a brand. A server needs them with the first page, and not to listen. */
export const pageAssets = perObject<Brand, PageAssets>((brand) => {
  const { name, colour, mailColour } = brand;
  const css = colour === null ? stylesheet : stylesheet + brandColours(colour);
  const svg = icon.replace(usualColour, mailColour);
  const tabIcon = asset("latchkey", "svg", "image/svg+xml", utf8(svg));
  const logo = brand.logo === null ? null : logoAsset(brand.logo);
  const largeIcon = asset("latchkey", "png", "image/png", Uint8Array.fromBase64(mark512));
  const isPng = logo?.type === "image/png";
  const icons = [
    { src: tabIcon.url, type: tabIcon.type, sizes: "any" },
    ...(isPng ? [] : [{ src: largeIcon.url, type: largeIcon.type, sizes: "512x512" }]),
  ];
  const manifest = JSON.stringify(manifestOf(name ?? "Latchkey", mailColour, icons));
  return {
    stylesheet: asset("latchkey", "css", "text/css; charset=utf-8", utf8(css)),
    icon: tabIcon,
    touchIcon: isPng
      ? logo
      : asset("latchkey-touch", "png", "image/png", Uint8Array.fromBase64(mark180)),
    largeIcon,
    manifest: asset("latchkey", "webmanifest", "application/manifest+json", utf8(manifest)),
    logo,
  };
});

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

function logoAsset({ type, bytes }: NonNullable<Brand["logo"]>): Asset {
  return asset("logo", type.slice(6).replace("+xml", ""), type, bytes);
}

function asset(
  name: string,
  extension: string,
  type: string,
  body: Uint8Array<ArrayBuffer>,
): Asset {
  return { url: `/assets/${name}.${digestNow(body).slice(0, 16)}.${extension}`, type, body };
}
