import { pageAssets } from "../../src/branding/page_assets.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { type Endpoints, endpoints } from "../endpoint.ts";
import { passkeyAsset } from "../http/passkey_script.ts";

/** The stylesheet, scripts and pictures of the pages, from our own origin. */
export function assetRoutes({ brand }: Pick<Deps, "brand">): Endpoints {
  const routes = endpoints({ kind: "page", counted: "nothing", isSafe: true });
  const { stylesheet, icon, touchIcon, largeIcon, manifest, logo } = pageAssets(brand);
  const assets = [stylesheet, icon, touchIcon, largeIcon, manifest, logo, passkeyAsset];
  for (const asset of new Set(assets)) {
    if (asset === null) continue;
    routes.get(asset.url, (c) =>
      c.body(asset.body, 200, {
        // The name contains a digest, so browsers may cache a file forever, and a new release uses its
        // own file.
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": imagePolicy,
        "Content-Type": asset.type,
      }));
  }
  // Programs request these without reading a page. A new release may change them.
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

/** An SVG that is opened directly is a document on our origin. This header stops its scripts. */
export const imagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";
