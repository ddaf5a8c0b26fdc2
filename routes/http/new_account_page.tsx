import type { Context } from "hono";
import type { Deps } from "../../src/deps/deps.ts";
import { NewAccountPage, type NewAccountPageProps } from "../../src/ui/new_account_page.tsx";
import type { AppEnv } from "./context.ts";
import { readBrowser } from "./cookies.ts";
import { takeFormAnswer } from "./form_answer.ts";
import { formToken, type LinkPurpose } from "./form_token.ts";
import { newAccountErrors } from "./new_account_form.ts";
import { frameOf, page, type PageOptions } from "./page.tsx";
import { passkeyAsset } from "./passkey_script.ts";

/** A link that creates an account, and the content of its page. */
export interface NewAccountLink
  extends Pick<NewAccountPageProps, "action" | "token" | "address" | "invited"> {
  /** The purpose of the form on the link's page. */
  readonly purpose: LinkPurpose;
  /** The values of the fields before the user types. */
  readonly proposed: NewAccountPageProps["typed"];
}

/** Answers with the page on which the holder of a link creates an account. */
export async function newAccountPage(
  c: Context<AppEnv>,
  deps: Deps,
  { purpose, proposed, ...shown }: NewAccountLink,
  options: PageOptions = {},
) {
  const { errors, typed } = await takeFormAnswer(c, deps, newAccountErrors) ??
    { errors: [], typed: proposed };
  const content = (
    <NewAccountPage
      frame={frameOf(c)}
      scriptUrl={passkeyAsset.url}
      formToken={await formToken(deps, await readBrowser(c, deps), purpose, shown.token)}
      typed={typed}
      errors={errors}
      {...shown}
    />
  );
  return page(c, content, { ...options, status: errors.length > 0 ? 400 : 200 });
}
