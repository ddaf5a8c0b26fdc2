import type { Context } from "hono";
import { readPendingSignIn } from "../../src/authn/pending_sign_in.ts";
import {
  askedSecondFactor,
  restartSignIn,
  signInWithSecondFactor,
} from "../../src/authn/second_factor/sign_in.ts";
import { recoveryCodesLeft } from "../../src/authn/second_factor/recovery_codes.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { PasskeyError } from "../../src/ui/passkeys/step_page.tsx";
import { type SecondFactorError, SecondFactorPage } from "../../src/ui/second_factor_page.tsx";
import { SignInHelpPage } from "../../src/ui/sign_in_help_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { type Parameters, readQuery, single } from "../http/form.ts";
import { formToken } from "../http/form_token.ts";
import { goOn, interactionParameter, signInForm } from "../http/interaction.ts";
import { frameOf, page } from "../http/page.tsx";
import { passkeyStatuses } from "../http/passkey_errors.ts";
import { passkeyAsset } from "../http/passkey_script.ts";
import { tellRateLimit } from "../http/rate_limit.ts";

const path = "/login/second-factor";

/** Where a person gives the second of two factors, and where they read what to do without it. */
export function secondFactorRoutes(deps: Deps): Pages {
  return pages()
    .get(path, async (c) => {
      const query = readQuery(c.req.raw);
      return await secondFactorPage(c, deps, interactionParameter(query), { form: query });
    })
    .form(path, signInForm(deps), async (c, { form, attempt }) => {
      const { interactionId } = attempt;
      const answer = (error: SecondFactorError) =>
        secondFactorPage(c, deps, interactionId, { form, error });
      const code = single(form, "code")?.trim() ?? "";
      if (code === "" || code.length > 64) return await answer("missing");

      // Whose guess it is: the record knows that, whatever the form says.
      const pending = await readPendingSignIn(deps, attempt);
      const asked = askedSecondFactor(pending);
      if (asked === null) return toWhatIsNext(c, interactionId);
      const { language } = frameOf(c, pending.uiLocales);
      const guess = { ...attempt, user: asked.user, code, language };
      const { outcome, told } = await signInWithSecondFactor(deps, guess);
      if (told !== null) tellRateLimit(c, told);
      if (outcome.kind === "too_many_attempts") return await answer("too_many_attempts");
      if (outcome.kind === "not_asked") return toWhatIsNext(c, interactionId);
      if (outcome.kind !== "refused") return await goOn(c, deps, outcome, interactionId);
      return await answer(isWithRecoveryCode(form) ? "wrong_recovery_code" : "wrong_code");
    })
    .form(`${path}/restart`, signInForm(deps), async (c, { attempt }) => {
      await restartSignIn(deps, attempt);
      return c.redirect(`/login?interaction=${attempt.interactionId}`, 303);
    })
    .get("/login/help", async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      const { uiLocales } = await readPendingSignIn(deps, {
        interactionId,
        browserDigest: await readBrowser(c, deps, interactionId),
        session: await readSession(c, deps),
      });
      const content = (
        <SignInHelpPage
          frame={frameOf(c, uiLocales)}
          loginUrl={`/login?interaction=${interactionId}`}
          passwordResetUrl="/password-reset"
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

/** Another tab, or the time that went by, has changed what there is to do. */
function toWhatIsNext(c: Context<AppEnv>, interactionId: string) {
  return c.redirect(`/authorize/resume?interaction=${interactionId}`, 303);
}

function isWithRecoveryCode(form: Parameters): boolean {
  return single(form, "with") === "recovery-code";
}

/** Asks for the second of two factors, and says what was wrong with an attempt. */
export async function secondFactorPage(
  c: Context<AppEnv>,
  deps: Deps,
  interactionId: string,
  { form, error }: {
    readonly form: Parameters;
    readonly error?: SecondFactorError | PasskeyError;
  },
) {
  const browserDigest = await readBrowser(c, deps, interactionId);
  const session = await readSession(c, deps);
  const pending = await readPendingSignIn(deps, { interactionId, browserDigest, session });
  const asked = askedSecondFactor(pending);
  if (asked === null) return toWhatIsNext(c, interactionId);
  const { user, byApp, authTime } = asked;
  const kind = byApp && !isWithRecoveryCode(form) ? "app" : "recovery_code";
  const url = `${path}?interaction=${interactionId}`;
  const other = kind === "app" ? `${url}&with=recovery-code` : url;
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
