import type { Context } from "hono";
import { continueAsSignedIn, signInWithPassword } from "../../src/authn/passwords/sign_in.ts";
import { type PendingSignIn, readPendingSignIn } from "../../src/authn/pending_sign_in.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import type { Reservation } from "../../src/limits/reservation.ts";
import { displayName } from "../../src/sessions/live_session.ts";
import { LoginPage } from "../../src/ui/login_page.tsx";
import type { LoginError } from "../../src/ui/login_page_props.ts";
import { type PasskeyError, PasskeyStepPage } from "../../src/ui/passkeys/step_page.tsx";
import type { Frame } from "../../src/ui/layout.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { clientLogoUrl } from "../http/client_logo_url.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { showAgain, takeFormAnswer } from "../http/form_answer.ts";
import { formToken } from "../http/form_token.ts";
import {
  clientNameOf,
  interactionParameter,
  redirectToNextStep,
  resume,
  signInForm,
} from "../http/interaction.ts";
import { frameOf, page } from "../http/page.tsx";
import { isPasskeyError, passkeyStatuses } from "../http/passkey_errors.ts";
import { passkeyAsset } from "../http/passkey_script.ts";
import { tellRateLimit } from "../http/rate_limit.ts";
import { keepWaitingRequest } from "../http/waiting_request.ts";
import { secondFactorUrl } from "./second_factor.tsx";

/** The sign-in page of a pending authorization request. */
export function loginRoutes(deps: Deps): Pages {
  return pages()
    .get("/login", async (c) => {
      const query = readQuery(c.req.raw);
      if (query.interaction === undefined) return c.redirect("/account", 303);
      return await loginPage(c, deps, interactionParameter(query));
    })
    .form("/login", signInForm(deps), async (c, { form, attempt }) => {
      const { interactionId } = attempt;
      const refuse = (
        error: LoginError,
        typed: Record<string, string> = {},
        limit: Reservation | null = null,
      ) =>
        showAgain(c, deps, interactionUrl("/login", interactionId), {
          errors: [error],
          typed,
          limit,
        });
      if (single(form, "choice") === "continue") {
        const userId = single(form, "account") ?? "";
        if (await continueAsSignedIn(deps, { ...attempt, userId })) return resume(c, interactionId);
        return await refuse("account_changed");
      }
      const username = single(form, "username");
      const password = single(form, "password");
      if (username === undefined || username.length > 256) {
        return await refuse("missing_username");
      }
      if (password === undefined || password.length > 1024) {
        return await refuse("missing_password", { username });
      }
      const { outcome, told } = await signInWithPassword(deps, { ...attempt, username, password });
      if (told !== null) tellRateLimit(c, told);
      if (outcome.kind === "too_many_attempts") {
        return await refuse("too_many_attempts", { username }, told);
      }
      if (outcome.kind === "refused") return await refuse("wrong_credentials", { username }, told);
      if (outcome.kind === "must_change_password") {
        await keepWaitingRequest(c, deps, outcome.token, interactionId);
        return c.redirect(`/password-reset/confirm?token=${outcome.token}`, 303);
      }
      return await redirectToNextStep(c, deps, outcome, interactionId);
    });
}

const statuses = {
  wrong_credentials: 401,
  missing_username: 400,
  missing_password: 400,
  account_changed: 409,
  too_many_attempts: 429,
  ...passkeyStatuses,
} as const satisfies Record<LoginError | PasskeyError, number>;

/** Shows the page that a pending request needs, with the error of the last attempt. */
async function loginPage(c: Context<AppEnv>, deps: Deps, interactionId: string) {
  const browserDigest = await readBrowser(c, deps, interactionId);
  const pending = await readPendingSignIn(deps, {
    interactionId,
    browserDigest,
    session: await readSession(c, deps),
  });
  if (pending.step.kind === "second_factor") return c.redirect(secondFactorUrl(interactionId), 303);
  const answer = await takeFormAnswer(c, deps, statuses);
  const error = answer?.errors[0];
  // A user who has just tried to sign in as another user waits for the answer to that attempt.
  if (pending.step.kind === "none" && error === undefined) return resume(c, interactionId);
  const status = error === undefined ? 200 : statuses[error];
  const frame = frameOf(c, pending.uiLocales);
  const form = await formToken(deps, browserDigest, "sign_in", interactionId);
  if (pending.step.kind === "passkey") {
    const content = passkeyStep(pending, { frame, interactionId, formToken: form, error });
    return page(c, content, { formsMayLeave: true, status });
  }
  const { requester, loginHint, live, choosing } = pending;
  // Pages of this server are about the signed-in user. A client may want another user.
  const again = requester.kind === "own_page" && live !== null
    ? live.user.value.username
    : undefined;
  const mayStart = deps.config.signUp === "open" && again === undefined;
  const typed = answer?.typed.username ?? again ?? loginHint;
  const content = (
    <LoginPage
      frame={frame}
      action="/login"
      interactionId={interactionId}
      formToken={form}
      clientName={clientNameOf(pending)}
      clientLogoUrl={requester.kind === "client"
        ? await clientLogoUrl(requester.client)
        : undefined}
      passwordResetUrl={interactionUrl("/password-reset", interactionId)}
      mailSignInUrl={interactionUrl("/magic-link", interactionId)}
      {...(mayStart ? { signUpUrl: interactionUrl("/sign-up", interactionId) } : {})}
      helpUrl={interactionUrl("/login/help", interactionId)}
      reauthenticate={again !== undefined}
      {...(typed === undefined ? {} : { username: typed })}
      {...(error === undefined ? {} : { error })}
      {...(live && choosing
        ? { currentUser: { name: displayName(live), userId: live.userId } }
        : {})}
      wantsAnother={pending.wantsAnother}
      {...(again === undefined || live?.user.value.passkeys.length
        ? { passkeyScriptUrl: passkeyAsset.url }
        : {})}
    />
  );
  return page(c, content, { formsMayLeave: true, status });
}

/** Only a passkey of the signed-in user is enough. */
function passkeyStep(
  pending: PendingSignIn,
  { frame, interactionId, formToken, error }: {
    readonly frame: Frame;
    readonly interactionId: string;
    readonly formToken: string;
    readonly error: LoginError | PasskeyError | undefined;
  },
) {
  const { live, step } = pending;
  const orRecoveryCode = step.kind === "passkey" && step.orRecoveryCode;
  return (
    <PasskeyStepPage
      frame={frame}
      scriptUrl={passkeyAsset.url}
      action={interactionUrl("/login/passkey", interactionId)}
      optionsUrl="/login/passkey/options"
      fields={{ interaction: interactionId, form_token: formToken }}
      clientName={clientNameOf(pending)}
      user={{ name: live === null ? "" : displayName(live) }}
      {...(isPasskeyError(error) ? { error } : {})}
      passkeysUrl="/account/security/passkeys"
      recoveryCodeUrl={orRecoveryCode ? secondFactorUrl(interactionId) : null}
    />
  );
}
