import type { Deps } from "../../src/deps/deps.ts";
import { type Endpoints, endpoints } from "../endpoint.ts";
import { passkeyAsset } from "../http/passkey_script.ts";

/** What the pages are made up with, from our own origin. */
export function assetRoutes({ brand }: Pick<Deps, "brand">): Endpoints {
  const routes = endpoints({ kind: "page", counted: "nothing", isSafe: true });
  const { stylesheet, icon, touchIcon, largeIcon, manifest, logo } = brand;
  const assets = [stylesheet, icon, touchIcon, largeIcon, manifest, logo, passkeyAsset];
  for (const asset of new Set(assets)) {
    if (asset === null) continue;
    routes.get(asset.url, (c) =>
      c.body(asset.body, 200, {
        // The digest in the name lets browsers keep a file for good, and a new release use its own.
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": imagePolicy,
        "Content-Type": asset.type,
      }));
  }
  // Programs ask for these without having read a page. A release may change what is there.
  for (
    const path of ["/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png"]
  ) {
    routes.get(path, (c) =>
      c.body(touchIcon.body, 200, {
        "Cache-Control": "public, max-age=86400",
        "Content-Security-Policy": imagePolicy,
        "Content-Type": touchIcon.type,
      }));
  }
  return routes;
}

/** An SVG that somebody opens by itself is a document on our origin: this one can run nothing. */
export const imagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";
