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
import { type AppEnv, userAgentOf } from "../http/context.ts";
import { keepSignIn, readBrowser } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { takeFormAnswer } from "../http/form_answer.ts";
import { formToken } from "../http/form_token.ts";
import { deadLink, linkForm } from "../http/link_form.ts";
import {
  answerNewcomer,
  correctAccount,
  newAccountErrors,
  readNewAccount,
} from "../http/new_account_form.ts";
import { frameOf, page } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import { passkeyAsset } from "../http/passkey_script.ts";
import { situationPage } from "../http/situation_page.tsx";

const path = "/setup";
const purpose = "setup_link";

/** The page that creates the first administrator, with the link from the log. */
export function setupRoutes(deps: Deps): Pages {
  return pages()
    .get(path, (c) => setupPage(c, deps, single(readQuery(c.req.raw), "token") ?? ""))
    .form(path, once(linkForm(deps, purpose), done), async (c, checked) => {
      const { form, token, browserDigest } = checked;
      const { account, errors } = await readNewAccount(c, deps, form, browserDigest);
      const url = `${path}?${new URLSearchParams({ token })}`;
      const refuse = (all: readonly NewAccountError[]) =>
        correctAccount(c, deps, url, { form, errors: all });
      const email = emailField.safeParse(form.email);
      if (account === null || !email.success) {
        const all: NewAccountError[] = [...errors, ...(email.success ? [] : ["email"] as const)];
        return await refuse(all);
      }
      const outcome = await createFirstAdministrator(deps, {
        origin: c.get("origin"),
        token,
        account: { ...account, email: email.data ?? null },
        userAgent: userAgentOf(c),
      });
      if (outcome.kind === "made") {
        await keepSignIn(c, deps, outcome.cookies);
        return done(c);
      }
      if (outcome.kind === "dead") throw deadLink("setup_link_dead");
      return await refuse([outcome.kind]);
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

function done(c: Context<AppEnv>) {
  return c.redirect(`${path}/done`, 303);
}

const emailField = z.string().trim().pipe(mailAddressSchema).optional();

/** Only a request with the link learns what is wrong with the form. */
async function setupPage(
  c: Context<AppEnv>,
  deps: Deps,
  token: string,
) {
  if (!await isSetupToken(deps, token)) return situationPage(c, "setup_link_dead", 400);
  const { errors, typed } = await takeFormAnswer(c, deps, newAccountErrors) ??
    { errors: [], typed: {} };
  const content = (
    <SetupPage
      frame={frameOf(c)}
      action={path}
      scriptUrl={passkeyAsset.url}
      token={token}
      formToken={await formToken(deps, await readBrowser(c, deps), purpose, token)}
      typed={typed}
      errors={errors}
    />
  );
  return page(c, content, { status: errors.length > 0 ? 400 : 200 });
}
