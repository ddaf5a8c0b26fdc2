import type { Context } from "hono";
import { findDevice } from "../../src/authn/known_browser.ts";
import { requestPasswordReset } from "../../src/authn/passwords/reset.ts";
import { readResetToken } from "../../src/authn/passwords/reset_link.ts";
import { resetPasskeyOptions, resetToPasskey } from "../../src/authn/passwords/reset_to_passkey.ts";
import { resetPassword } from "../../src/authn/passwords/reset_to_password.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { reserveRequestedMail } from "../../src/limits/mail.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
import {
  type NewPasswordError,
  NewPasswordPage,
  PasswordChangedPage,
} from "../../src/ui/new_password_page.tsx";
import { PasswordResetPage, PasswordResetSentPage } from "../../src/ui/password_reset_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { type AppEnv, userAgentOf } from "../http/context.ts";
import { keepDevice, readBrowser, readDevices } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { showAgain, takeFormAnswer } from "../http/form_answer.ts";
import { strings } from "../../src/language/languages.ts";
import { formToken } from "../http/form_token.ts";
import { optionalInteraction, readWaitingRequest, resume } from "../http/interaction.ts";
import { deadLink, linkForm } from "../http/link_form.ts";
import { readNewPassword } from "../http/new_password.ts";
import { frameOf, page } from "../http/page.tsx";
import { browserForm, once } from "../http/page_form.ts";
import { passkeyAsset } from "../http/passkey_script.ts";
import { tellRateLimit } from "../http/rate_limit.ts";
import type { AnswerRepeated } from "../http/repeated_form.tsx";
import {
  keepWaitingRequest,
  readRequestOfLink,
  readWaitingRequestId,
} from "../http/waiting_request.ts";
import { situationPage } from "../http/situation_page.tsx";
import { signInAnew } from "./sign_in_anew.ts";

const path = "/password-reset";
const purpose = "password_reset_link";

/** The pages for a forgotten password: they send a link by mail and set a new password. */
export function passwordResetRoutes(deps: Deps): Pages {
  const repeated: AnswerRepeated = async (c, form) => {
    const waiting = await readRequestOfLink(c, deps, single(form, "token") ?? "");
    return done(c, single(form, "way") === "passkey", waiting);
  };
  return pages()
    .get(path, (c) => requestPage(c, deps, optionalInteraction(readQuery(c.req.raw))))
    .form(path, browserForm(deps, "password_reset"), async (c, { form }) => {
      const identifier = single(form, "username")?.trim() ?? "";
      const interactionId = optionalInteraction(form);
      if (identifier === "" || identifier.length > 256) {
        return await showAgain(c, deps, interactionUrl(path, interactionId), {
          errors: ["missing"],
        });
      }
      const { language } = frameOf(c);
      const origin = c.get("origin");
      const device = await findDevice(deps, await readDevices(c, deps), identifier);
      const requester = { address: origin.address, device };
      const reservation = await reserveRequestedMail(deps, requester, identifier);
      assertPassed(reservation);
      tellRateLimit(c, reservation);
      await requestPasswordReset(deps, { origin, identifier, device, language });
      if (interactionId !== null) await keepWaitingRequest(c, deps, null, interactionId);
      return c.redirect(interactionUrl(`${path}/sent`, interactionId), 303);
    }, { storesForStrangers: true })
    .get(`${path}/sent`, async (c) => {
      const interactionId = optionalInteraction(readQuery(c.req.raw));
      if (interactionId !== null) await readWaitingRequest(c, deps, interactionId);
      return page(c, <PasswordResetSentPage frame={frameOf(c)} interactionId={interactionId} />);
    })
    // Opening the page spends nothing, because mail scanners open every link.
    .get(`${path}/confirm`, async (c) => {
      return await confirmPage(c, deps, single(readQuery(c.req.raw), "token") ?? "");
    })
    .form(`${path}/confirm`, once(linkForm(deps, purpose), repeated), async (c, checked) => {
      const { form, token, browserDigest } = checked;
      const waiting = await readRequestOfLink(c, deps, token);
      const { language } = frameOf(c);
      const url = `${path}/confirm?${new URLSearchParams({ token })}`;
      const refuse = (error: NewPasswordError) => showAgain(c, deps, url, { errors: [error] });
      const request = { origin: c.get("origin"), token, language };
      if (single(form, "way") === "passkey") {
        const outcome = await resetToPasskey(deps, {
          ...request,
          credential: single(form, "credential") ?? "",
          browserDigest,
          userAgent: userAgentOf(c),
        });
        if (outcome.kind === "dead") throw deadLink("reset_link_dead");
        if (outcome.kind !== "added") return await refuse(outcome.kind);
        await keepDevice(c, deps, outcome.device);
        return done(c, true, waiting);
      }
      const target = await readResetToken(deps, token);
      if (target === null) throw deadLink("reset_link_dead");
      const { password, error } = await readNewPassword(form, target.names);
      if (password === null) return await refuse(error);
      const device = await resetPassword(deps, { ...request, password });
      if (device === null) throw deadLink("reset_link_dead");
      if (device === "same") return await refuse("password_same");
      await keepDevice(c, deps, device);
      if (waiting === null) return done(c, false, null);
      return await signInAnew(c, deps, { interactionId: waiting, device, target, password });
    })
    .form(`${path}/confirm/passkey/options`, linkForm(deps, purpose), async (c, checked) => {
      const { token, browserDigest } = checked;
      const request = { origin: c.get("origin"), token, browserDigest };
      const options = await resetPasskeyOptions(deps, request);
      c.header("Cache-Control", "no-store");
      return options === null ? c.json({ error: "dead" }, 400) : c.json(options);
    }, { kind: "client" })
    .get(`${path}/done`, async (c) => {
      const interactionId = await readWaitingRequestId(c, deps, null);
      return page(c, <PasswordChangedPage frame={frameOf(c)} interactionId={interactionId} />);
    })
    .get(`${path}/done/passkey`, async (c) => {
      const interactionId = await readWaitingRequestId(c, deps, null);
      const content = (
        <PasswordChangedPage frame={frameOf(c)} passkey interactionId={interactionId} />
      );
      return page(c, content);
    });
}

