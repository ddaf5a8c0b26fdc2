import type { Context } from "hono";
import { z } from "zod";
import {
  createFirstAdministrator,
  isSetupToken,
  setupPasskeyOptions,
} from "../../src/authn/new_accounts/setup.ts";
import { mailAddressSchema } from "../../src/claims/claims.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { NewAccountError } from "../../src/ui/new_account_form.tsx";
import { SetupDonePage, SetupPage } from "../../src/ui/setup_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser } from "../http/cookies.ts";
import { type Parameters, readQuery, single } from "../http/form.ts";
import { formToken } from "../http/form_token.ts";
import { linkForm } from "../http/link_form.ts";
import { answerNewcomer, readNewAccount, typedAccount } from "../http/new_account_form.ts";
import { frameOf, page } from "../http/page.tsx";
import { passkeyAsset } from "../http/passkey_script.ts";
import { situationPage } from "../http/situation_page.tsx";

const path = "/setup";
const purpose = "setup_link";

/** Where the first administrator is made, with the link that the log shows. */
export function setupRoutes(deps: Deps): Pages {
  return pages()
    .get(path, (c) => setupPage(c, deps, { token: single(readQuery(c.req.raw), "token") ?? "" }))
    .form(path, linkForm(deps, purpose), async (c, { form, token, browserDigest }) => {
      const { account, errors } = await readNewAccount(c, deps, form, browserDigest);
      const email = emailField.safeParse(form.email);
      if (account === null || !email.success) {
        const all: NewAccountError[] = [...errors, ...(email.success ? [] : ["email"] as const)];
        return await setupPage(c, deps, { token, form, errors: all });
      }
      const outcome = await createFirstAdministrator(deps, {
        origin: c.get("origin"),
        token,
        account: { ...account, email: email.data ?? null },
      });
      if (outcome.kind === "made") return c.redirect(`${path}/done`, 303);
      if (outcome.kind === "dead") return deadLinkPage(c);
      return await setupPage(c, deps, { token, form, errors: [outcome.kind] });
    })
    .form(`${path}/passkey/options`, linkForm(deps, purpose), async (c, checked) => {
      const { token } = checked;
      const origin = c.get("origin");
      return await answerNewcomer(c, checked, (newcomer) => {
        return setupPasskeyOptions(deps, { origin, token, newcomer });
      });
    }, { kind: "client" })
    .get(`${path}/done`, (c) => page(c, <SetupDonePage frame={frameOf(c)} />));
}

const emailField = z.string().trim().pipe(mailAddressSchema).optional();

/** What is wrong with a form is told only to who has the link. */
async function setupPage(
  c: Context<AppEnv>,
  deps: Deps,
  { token, errors = [], form = {} }: {
    readonly token: string;
    readonly errors?: readonly NewAccountError[];
    readonly form?: Parameters;
  },
) {
  if (!await isSetupToken(deps, token)) return deadLinkPage(c);
  const content = (
    <SetupPage
      frame={frameOf(c)}
      action={path}
      scriptUrl={passkeyAsset.url}
      token={token}
      formToken={await formToken(deps, await readBrowser(c, deps), purpose, token)}
      typed={typedAccount(form)}
      errors={errors}
    />
  );
  return page(c, content, { status: errors.length > 0 ? 400 : 200 });
}

function deadLinkPage(c: Context<AppEnv>) {
  return situationPage(c, "setup_link_dead", 400);
}
