import type { Context } from "hono";
import type { AccountRequest } from "../../src/account/account_step.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readDevices, readSession } from "../http/cookies.ts";
import { type FormAnswer, showAgain, takeFormAnswer } from "../http/form_answer.ts";
import { formToken } from "../http/form_token.ts";
import type { FormKind } from "../http/page_form.ts";

/** A request for a page of the account. @param page its path, where a sign-in comes back to */
export async function accountRequest(
  c: Context<AppEnv>,
  deps: Deps,
  page: string,
): Promise<AccountRequest> {
  const session = await readSession(c, deps);
  return { origin: c.get("origin"), session, devices: await readDevices(c, deps), page };
}

/** For the forms of one session: who signs in as somebody else meanwhile does not change them. */
export async function accountFormToken(
  c: Context<AppEnv>,
  deps: Deps,
  { session }: AccountRequest,
): Promise<string> {
  return await formToken(deps, await readBrowser(c, deps), "account", session?.sessionId ?? null);
}

/**
 * Sends the browser back to the page of a form that was not accepted. Only the session that sent the
 * form is shown the answer: somebody else may have signed in by then.
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

/** The answer to the form that was just sent from this page, the one time; null: none. */
export function takeAccountAnswer<Error extends string>(
  c: Context<AppEnv>,
  deps: Deps,
  { session }: AccountRequest,
  known: Readonly<Record<Error, unknown>>,
): Promise<FormAnswer<Error> | null> {
  return takeFormAnswer(c, deps, known, session?.sessionId ?? null);
}

/**
 * A form of the account's pages, in the session that its page was made for.
 *
 * @param page the path of the form's page, where a sign-in comes back to
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