function done(c: Context<AppEnv>, isPasskey: boolean, waiting: string | null) {
  if (waiting !== null) return resume(c, waiting);
  return c.redirect(isPasskey ? `${path}/done/passkey` : `${path}/done`, 303);
}

async function requestPage(c: Context<AppEnv>, deps: Deps, interactionId: string | null) {
  const pending = interactionId === null
    ? null
    : (await readWaitingRequest(c, deps, interactionId)).pending;
  const missing = await takeFormAnswer(c, deps, { missing: 400 }) !== null;
  const content = (
    <PasswordResetPage
      frame={frameOf(c)}
      action={path}
      formToken={await formToken(deps, await readBrowser(c, deps), "password_reset")}
      interactionId={interactionId}
      username={pending?.loginHint}
      missing={missing}
    />
  );
  return page(c, content, { formsMayLeave: interactionId !== null, status: missing ? 400 : 200 });
}

async function confirmPage(
  c: Context<AppEnv>,
  deps: Deps,
  token: string,
) {
  const target = await readResetToken(deps, token);
  const waiting = await readRequestOfLink(c, deps, token);
  if (target === null) return situationPage(c, "reset_link_dead", 400);
  const error = (await takeFormAnswer(c, deps, newPasswordErrors))?.errors[0] ?? null;
  const content = (
    <NewPasswordPage
      frame={frameOf(c)}
      action={`${path}/confirm`}
      token={token}
      formToken={await formToken(deps, await readBrowser(c, deps), purpose, token)}
      username={target.username}
      {...(target.mayUsePasskey ? { passkeyScriptUrl: passkeyAsset.url } : {})}
      error={error}
    />
  );
  return page(c, content, {
    formsMayLeave: waiting !== null,
    status: error === null ? 200 : 400,
  });
}

/** All errors that the page can show. */
const newPasswordErrors = {
  ...strings("en").newPassword.errors,
  expired: null,
  invalid: null,
  known: null,
} as const satisfies Record<NewPasswordError, unknown>;
