import type { Context } from "hono";
import type { AccountRequest } from "../../src/account/account_step.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readDevices, readSession } from "../http/cookies.ts";
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
