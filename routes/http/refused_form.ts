import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import { ownPath } from "./own_path.ts";
import { sealedCookie } from "./sealed_cookie.ts";

/** That a form of this page had an old form token: the page says so once. */
const refused = sealedCookie("refused_form", 60, z.object({}));

/**
 * The page of ours that sent this form, by the header that browsers add; null: none.
 *
 * @returns path and query
 */
export function formPageOf(c: Context<AppEnv>, deps: Deps): string | null {
  const { issuer } = deps.config;
  if (c.req.method !== "POST" || c.req.header("origin") !== issuer) return null;
  const referer = URL.parse(c.req.header("referer") ?? "");
  if (referer?.origin !== new URL(issuer).origin) return null;
  return ownPath(referer);
}

/** Sends the browser back to the page of a form whose token was refused. It gets a new token there. */
export async function backToFormPage(
  c: Context<AppEnv>,
  deps: Deps,
  page: string,
): Promise<Response> {
  await refused.keep(c, deps, page, {});
  c.set("refusedForm", "sent");
  c.header("Cache-Control", "no-store");
  return c.redirect(page, 303);
}

/** Has the page that is opened say that its form was refused, if it was. */
export function refusedFormNotice(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (c.req.method === "GET" && await wasRefused(c, deps)) {
      refused.forget(c, deps);
      c.set("refusedForm", "shown");
      c.set("saysRefused", true);
    }
    return await next();
  });
}

async function wasRefused(c: Context<AppEnv>, deps: Deps): Promise<boolean> {
  if (!refused.isThere(c, deps)) return false;
  const { pathname, search } = new URL(c.req.url);
  return await refused.read(c, deps, pathname + search) !== null;
}
