import type { Context } from "hono";
import type { AccountRequest } from "../../src/account/account_step.ts";
import { changePassword, removePassword } from "../../src/account/password.ts";
import { sensitiveStep } from "../../src/account/sensitive_step.ts";
import type { Reservation } from "../../src/limits/reservation.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { displayName } from "../../src/sessions/live_session.ts";
import {
  type AccountPasswordError,
  AccountPasswordPage,
} from "../../src/ui/account/password_page.tsx";
import { RemovePage } from "../../src/ui/account/remove_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { keepSignIn } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { readNewPassword } from "../http/new_password.ts";
import { frameOf, page } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import {
  accountForm,
  accountFormToken,
  accountRequest,
  showAccountPageAgain,
  takeAccountAnswer,
} from "./http.ts";

const path = "/account/security/password";
const removePath = `${path}/remove`;

/** The pages that change, set and remove the password. */
export function accountPasswordRoutes(deps: Deps): Pages {
  return pages()
    .get(path, (c) => passwordPage(c, deps))
    .form(path, once(accountForm(deps, path), changed), async (c, { form, request }) => {
      const { names } = await readState(deps, request);
      const { password, error } = await readNewPassword(form, names);
      const refuse = (why: AccountPasswordError, limit: Reservation | null = null) =>
        showAccountPageAgain(c, deps, request, path, { errors: [why], limit });
      if (password === null) return await refuse(error);
      const outcome = await changePassword(deps, request, {
        // A text that is too long for a password is as wrong as an empty one.
        current: single(form, "current_password")?.slice(0, 1024) ?? "",
        password,
        language: frameOf(c).language,
      });
      if (outcome.kind === "too_many_attempts") {
        return await refuse("too_many_attempts", outcome.told);
      }
      if (outcome.kind === "wrong_current") return await refuse("current");
      await keepSignIn(c, deps, outcome.cookies);
      return changed(c);
    })
    .get(removePath, async (c) => {
      const request = await accountRequest(c, deps, removePath);
      const { removable } = await readState(deps, request);
      if (!removable) return c.redirect(path, 303);
      const content = (
        <RemovePage
          frame={frameOf(c)}
          what="password"
          action={removePath}
          formToken={await accountFormToken(c, deps, request)}
          cancelUrl={path}
        />
      );
      return page(c, content);
    })
    .form(removePath, once(accountForm(deps, removePath), removed), async (c, { request }) => {
      const cookies = await removePassword(deps, request, frameOf(c).language);
      if (cookies === null) return c.redirect(path, 303);
      await keepSignIn(c, deps, cookies);
      return removed(c);
    });
}

function changed(c: Context<AppEnv>) {
  return c.redirect(`${path}?changed=yes`, 303);
}

function removed(c: Context<AppEnv>) {
  return c.redirect("/account/security", 303);
}

const statuses = {
  current: 401,
  password: 400,
  password_common: 400,
  password_repeat: 400,
  too_many_attempts: 429,
} as const satisfies Record<AccountPasswordError, number>;

function readState(deps: Deps, request: AccountRequest) {
  return sensitiveStep(deps, request, (_, live) => {
    const { username, passwordHash, passkeys, claims } = live.user.value;
    const hasPassword = passwordHash !== null;
    const removable = hasPassword && passkeys.length > 0;
    const names = [username, claims.email];
    return { user: { name: displayName(live) }, username, names, hasPassword, removable };
  });
}

async function passwordPage(c: Context<AppEnv>, deps: Deps) {
  const request = await accountRequest(c, deps, path);
  const error = (await takeAccountAnswer(c, deps, request, statuses))?.errors[0];
  const { removable, ...shown } = await readState(deps, request);
  const content = (
    <AccountPasswordPage
      frame={frameOf(c)}
      {...shown}
      action={path}
      formToken={await accountFormToken(c, deps, request)}
      removeUrl={removable ? removePath : null}
      changed={error === undefined && single(readQuery(c.req.raw), "changed") === "yes"}
      {...(error === undefined ? {} : { error })}
    />
  );
  return page(c, content, { status: error === undefined ? 200 : statuses[error] });
}
