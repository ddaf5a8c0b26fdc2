import type { Context } from "hono";
import { continueAsSignedIn, signInWithPassword } from "../../src/authn/passwords/sign_in.ts";
import { type PendingSignIn, readPendingSignIn } from "../../src/authn/pending_sign_in.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { displayName } from "../../src/logout/logout.ts";
import { LoginPage } from "../../src/ui/login_page.tsx";
import type { LoginError } from "../../src/ui/login_page_props.ts";
import { type PasskeyError, PasskeyStepPage } from "../../src/ui/passkeys/step_page.tsx";
import type { Frame } from "../../src/ui/layout.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { clientLogoUrl } from "../http/client_logo_url.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { formToken } from "../http/form_token.ts";
import { goOn, interactionParameter, signInForm } from "../http/interaction.ts";
import { frameOf, page } from "../http/page.tsx";
import { isPasskeyError, passkeyStatuses } from "../http/passkey_errors.ts";
import { passkeyAsset } from "../http/passkey_script.ts";
import { tellRateLimit } from "../http/rate_limit.ts";
import { secondFactorPage } from "./second_factor.tsx";

/** Where a person says who they are, for a pending authorization request. */
export function loginRoutes(deps: Deps): Pages {
  return pages()
    .get("/login", async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      return await loginPage(c, deps, { interactionId });
    })
    .form("/login", signInForm(deps), async (c, { form, attempt }) => {
      const { interactionId } = attempt;
      if (single(form, "choice") === "continue") {
        await continueAsSignedIn(deps, attempt);
        return c.redirect(`/authorize/resume?interaction=${interactionId}`, 303);
      }
      const username = single(form, "username");
      const password = single(form, "password");
      if (username === undefined || username.length > 256) {
        return await loginPage(c, deps, { interactionId, error: "missing_username" });
      }
      if (password === undefined || password.length > 1024) {
        return await loginPage(c, deps, { interactionId, username, error: "missing_password" });
      }
      const { outcome, told } = await signInWithPassword(deps, { ...attempt, username, password });
      if (told !== null) tellRateLimit(c, told);
      if (outcome.kind === "too_many_attempts") {
        return await loginPage(c, deps, { interactionId, username, error: "too_many_attempts" });
      }
      if (outcome.kind === "refused") {
        return await loginPage(c, deps, { interactionId, username, error: "wrong_credentials" });
      }
      return await goOn(c, deps, outcome, interactionId);
    });
}

const statuses = {
  wrong_credentials: 401,
  missing_username: 400,
  missing_password: 400,
  form_expired: 400,
  too_many_attempts: 429,
  ...passkeyStatuses,
} as const satisfies Record<LoginError | PasskeyError, number>;

/** Asks for what a pending request needs of the person, and says what was wrong with an attempt. */
export async function loginPage(
  c: Context<AppEnv>,
  deps: Deps,
  { interactionId, username, error }: {
    readonly interactionId: string;
    readonly username?: string;
    readonly error?: LoginError | PasskeyError;
  },
) {
  const browserDigest = await readBrowser(c, deps, interactionId);
  const pending = await readPendingSignIn(deps, {
    interactionId,
    browserDigest,
    session: await readSession(c, deps),
  });
  if (pending.step.kind === "second_factor") {
    if (isPasskeyError(error)) {
      return await secondFactorPage(c, deps, interactionId, { form: {}, error });
    }
    return c.redirect(`/login/second-factor?interaction=${interactionId}`, 303);
  }
  const status = error === undefined ? 200 : statuses[error];
  const frame = frameOf(c, pending.uiLocales);
  const form = await formToken(deps, browserDigest, "sign_in", interactionId);
  if (pending.step.kind === "passkey") {
    const content = passkeyStep(pending, { frame, interactionId, formToken: form, error });
    return page(c, content, { formsMayLeave: true, status });
  }
  const { client, loginHint, live, choosing } = pending;
  // Our own pages are about whoever is signed in; a client may want somebody else.
  const again = client === null && live !== null ? live.user.value.username : undefined;
  const mayStart = deps.config.signUp === "open" && again === undefined;
  const typed = username ?? again ?? loginHint;
  const content = (
    <LoginPage
      frame={frame}
      action="/login"
      interactionId={interactionId}
      formToken={form}
      clientName={client?.clientName ?? null}
      clientLogoUrl={client === null ? undefined : await clientLogoUrl(client)}
      passwordResetUrl="/password-reset"
      mailSignInUrl={`/magic-link?interaction=${interactionId}`}
      {...(mayStart ? { signUpUrl: `/sign-up?interaction=${interactionId}` } : {})}
      helpUrl={`/login/help?interaction=${interactionId}`}
      reauthenticate={again !== undefined}
      {...(typed === undefined ? {} : { username: typed })}
      {...(error === undefined ? {} : { error })}
      {...(live && choosing ? { currentPerson: { name: displayName(live) } } : {})}
      {...(again === undefined || live?.user.value.passkeys.length
        ? { passkeyScriptUrl: passkeyAsset.url }
        : {})}
    />
  );
  return page(c, content, { formsMayLeave: true, status });
}

/** Only a passkey does, of whoever is signed in. */
function passkeyStep(
  { client, live, step }: PendingSignIn,
  { frame, interactionId, formToken, error }: {
    readonly frame: Frame;
    readonly interactionId: string;
    readonly formToken: string;
    readonly error: LoginError | PasskeyError | undefined;
  },
) {
  const orRecoveryCode = step.kind === "passkey" && step.orRecoveryCode;
  return (
    <PasskeyStepPage
      frame={frame}
      scriptUrl={passkeyAsset.url}
      action={`/login/passkey?interaction=${interactionId}`}
      optionsUrl="/login/passkey/options"
      fields={{ interaction: interactionId, form_token: formToken }}
      clientName={client?.clientName ?? null}
      person={{ name: live === null ? "" : displayName(live) }}
      {...(isPasskeyError(error) ? { error } : {})}
      passkeysUrl="/account/security/passkeys"
      recoveryCodeUrl={orRecoveryCode ? `/login/second-factor?interaction=${interactionId}` : null}
    />
  );
}
