import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Deps } from "../../src/deps/deps.ts";
import type { LanguageLink } from "../../src/ui/layout.tsx";
import { isLanguage, strings } from "../../src/language/languages.ts";
import { supportedLanguages } from "../../src/language/supported_languages.ts";
import type { AppEnv } from "./context.ts";
import { readLanguage, setLanguage } from "./cookies.ts";

// Not a protocol parameter: a client's request must never change the language that the user chose. It is
// read and removed as the links spell it: one that is read otherwise, but not removed, would redirect to
// itself.
const choice = "set_language=";

/** A page with a longer query has no language links, because they would be too long. */
const longestQuery = 2000;

/**
 * Handles the language links at the foot of each page. Such a link opens the same page, which stores
 * the choice and redirects to itself without the parameter.
 */
export function languageChoice(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    // Few have it, and looking for it splits the query.
    const mayChoose = c.req.method === "GET" && c.req.url.includes(choice);
    const chosen = mayChoose ? pairsOf(c).find(isChoice)?.slice(choice.length) : undefined;
    if (chosen === undefined || !isLanguage(chosen)) {
      const known = readLanguage(c, deps);
      c.set("chosenLanguage", isLanguage(known) ? known : null);
      return await next();
    }
    if (isFromOwnPage(c)) setLanguage(c, deps, chosen);
    c.header("Cache-Control", "no-store");
    // With the issuer in front, a path such as //evil.example stays on this server.
    const { pathname } = new URL(c.req.url);
    return c.redirect(`${deps.config.issuer}${pathname}${questioned(queryOf(c))}`, 303);
  });
}

/**
 * The next page, and the mail that a form asks for, are in the language of the page that the user has read,
 * which may be that of a client's `ui_locales`. A choice at the foot of a page is stronger.
 */
export function notePageLanguage(c: Context<AppEnv>, language: string | undefined) {
  if (isLanguage(language)) c.set("pageLanguage", language);
}

/**
 * A link on another site must not choose for the user. Browsers from before 2023 do not send this
 * header.
 */
function isFromOwnPage(c: Context<AppEnv>): boolean {
  const site = c.req.header("sec-fetch-site");
  return site === undefined || site === "same-origin" || site === "none";
}

/** Links to this page in the other languages; none if the page cannot be opened again by its URL. */
export function languageLinks(c: Context<AppEnv>, current: string): readonly LanguageLink[] {
  const query = queryOf(c);
  if (c.req.method !== "GET" || query.length > longestQuery) return [];
  return supportedLanguages.filter((language) => language !== current).map((language) => ({
    language,
    label: strings(language).layout.languageName,
    href: questioned([query, `${choice}${language}`].filter(Boolean).join("&")),
  }));
}

/**
 * The query as it was sent, without the language parameter. Decoding and encoding could change a
 * request.
 */
function queryOf(c: Context<AppEnv>): string {
  return pairsOf(c).filter((pair) => !isChoice(pair)).join("&");
}

function pairsOf(c: Context<AppEnv>): string[] {
  const start = c.req.url.indexOf("?");
  if (start < 0) return [];
  const [query = ""] = c.req.url.slice(start + 1).split("#");
  return query.split("&");
}

function isChoice(pair: string): boolean {
  return pair.startsWith(choice);
}

function questioned(query: string): string {
  return query === "" ? "" : `?${query}`;
}
