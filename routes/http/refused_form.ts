import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import { ownPath } from "./own_path.ts";
import { sealedCookie } from "./sealed_cookie.ts";

/** That a form of this page had an old form token: the page says so once. */
const refused = sealedCookie("refused_form", 60, z.object({}));

/** That a form of this page came when its user had to sign in again: the page says so after the sign-in. */
const interrupted = sealedCookie("interrupted_form", 600, z.object({}));

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

/**
 * Notes that a form asked for a sign-in first. Nothing of it is kept, and without a word its user would take it
 * for done.
 *
 * @param page the page that is opened after the sign-in
 */
export async function noteInterruptedForm(c: Context<AppEnv>, deps: Deps, page: string) {
  if (c.req.method === "POST") await interrupted.keep(c, deps, page, {});
}

/** Has the page that is opened say that its form was refused or interrupted, if it was. */
export function refusedFormNotice(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (c.req.method !== "GET") return await next();
    if (await isAbout(refused, c, deps)) {
      refused.forget(c, deps);
      c.set("refusedForm", "shown");
      c.set("saysRefused", "outdated");
    } else if (await isAbout(interrupted, c, deps)) {
      c.set("saysRefused", "interrupted");
    }
    await next();
    // A page that asks for another sign-in has not said it yet.
    if (c.get("saysRefused") === "interrupted" && c.res.status < 300) interrupted.forget(c, deps);
  });
}

async function isAbout(
  cookie: typeof refused,
  c: Context<AppEnv>,
  deps: Deps,
): Promise<boolean> {
  if (!cookie.isThere(c, deps)) return false;
  const { pathname, search } = new URL(c.req.url);
  return await cookie.read(c, deps, pathname + search) !== null;
}
