import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Deps } from "../../src/deps/deps.ts";
import type { LanguageLink } from "../../src/ui/layout.tsx";
import { isLanguage, strings, supportedLanguages } from "../../src/language/languages.ts";
import type { AppEnv } from "./context.ts";
import { readLanguage, setLanguage } from "./cookies.ts";

// No parameter of a protocol: a client's own must never change what a person chose.
const parameter = "set_language";

/** A page with a longer query offers no other language: the links would outweigh it. */
const longestQuery = 2000;

/**
 * Lets a person choose the language of the pages by a link at the foot of each: it leads to the same
 * page, which remembers the choice and is opened again without the parameter.
 */
export function languageChoice(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const chosen = c.req.method === "GET" ? c.req.query(parameter) : undefined;
    if (chosen === undefined || !isLanguage(chosen)) {
      const known = readLanguage(c, deps);
      c.set("chosenLanguage", isLanguage(known) ? known : null);
      return await next();
    }
    if (isFromOwnPage(c)) setLanguage(c, deps, chosen);
    c.header("Cache-Control", "no-store");
    // With the issuer before it, a path like //evil.example stays one of ours.
    const { pathname } = new URL(c.req.url);
    return c.redirect(`${deps.config.issuer}${pathname}${questioned(queryOf(c))}`, 303);
  });
}

/** A link on a page of somebody else must not choose for the user. Browsers from before 2023 do not say. */
function isFromOwnPage(c: Context<AppEnv>): boolean {
  const site = c.req.header("sec-fetch-site");
  return site === undefined || site === "same-origin" || site === "none";
}

/** Links to this page in the other languages; none where it can't be opened again by its address. */
export function languageLinks(c: Context<AppEnv>, current: string): readonly LanguageLink[] {
  const query = queryOf(c);
  if (c.req.method !== "GET" || query.length > longestQuery) return [];
  return supportedLanguages.filter((language) => language !== current).map((language) => ({
    language,
    label: strings(language).layout.languageName,
    href: questioned([query, `${parameter}=${language}`].filter(Boolean).join("&")),
  }));
}

/** As it was sent, but for the choice of a language: decoding and encoding could change a request. */
function queryOf(c: Context<AppEnv>): string {
  const start = c.req.url.indexOf("?");
  if (start < 0) return "";
  const [query = ""] = c.req.url.slice(start + 1).split("#");
  return query.split("&").filter((pair) => !pair.startsWith(`${parameter}=`)).join("&");
}

function questioned(query: string): string {
  return query === "" ? "" : `?${query}`;
}
