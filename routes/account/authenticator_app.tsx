import type { Context } from "hono";
import {
  type AppRequest,
  readApp,
  removeApp,
  setUpApp,
} from "../../src/account/authenticator_app.ts";
import type { AccountRequest } from "../../src/account/account_step.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { AppSetPage, EnrolAppPage } from "../../src/ui/account/authenticator_app_page.tsx";
import { RemovePage } from "../../src/ui/account/remove_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { type AppEnv, userAgentOf } from "../http/context.ts";
import { keepSignIn, readBrowser } from "../http/cookies.ts";
import { single } from "../http/form.ts";
import { frameOf, page } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import type { AnswerRepeated } from "../http/repeated_form.tsx";
import {
  accountForm,
  accountFormToken,
  accountRequest,
  showAccountPageAgain,
  takeAccountAnswer,
} from "./http.ts";

const path = "/account/security/authenticator-app";
const removePath = `${path}/remove`;

/** The pages that set up and remove an authenticator app. */
export function authenticatorAppRoutes(deps: Deps): Pages {
  const repeated: AnswerRepeated = (c, _, note) => setUp(c, note === null);
  return pages()
    .get(path, async (c) => {
      const request = await appRequest(c, deps, await accountRequest(c, deps, path));
      const answer = await takeAccountAnswer(c, deps, request, { missing: 400, wrong: 400 });
      return await appPage(c, deps, request, answer?.errors[0]);
    })
    .form(path, once(accountForm(deps, path), repeated), async (c, { form, request: own }) => {
      const request = await appRequest(c, deps, own);
      const code = single(form, "code")?.trim() ?? "";
      const refuse = (error: "missing" | "wrong") =>
        showAccountPageAgain(c, deps, request, path, { errors: [error] });
      if (code === "" || code.length > 64) return await refuse("missing");
      const outcome = await setUpApp(deps, request, {
        code,
        language: frameOf(c).language,
        userAgent: userAgentOf(c),
      });
      if (outcome.kind === "wrong_code") return await refuse("wrong");
      if (outcome.kind === "too_late") return c.redirect(path, 303);
      await keepSignIn(c, deps, outcome.cookies);
      return setUp(c, outcome.hasRecoveryCodes);
    })
    .get(removePath, async (c) => {
      const request = await accountRequest(c, deps, removePath);
      const state = await readApp(deps, await appRequest(c, deps, request));
      if (state.kind !== "set") return c.redirect(path, 303);
      const content = (
        <RemovePage
          frame={frameOf(c)}
          what="app"
          action={removePath}
          formToken={await accountFormToken(c, deps, request)}
          cancelUrl={path}
        />
      );
      return page(c, content);
    })
    .form(removePath, accountForm(deps, removePath), async (c, { request }) => {
      await removeApp(deps, request, frameOf(c).language);
      return c.redirect("/account/security", 303);
    });
}

function setUp(c: Context<AppEnv>, hasRecoveryCodes: boolean) {
  const codes = "/account/security/recovery-codes?after=authenticator-app";
  return c.redirect(hasRecoveryCodes ? path : codes, 303);
}

async function appRequest(
  c: Context<AppEnv>,
  deps: Deps,
  request: AccountRequest,
): Promise<AppRequest> {
  return { ...request, browserDigest: await readBrowser(c, deps) };
}

async function appPage(
  c: Context<AppEnv>,
  deps: Deps,
  request: AppRequest,
  error?: "missing" | "wrong",
) {
  const state = await readApp(deps, request);
  const common = { frame: frameOf(c), user: { name: state.name } };
  if (state.kind === "set") {
    return page(c, <AppSetPage {...common} createdAt={state.createdAt} removeUrl={removePath} />);
  }
  const content = (
    <EnrolAppPage
      {...common}
      action={path}
      formToken={await accountFormToken(c, deps, request)}
      secret={state.secret}
      modules={state.modules}
      {...(error === undefined ? {} : { error })}
    />
  );
  return page(c, content, { status: error === undefined ? 200 : 400 });
}
