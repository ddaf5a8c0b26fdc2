import type { Context } from "hono";
import { Hono } from "hono";
import { continueAsSignedIn, signInWithPassword } from "../src/authn/password_sign_in.ts";
import { readPendingSignIn } from "../src/authn/pending_sign_in.ts";
import type { Deps } from "../src/deps.ts";
import { reserveSignIn } from "../src/limits/sign_in.ts";
import { displayName } from "../src/oidc/logout.ts";
import { type LoginError, LoginPage } from "../src/ui/login_page.tsx";
import type { AppEnv } from "./http/context.ts";
import { readBrowser, readSession } from "./http/cookies.ts";
import { readForm, readQuery, single } from "./http/form.ts";
import { formToken } from "./http/form_token.ts";
import { goOn, interactionParameter, readAttempt } from "./http/interaction.ts";
import { frameOf, page } from "./http/page.tsx";
import { tellRateLimit } from "./http/rate_limit.ts";

/** Where a person says who they are, for a pending authorization request. */
export function loginRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/login", async (c) => {
      const interactionId = interactionParameter(readQuery(c.req.raw));
      return await loginPage(c, deps, { interactionId });
    })
    .post("/login", async (c) => {
      const form = await readForm(c.req.raw);
      const attempt = await readAttempt(c, deps, form);
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
      const reservation = await reserveSignIn(deps, attempt.origin, username);
      tellRateLimit(c, reservation);
      if (!reservation.passed) {
        return await loginPage(c, deps, { interactionId, username, error: "too_many_attempts" });
      }
      const outcome = await signInWithPassword(deps, { ...attempt, username, password });
      if (outcome.kind === "refused") {
        return await loginPage(c, deps, { interactionId, username, error: "wrong_credentials" });
      }
      return goOn(c, deps, outcome, interactionId);
    });
}

const statuses = {
  wrong_credentials: 401,
  missing_username: 400,
  missing_password: 400,
  form_expired: 400,
  too_many_attempts: 429,
} as const satisfies Record<LoginError, number>;

async function loginPage(
  c: Context<AppEnv>,
  deps: Deps,
  { interactionId, username, error }: {
    readonly interactionId: string;
    readonly username?: string;
    readonly error?: LoginError;
  },
) {
  const browserDigest = await readBrowser(c, deps);
  const pending = await readPendingSignIn(deps, {
    interactionId,
    browserDigest,
    session: await readSession(c, deps),
  });
  if (pending.step.kind === "second_factor") {
    return c.redirect(`/login/second-factor?interaction=${interactionId}`, 303);
  }
  const { clientName, loginHint, live, choosing } = pending;
  // Our own pages are about whoever is signed in; a client may want somebody else.
  const again = clientName === null && live !== null ? live.user.value.username : undefined;
  const mayStart = deps.config.signUp === "open" && again === undefined;
  const typed = username ?? again ?? loginHint;
  const content = (
    <LoginPage
      frame={frameOf(c, pending.uiLocales)}
      action="/login"
      interactionId={interactionId}
      formToken={await formToken(deps, browserDigest, interactionId)}
      clientName={clientName}
      passwordResetUrl="/password-reset"
      mailSignInUrl={`/magic-link?interaction=${interactionId}`}
      {...(mayStart ? { signUpUrl: `/sign-up?interaction=${interactionId}` } : {})}
      helpUrl={`/login/help?interaction=${interactionId}`}
      reauthenticate={again !== undefined}
      {...(typed === undefined ? {} : { username: typed })}
      {...(error === undefined ? {} : { error })}
      {...(live && choosing ? { currentPerson: { name: displayName(live) } } : {})}
    />
  );
  const status = error === undefined ? 200 : statuses[error];
  return page(c, content, { formsMayLeave: true, status });
}
