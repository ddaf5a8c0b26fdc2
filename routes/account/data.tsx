import type { Context } from "hono";
import { z } from "zod";
import { accountStep } from "../../src/account/account_step.ts";
import { exportAccount } from "../../src/account/export.ts";
import { deleteOwnAccount } from "../../src/account/own_deletion.ts";
import { sensitiveStep } from "../../src/account/sensitive_step.ts";
import type { Deps } from "../../src/deps/deps.ts";
import {
  AccountDeletedPage,
  DataPage,
  DeleteAccountPage,
  type DeletionError,
} from "../../src/ui/account/data_page.tsx";
import { strings } from "../../src/language/languages.ts";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { clearSession } from "../http/cookies.ts";
import { single } from "../http/form.ts";
import { frameOf, page } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import { sealedCookie } from "../http/sealed_cookie.ts";
import {
  accountForm,
  accountFormToken,
  accountRequest,
  showAccountPageAgain,
  takeAccountAnswer,
} from "./http.ts";
import { shownUserOf } from "./shown_user.ts";

const path = "/account/data";
const deletePath = `${path}/delete`;

/** The pages to download the user's data and to delete the account. */
export function accountDataRoutes(deps: Deps): Pages {
  const deleted = (c: Context<AppEnv>) => {
    clearSession(c, deps);
    return c.redirect("/account/deleted", 303);
  };
  return pages()
    .get(path, async (c) => {
      const request = await accountRequest(c, deps, path);
      const holder = await accountStep(deps, request, { recent: false }, (_, holder) => holder);
      const formToken = await accountFormToken(c, deps, request);
      return page(
        c,
        <DataPage frame={frameOf(c)} user={shownUserOf(holder)} formToken={formToken} />,
      );
    })
    .form(`${path}/export`, accountForm(deps, path), async (c, { request }) => {
      const data = await exportAccount(deps, request);
      return c.body(`${JSON.stringify(data, null, 2)}\n`, 200, {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": 'attachment; filename="account.json"',
        "Cache-Control": "no-store",
      });
    })
    .get(deletePath, (c) => deletePage(c, deps))
    .form(deletePath, once(deletionForm(deps), deleted), async (c, { form, request }) => {
      const username = single(form, "username") ?? "";
      const { language } = frameOf(c);
      const refusal = await deleteOwnAccount(deps, request, { username, language });
      if (refusal !== null) {
        return await showAccountPageAgain(c, deps, request, deletePath, { errors: [refusal] });
      }
      const { session } = request;
      if (session !== null) await gone.keep(c, deps, "", { sessionId: session.sessionId });
      return deleted(c);
    })
    .get("/account/deleted", (c) => page(c, <AccountDeletedPage frame={frameOf(c)} />));
}

/** The session that has deleted its account: after that, a second press comes without a session. */
const gone = sealedCookie("account_deleted", 120, z.object({ sessionId: z.string() }));

function deletionForm(deps: Deps): ReturnType<typeof accountForm> {
  const kind = accountForm(deps, deletePath);
  return {
    ...kind,
    identify: async (c, form) => {
      const identity = await kind.identify(c, form);
      if (identity.details.request.session !== null) return identity;
      const { sessionId = null } = await gone.read(c, deps, "") ?? {};
      return { ...identity, subject: ["account", sessionId] };
    },
  };
}

async function deletePage(c: Context<AppEnv>, deps: Deps) {
  const request = await accountRequest(c, deps, deletePath);
  const { user } = await sensitiveStep(deps, request, (_, holder) => holder);
  const answer = await takeAccountAnswer(c, deps, request, deletionErrors);
  const error = answer?.errors[0] ?? null;
  const content = (
    <DeleteAccountPage
      frame={frameOf(c)}
      username={user.value.username}
      formToken={await accountFormToken(c, deps, request)}
      error={error}
    />
  );
  return page(c, content, { status: error === null ? 200 : 400 });
}

/** All errors that the page can show. */
const deletionErrors: Readonly<Record<DeletionError, string>> = strings("en").account.data.errors;
