import type { Context } from "hono";
import { z } from "zod";
import type { Deps } from "../../src/deps/deps.ts";
import type { Reservation } from "../../src/limits/reservation.ts";
import { rateLimitFields } from "../../src/limits/too_many_requests.ts";
import type { AppEnv } from "./context.ts";
import { cookieName } from "./cookies.ts";
import { sealedCookie } from "./sealed_cookie.ts";

/** The message that a page shows once, about the form that was just sent from it. */
export interface FormAnswer<Error extends string> {
  /** At least one. */
  readonly errors: readonly Error[];
  /** The typed values that the user need not type again; never a password or a code. */
  readonly typed: Readonly<Record<string, string>>;
}

const purpose = "form_answer";
const answers = sealedCookie(
  purpose,
  60,
  z.object({
    errors: z.array(z.string()).readonly(),
    typed: z.record(z.string(), z.string()),
    headers: z.record(z.string(), z.string()),
    owner: z.string().nullable(),
  }),
);

/**
 * Redirects the browser to the page of a rejected form. The page is opened by a GET, so that a reload
 * sends nothing again.
 *
 * @param url path and query of the page
 */
export async function showAgain(
  c: Context<AppEnv>,
  deps: Deps,
  url: string,
  { errors, typed = {}, limit = null, owner = null }: {
    readonly errors: readonly string[];
    readonly typed?: Readonly<Record<string, string | undefined>>;
    /** The limit that the user has used up, if that is the error. */
    readonly limit?: Reservation | null;
    /** The id of the session that sent the form. The message is shown only to this session. */
    readonly owner?: string | null;
  },
): Promise<Response> {
  const headers = limit === null ? {} : rateLimitFields(limit);
  const known = Object.entries(typed).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]]
  );
  const answer = { errors, typed: Object.fromEntries(known), headers, owner };
  if (!await answers.keep(c, deps, url, answer)) {
    await answers.keep(c, deps, url, { ...answer, typed: {} });
  }
  c.set("refusedForm", "sent");
  c.header("Cache-Control", "no-store");
  return c.redirect(url, 303);
}

/** An answer without what `showAgain` has left for the page, because the form was not refused after all. */
export function withoutFormAnswer(c: Context<AppEnv>, deps: Deps, answer: Response): Response {
  if (c.get("refusedForm") !== "sent") return answer;
  c.set("refusedForm", undefined);
  const lines = answer.headers.getSetCookie();
  const headers = new Headers(answer.headers);
  headers.delete("Set-Cookie");
  for (const line of lines) {
    if (!line.startsWith(`${cookieName(deps, purpose)}=`)) headers.append("Set-Cookie", line);
  }
  return new Response(answer.body, { status: answer.status, headers });
}

/**
 * The message for this page, which can be read once; null: none.
 *
 * @param known the errors that the page can show
 * @param owner the id of the page's session, if it has one
 */
export async function takeFormAnswer<Error extends string>(
  c: Context<AppEnv>,
  deps: Deps,
  known: Readonly<Record<Error, unknown>>,
  owner: string | null = null,
): Promise<FormAnswer<Error> | null> {
  const { pathname, search } = new URL(c.req.url);
  const answer = await answers.read(c, deps, pathname + search);
  if (answer === null) return null;
  answers.forget(c, deps);
  c.set("refusedForm", "shown");
  if (answer.owner !== owner) return null;
  const errors = answer.errors.filter((error): error is Error => Object.hasOwn(known, error));
  if (errors.length === 0) return null;
  for (const [header, value] of Object.entries(answer.headers)) c.header(header, value);
  return { errors, typed: answer.typed };
}
