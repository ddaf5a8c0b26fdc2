import type { Context } from "hono";
import type { AccountRequest } from "../../src/account/account_step.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readDevices, readSession } from "../http/cookies.ts";
import { type Parameters, readForm } from "../http/form.ts";
import { assertOwnForm, formToken } from "../http/form_token.ts";

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
  return await formToken(deps, await readBrowser(c, deps), aboutSession(session));
}

/** Reads a form that our own page posted, in the session that the page was made for. */
export async function readAccountForm(
  c: Context<AppEnv>,
  deps: Deps,
  page: string,
): Promise<{ readonly form: Parameters; readonly request: AccountRequest }> {
  const form = await readForm(c.req.raw);
  const request = await accountRequest(c, deps, page);
  await assertOwnForm(c, deps, form, await readBrowser(c, deps), aboutSession(request.session));
  return { form, request };
}

function aboutSession(session: AccountRequest["session"]): string {
  return `account.${session?.sessionId ?? ""}`;
}
