import type { Context } from "hono";
import { readPendingSignIn } from "../../src/authn/pending_sign_in.ts";
import {
  askedSecondFactor,
  restartSignIn,
  signInWithSecondFactor,
} from "../../src/authn/second_factor/sign_in.ts";
import { recoveryCodesLeft } from "../../src/authn/second_factor/recovery_codes.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import type { Reservation } from "../../src/limits/reservation.ts";
import type { PasskeyError } from "../../src/ui/passkeys/step_page.tsx";
import { type SecondFactorError, SecondFactorPage } from "../../src/ui/second_factor_page.tsx";
import { SignInHelpPage } from "../../src/ui/sign_in_help_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { type Parameters, readQuery, single } from "../http/form.ts";
import { formToken } from "../http/form_token.ts";
import {
  interactionParameter,
  readWaitingRequest,
  redirectToNextStep,
  resume,
  signInForm,
} from "../http/interaction.ts";
import { showAgain, takeFormAnswer } from "../http/form_answer.ts";
import { frameOf, page } from "../http/page.tsx";
import { passkeyStatuses } from "../http/passkey_errors.ts";
import { passkeyAsset } from "../http/passkey_script.ts";
import { tellRateLimit } from "../http/rate_limit.ts";

const path = "/login/second-factor";

/** The pages for the second factor, and the page that explains account recovery. */
export function secondFactorRoutes(deps: Deps): Pages {
  return pages()
    .get(path, async (c) => {
      const query = readQuery(c.req.raw);
      return await secondFactorPage(c, deps, interactionParameter(query), isByRecoveryCode(query));
    })
    .form(path, signInForm(deps), async (c, { form, attempt }) => {
      const { interactionId } = attempt;
      const byRecoveryCode = isByRecoveryCode(form);
      const answer = (error: SecondFactorError, limit: Reservation | null = null) => {
        const url = secondFactorUrl(interactionId, byRecoveryCode);
        return showAgain(c, deps, url, { errors: [error], limit });
      };
      const code = single(form, "code")?.trim() ?? "";
      if (code === "" || code.length > 64) return await answer("missing");

      // The record names the user of the guess, whatever the form says.
      const pending = await readPendingSignIn(deps, attempt);
      const asked = askedSecondFactor(pending);
      if (asked === null) return resume(c, interactionId);
      const { language } = frameOf(c, pending.uiLocales);
      const guess = { ...attempt, user: asked.user, code, language };
      const { outcome, told } = await signInWithSecondFactor(deps, guess);
      if (told !== null) tellRateLimit(c, told);
      if (outcome.kind === "too_many_attempts") return await answer("too_many_attempts", told);
      if (outcome.kind === "not_asked") return resume(c, interactionId);
      if (outcome.kind !== "refused") {
        return await redirectToNextStep(c, deps, outcome, interactionId);
      }
      return await answer(byRecoveryCode ? "wrong_recovery_code" : "wrong_code", told);
    })
    .form(`${path}/restart`, signInForm(deps), async (c, { attempt }) => {
      await restartSignIn(deps, attempt);
      return c.redirect(interactionUrl("/login", attempt.interactionId), 303);
    })
    .get("/login/help", async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      const { pending } = await readWaitingRequest(c, deps, interactionId);
      const content = (
        <SignInHelpPage
          frame={frameOf(c, pending.uiLocales)}
          loginUrl={interactionUrl("/login", interactionId)}
          passwordResetUrl={interactionUrl("/password-reset", interactionId)}
        />
      );
      return page(c, content);
    });
}

const statuses = {
  missing: 400,
  wrong_code: 401,
  wrong_recovery_code: 401,
  too_many_attempts: 429,
  ...passkeyStatuses,
} as const satisfies Record<SecondFactorError | PasskeyError, number>;

function isByRecoveryCode(parameters: Parameters): boolean {
  return single(parameters, "with") === "recovery-code";
}

/** The URL of the page for the second factor. */
export function secondFactorUrl(interactionId: string, byRecoveryCode = false): string {
  const url = interactionUrl(path, interactionId);
  return byRecoveryCode ? `${url}&with=recovery-code` : url;
}

/** Shows the page for the second factor, with the error of the last attempt. */
async function secondFactorPage(
  c: Context<AppEnv>,
  deps: Deps,
  interactionId: string,
  byRecoveryCode: boolean,
) {
  const browserDigest = await readBrowser(c, deps, interactionId);
  const session = await readSession(c, deps);
  const pending = await readPendingSignIn(deps, { interactionId, browserDigest, session });
  const asked = askedSecondFactor(pending);
  // Another tab, or time, has changed what the request needs.
  if (asked === null) return resume(c, interactionId);
  const error = (await takeFormAnswer(c, deps, statuses))?.errors[0];
  const { user, byApp, authTime } = asked;
  const kind = byApp && !byRecoveryCode ? "app" : "recovery_code";
  const other = secondFactorUrl(interactionId, kind === "app");
  const hasOther = kind === "app" ? recoveryCodesLeft(user.value) > 0 : byApp;
  const content = (
    <SecondFactorPage
      frame={frameOf(c, pending.uiLocales)}
      action={path}
      interactionId={interactionId}
      formToken={await formToken(deps, browserDigest, "sign_in", interactionId)}
      username={user.value.username}
      kind={kind}
      otherKindUrl={hasOther ? other : null}
      restartAction={authTime === null ? `${path}/restart` : null}
      {...(user.value.passkeys.length > 0 ? { passkeyScriptUrl: passkeyAsset.url } : {})}
      {...(error === undefined ? {} : { error })}
    />
  );
  const status = error === undefined ? 200 : statuses[error];
  return page(c, content, { formsMayLeave: true, status });
}
