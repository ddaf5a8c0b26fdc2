import type { Context } from "hono";
import type { AccountRequest } from "../../src/account/account_step.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readDevices, readSession } from "../http/cookies.ts";
import { type FormAnswer, showAgain, takeFormAnswer } from "../http/form_answer.ts";
import { formToken } from "../http/form_token.ts";
import type { FormKind } from "../http/page_form.ts";

/** A request for an account page. @param page its path, to which a sign-in returns */
export async function accountRequest(
  c: Context<AppEnv>,
  deps: Deps,
  page: string,
): Promise<AccountRequest> {
  const session = await readSession(c, deps);
  return { origin: c.get("origin"), session, devices: await readDevices(c, deps), page };
}

/** A form token for one session. If another user signs in meanwhile, the form is refused. */
export async function accountFormToken(
  c: Context<AppEnv>,
  deps: Deps,
  { session }: AccountRequest,
): Promise<string> {
  return await formToken(deps, await readBrowser(c, deps), "account", session?.sessionId ?? null);
}

/**
 * Redirects the browser to the page of a rejected form. Only the session that sent the form sees the
 * errors, because another user may have signed in by then.
 *
 * @param url path and query of the page
 */
export function showAccountPageAgain(
  c: Context<AppEnv>,
  deps: Deps,
  { session }: AccountRequest,
  url: string,
  answer: Omit<Parameters<typeof showAgain>[3], "owner">,
): Promise<Response> {
  return showAgain(c, deps, url, { ...answer, owner: session?.sessionId ?? null });
}

/** The answer to the form that was just sent from this page, which can be read once; null: none. */
export function takeAccountAnswer<Error extends string>(
  c: Context<AppEnv>,
  deps: Deps,
  { session }: AccountRequest,
  known: Readonly<Record<Error, unknown>>,
): Promise<FormAnswer<Error> | null> {
  return takeFormAnswer(c, deps, known, session?.sessionId ?? null);
}

/**
 * A form of an account page, in the session for which its page was made.
 *
 * @param page the path of the form's page, to which a sign-in returns
 */
export function accountForm(
  deps: Deps,
  page: string,
): FormKind<{ readonly request: AccountRequest }> {
  return {
    deps,
    identify: async (c) => {
      const request = await accountRequest(c, deps, page);
      return {
        subject: ["account", request.session?.sessionId ?? null],
        browserDigest: await readBrowser(c, deps),
        details: { request },
      };
    },
  };
}
