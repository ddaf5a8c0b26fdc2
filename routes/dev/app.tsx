import type { Context } from "hono";
import type { DemoSession } from "../../stores/demo_sessions.ts";
import { createDemo, type DemoAction } from "../../src/demo/demo.ts";
import type { Fetch } from "../../src/demo/recorder.ts";
import { demoPath } from "../../src/demo/relying_party.ts";
import { shownSession } from "../../src/demo/shown_session.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { DemoPage } from "../../src/ui/demo_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { formToken } from "../http/form_token.ts";
import { frameOf, page } from "../http/page.tsx";
import { browserForm } from "../http/page_form.ts";
import { readVisit } from "./demo_cookie.ts";

/**
 * The demo relying party, only in development.
 *
 * @param fetch how it reaches the issuer's public endpoints
 */
export function demoRoutes(deps: Deps, fetch: Fetch = globalThis.fetch): Pages {
  const demo = createDemo(deps, fetch);
  const button = (action: DemoAction) => async (c: Context<AppEnv>) => {
    return c.redirect(await action(await readVisit(c, deps)) ?? demoPath, 303);
  };
  const form = browserForm(deps, "demo");
  return pages()
    .get(demoPath, async (c) => {
      const visit = await readVisit(c, deps);
      const state = single(readQuery(c.req.raw), "state");
      if (state === undefined) return await demoPage(c, deps, await demo.read(visit));
      await demo.finishSignOut(visit, state);
      return c.redirect(demoPath, 303);
    })
    .get(`${demoPath}/callback`, async (c) => {
      const { search } = new URL(c.req.url);
      const callback = new URL(`${deps.config.issuer}${demoPath}/callback${search}`);
      await demo.finishSignIn(await readVisit(c, deps), callback);
      return c.redirect(demoPath, 303); // so that a reload opens the page and does not send a spent code
    })
    .form(`${demoPath}/sign-in`, form, button(demo.signIn))
    .form(`${demoPath}/refresh`, form, button(demo.refresh))
    .form(`${demoPath}/introspect`, form, button(demo.introspect))
    .form(`${demoPath}/revoke`, form, button(demo.revoke))
    .form(`${demoPath}/sign-out`, form, button(demo.signOut));
}

async function demoPage(c: Context<AppEnv>, deps: Deps, session: DemoSession | null) {
  const content = (
    <DemoPage
      frame={frameOf(c)}
      formToken={await formToken(deps, await readBrowser(c, deps), "demo")}
      base={demoPath}
      exchanges={session?.exchanges ?? []}
      {...(session?.tokens ? { session: shownSession(session.tokens) } : {})}
      {...(session?.notice ? { notice: session.notice } : {})}
    />
  );
  return page(c, content);
}
