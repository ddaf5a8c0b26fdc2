import type { Context } from "hono";
import { requestPasswordReset } from "../../src/authn/passwords/reset.ts";
import { readResetToken } from "../../src/authn/passwords/reset_link.ts";
import { resetPasskeyOptions, resetToPasskey } from "../../src/authn/passwords/reset_to_passkey.ts";
import { resetPassword } from "../../src/authn/passwords/reset_to_password.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { reserveMail } from "../../src/limits/mail.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
import { NewPasswordPage, PasswordChangedPage } from "../../src/ui/new_password_page.tsx";
import type { NewPasswordError } from "../../src/ui/new_password_page.tsx";
import { PasswordResetPage, PasswordResetSentPage } from "../../src/ui/password_reset_page.tsx";
import { type Endpoints, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser } from "../http/cookies.ts";
import { readForm, readQuery, single } from "../http/form.ts";
import { assertOwnForm, formToken } from "../http/form_token.ts";
import { readLinkForm } from "../http/link_form.ts";
import { readNewPassword } from "../http/new_password.ts";
import { frameOf, page } from "../http/page.tsx";
import { passkeyAsset } from "../http/passkey_script.ts";
import { tellRateLimit } from "../http/rate_limit.ts";
import { situationPage } from "../http/situation_page.tsx";

const path = "/password-reset";

/** For who has forgotten a password: a mail with a link, and a new password in its place. */
export function passwordResetRoutes(deps: Deps): Endpoints {
  return pages()
    .get(path, (c) => requestPage(c, deps))
    .post(path, async (c) => {
      const form = await readForm(c.req.raw);
      await assertOwnForm(c, deps, form, await readBrowser(c, deps), path);
      const identifier = single(form, "username")?.trim() ?? "";
      if (identifier === "" || identifier.length > 256) return await requestPage(c, deps, true);
      const { language } = frameOf(c);
      const reservation = await reserveMail(deps, identifier);
      assertPassed(reservation);
      tellRateLimit(c, reservation);
      await requestPasswordReset(deps, { origin: c.get("origin"), identifier, language });
      return c.redirect(`${path}/sent`, 303);
    })
    .get(`${path}/sent`, (c) => page(c, <PasswordResetSentPage frame={frameOf(c)} />))
    // Looking spends nothing: programs that check mails for malice open every link in them.
    .get(`${path}/confirm`, async (c) => {
      return await confirmPage(c, deps, single(readQuery(c.req.raw), "token") ?? "");
    })
    .post(`${path}/confirm`, async (c) => {
      const { form, token, browserDigest } = await readLinkForm(c, deps, about);
      const { language } = frameOf(c);
      const request = { origin: c.get("origin"), token, language };
      if (single(form, "way") === "passkey") {
        const { kind } = await resetToPasskey(deps, {
          ...request,
          credential: single(form, "credential") ?? "",
          browserDigest,
          userAgent: c.req.header("user-agent") ?? null,
        });
        if (kind === "added") return c.redirect(`${path}/done/passkey`, 303);
        return kind === "dead" ? deadLinkPage(c) : await confirmPage(c, deps, token, kind);
      }
      const { password, error } = await readNewPassword(form);
      if (password === null) return await confirmPage(c, deps, token, error);
      const done = await resetPassword(deps, { ...request, password });
      return done ? c.redirect(`${path}/done`, 303) : deadLinkPage(c);
    })
    .post(`${path}/confirm/passkey/options`, async (c) => {
      const { token, browserDigest } = await readLinkForm(c, deps, about);
      const request = { origin: c.get("origin"), token, browserDigest };
      const options = await resetPasskeyOptions(deps, request);
      c.header("Cache-Control", "no-store");
      return options === null ? c.json({ error: "dead" }, 400) : c.json(options);
    }, { kind: "client" })
    .get(`${path}/done`, (c) => page(c, <PasswordChangedPage frame={frameOf(c)} />))
    .get(
      `${path}/done/passkey`,
      (c) => page(c, <PasswordChangedPage frame={frameOf(c)} passkey />),
    );
}

function about(token: string): string {
  return `${path}.${token}`;
}

async function requestPage(c: Context<AppEnv>, deps: Deps, missing = false) {
  const content = (
    <PasswordResetPage
      frame={frameOf(c)}
      action={path}
      formToken={await formToken(deps, await readBrowser(c, deps), path)}
      missing={missing}
    />
  );
  return page(c, content, { status: missing ? 400 : 200 });
}

async function confirmPage(
  c: Context<AppEnv>,
  deps: Deps,
  token: string,
  error: NewPasswordError | null = null,
) {
  const person = await readResetToken(deps, token);
  if (person === null) return deadLinkPage(c);
  const content = (
    <NewPasswordPage
      frame={frameOf(c)}
      action={`${path}/confirm`}
      token={token}
      formToken={await formToken(deps, await readBrowser(c, deps), about(token))}
      username={person.username}
      {...(person.mayUsePasskey ? { passkeyScriptUrl: passkeyAsset.url } : {})}
      error={error}
    />
  );
  return page(c, content, { status: error === null ? 200 : 400 });
}

function deadLinkPage(c: Context<AppEnv>) {
  return situationPage(c, "reset_link_dead", 400);
}
