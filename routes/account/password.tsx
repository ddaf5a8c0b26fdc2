import type { Context } from "hono";
import { z } from "zod";
import { type AccountRequest, SignInNeeded } from "../../src/account/account_step.ts";
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
import { PasswordChangedPage } from "../../src/ui/new_password_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { keepSignIn } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { readNewPassword } from "../http/new_password.ts";
import { frameOf, page } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import type { AnswerRepeated } from "../http/repeated_form.tsx";
import { sealedCookie } from "../http/sealed_cookie.ts";
import {
  accountForm,
  accountFormToken,
  accountRequest,
  showAccountPageAgain,
  takeAccountAnswer,
} from "./http.ts";

const path = "/account/security/password";
const removePath = `${path}/remove`;

/**
 * The session whose form was sent twice. A browser that gives up the first answer has lost the new
 * secret of its session, and must read all the same that the password is set.
 */
const changedTwice = sealedCookie(
  "password_changed",
  120,
  z.object({ sessionId: z.string() }),
);

/** The pages that change, set and remove the password. */
export function accountPasswordRoutes(deps: Deps): Pages {
  const repeated: AnswerRepeated = async (c) => {
    const { session } = await accountRequest(c, deps, path);
    if (session !== null) {
      await changedTwice.keep(c, deps, path, { sessionId: session.sessionId });
    }
    return changed(c);
  };
  return pages()
    .get(path, (c) => passwordPage(c, deps))
    .form(path, once(accountForm(deps, path), repeated), async (c, { form, request }) => {
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
      if (outcome.kind !== "changed") return await refuse("current");
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
  const isChanged = single(readQuery(c.req.raw), "changed") === "yes";
  const state = await readState(deps, request).catch(async (error) => {
    if (!isChanged || !await hasLostSession(c, deps, request, error)) throw error;
    return null;
  });
  if (state === null) {
    return page(c, <PasswordChangedPage frame={frameOf(c)} interactionId={null} />);
  }
  const { removable, ...shown } = state;
  const content = (
    <AccountPasswordPage
      frame={frameOf(c)}
      {...shown}
      action={path}
      formToken={await accountFormToken(c, deps, request)}
      removeUrl={removable ? removePath : null}
      changed={error === undefined && isChanged}
      {...(error === undefined ? {} : { error })}
    />
  );
  return page(c, content, { status: error === undefined ? 200 : statuses[error] });
}

/** Whether this session has changed its password, and its browser did not get the new secret. */
async function hasLostSession(
  c: Context<AppEnv>,
  deps: Deps,
  { session }: AccountRequest,
  error: unknown,
): Promise<boolean> {
  if (!(error instanceof SignInNeeded) || session === null) return false;
  // An older sign-in must be repeated, but it is not lost.
  if (error.maxAge !== null) return false;
  return (await changedTwice.read(c, deps, path))?.sessionId === session.sessionId;
}
