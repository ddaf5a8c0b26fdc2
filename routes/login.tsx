import type { Context } from "hono";
import { Hono } from "hono";
import { readPendingRequest } from "../src/authorize/interaction.ts";
import { continueAsSignedIn, signInWithPassword } from "../src/authn/password_sign_in.ts";
import type { Deps } from "../src/deps.ts";
import { reserveSignIn } from "../src/limits/sign_in.ts";
import { displayName } from "../src/oidc/logout.ts";
import { type LoginError, LoginPage } from "../src/ui/login_page.tsx";
import { clientLogoUrl } from "./http/client_logo_url.ts";
import type { AppEnv } from "./http/context.ts";
import { readBrowser, readSession, setSession } from "./http/cookies.ts";
import { readForm, readQuery, single } from "./http/form.ts";
import { assertOwnForm, formToken } from "./http/form_token.ts";
import { interactionParameter } from "./http/interaction.ts";
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
      const interactionId = interactionParameter(form);
      const browserDigest = await readBrowser(c, deps);
      await assertOwnForm(c, deps, form, browserDigest, interactionId);
      const session = await readSession(c, deps);
      const step = { origin: c.get("origin"), interactionId, browserDigest, session };

      if (single(form, "choice") === "continue") {
        await continueAsSignedIn(deps, step);
        return resume(c, interactionId);
      }
      const username = single(form, "username");
      const password = single(form, "password");
      if (username === undefined || username.length > 256) {
        return await loginPage(c, deps, { interactionId, error: "missing_username" });
      }
      if (password === undefined || password.length > 1024) {
        return await loginPage(c, deps, { interactionId, username, error: "missing_password" });
      }
      const attempt = await reserveSignIn(deps, step.origin, username);
      tellRateLimit(c, attempt);
      if (!attempt.passed) {
        return await loginPage(c, deps, { interactionId, username, error: "too_many_attempts" });
      }
      const userAgent = c.req.header("user-agent") ?? null;
      const answer = await signInWithPassword(deps, { ...step, username, password, userAgent });
      if (answer.cookie === null) {
        return await loginPage(c, deps, { interactionId, username, error: "wrong_credentials" });
      }
      setSession(c, deps, answer.cookie);
      return resume(c, interactionId);
    });
}

const statuses = {
  wrong_credentials: 401,
  missing_username: 400,
  missing_password: 400,
  form_expired: 400,
  too_many_attempts: 429,
} as const satisfies Record<LoginError, number>;

function resume(c: Context<AppEnv>, interactionId: string) {
  return c.redirect(`/authorize/resume?interaction=${interactionId}`, 303);
}

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
  const { client, request, live } = await readPendingRequest(deps, {
    interactionId,
    browserDigest,
    session: await readSession(c, deps),
  });
  // Who must prove it again, or be somebody else, has nothing to continue as.
  const choosing = request.prompt.includes("select_account") && !request.prompt.includes("login");
  const typed = username ?? request.login_hint;
  const content = (
    <LoginPage
      frame={frameOf(c, request.ui_locales)}
      action="/login"
      interactionId={interactionId}
      formToken={await formToken(deps, browserDigest, interactionId)}
      clientName={client.clientName}
      clientLogoUrl={await clientLogoUrl(client)}
      passwordResetUrl="/password-reset"
      {...(typed === undefined ? {} : { username: typed })}
      {...(error === undefined ? {} : { error })}
      {...(live && choosing ? { currentPerson: { name: displayName(live) } } : {})}
    />
  );
  const status = error === undefined ? 200 : statuses[error];
  return page(c, content, { formsMayLeave: true, status });
}
