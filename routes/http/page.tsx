import type { Context } from "hono";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { pageAssets } from "../../src/branding/page_assets.ts";
import { type Frame, renderPage } from "../../src/ui/layout.tsx";
import { chooseLanguage } from "../../src/language/languages.ts";
import type { AppEnv } from "./context.ts";
import { languageLinks } from "./language.ts";

/**
 * The values that every page of this request needs.
 *
 * @param uiLocales those of the request that waits, if no reader of it has noted them
 */
export function frameOf(
  c: Context<AppEnv>,
  uiLocales = c.get("uiLocales"),
): Frame & { nonce: string } {
  const brand = c.get("brand");
  const { name, links } = brand;
  const { stylesheet, icon, touchIcon, manifest, logo } = pageAssets(brand);
  const branded = name !== null || logo !== null || links.length > 0;
  const language = c.get("chosenLanguage") ?? c.get("pageLanguage") ??
    chooseLanguage(uiLocales, c.req.header("accept-language"));
  return {
    language,
    languageLinks: languageLinks(c, language),
    stylesheetUrl: stylesheet.url,
    iconUrl: icon.url,
    touchIconUrl: touchIcon.url,
    manifestUrl: manifest.url,
    nonce: c.get("nonce"),
    ...formRefused(c),
    ...(branded
      ? { branding: { name: name ?? "Latchkey", links, ...(logo ? { logoUrl: logo.url } : {}) } }
      : {}),
  };
}

function formRefused(c: Context<AppEnv>): Pick<Frame, "formRefused"> {
  const why = c.get("saysRefused");
  return why === undefined ? {} : { formRefused: why };
}

export interface PageOptions {
  readonly status?: ContentfulStatusCode;
  /**
   * Whether a form of the page may end at a client, as every form of a waiting request may: another tab
   * may have signed in. Chromium applies `form-action` to every redirect after a POST, so such a page has
   * no `form-action`.
   */
  readonly formsMayLeave?: boolean;
  /** The origin whose pages may show this page in a frame. Without it, none may. */
  readonly framedBy?: string;
  /** What the page opens in frames. */
  readonly frames?: readonly string[];
}

/** Answers with a page under a strict content security policy. */
export function page(c: Context<AppEnv>, content: JSX.Element, options: PageOptions = {}) {
  const policy = [
    "default-src 'none'",
    "base-uri 'none'",
    "connect-src 'self'",
    `frame-ancestors ${options.framedBy ?? "'none'"}`,
    ...frameSources(options.frames ?? []),
    "img-src 'self' data:",
    "manifest-src 'self'",
    `script-src 'nonce-${c.get("nonce")}'`,
    "style-src 'self'",
    ...(options.formsMayLeave ? [] : ["form-action 'self'"]),
  ];
  c.header("Content-Security-Policy", policy.join("; "));
  c.header("Cache-Control", "no-store");
  const { status = 200 } = options;
  return c.html(
    renderPage(content),
    status === 200 && c.get("saysRefused") === "outdated" ? 400 : status,
  );
}

/** Characters of paths, and of all sources: proxies refuse longer headers. */
const longestPath = 128;
const longestSources = 3600;

/** A policy compares paths, and knows no queries. If that is too long, origins or schemes must do. */
function frameSources(urls: readonly string[]): string[] {
  if (urls.length === 0) return [];
  const parsed = urls.map((url) => new URL(url));
  const ways: ((url: URL) => string)[] = [
    ({ origin, pathname }) => {
      // Either would end the source.
      const path = pathname.replaceAll(";", "%3B").replaceAll(",", "%2C");
      return path.length > longestPath ? origin : `${origin}${path}`;
    },
    ({ origin }) => origin,
    ({ protocol }) => protocol,
  ];
  const written = ways.map((way) => [...new Set(parsed.map(way))].join(" "));
  const short = written.find((sources) => sources.length <= longestSources) ?? written.at(-1);
  return [`frame-src ${short}`];
}
