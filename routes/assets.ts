import { Hono } from "hono";
import { digest } from "../src/crypto/digest.ts";
import { icon } from "../src/ui/mark.tsx";
import { stylesheet } from "../src/ui/stylesheet.ts";
import type { AppEnv } from "./http/context.ts";

// The digest in the name lets browsers keep a file for good, and a new release use its own at once.
const fingerprint = (await digest(stylesheet + icon)).slice(0, 16);

export const assetUrls = {
  stylesheetUrl: `/assets/latchkey.${fingerprint}.css`,
  iconUrl: `/assets/latchkey.${fingerprint}.svg`,
};

/** What the pages are made up with, from our own origin. */
export function assetRoutes(): Hono<AppEnv> {
  const forGood = { "Cache-Control": "public, max-age=31536000, immutable" };
  return new Hono<AppEnv>()
    .get(
      assetUrls.stylesheetUrl,
      (c) => c.body(stylesheet, 200, { ...forGood, "Content-Type": "text/css; charset=utf-8" }),
    )
    .get(
      assetUrls.iconUrl,
      (c) => c.body(icon, 200, { ...forGood, "Content-Type": "image/svg+xml" }),
    );
}
