import type { Context } from "hono";
import { ipAddressClass } from "../../src/claims/ip_address_class.ts";
import { methodsOf } from "../../src/claims/sign_in_methods.ts";
import { deviceReader } from "../../src/language/device.ts";
import {
  endOtherSessions,
  endOwnSession,
  listOwnSessions,
} from "../../src/account/own_sessions.ts";
import { isRandomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { SessionsPage, type SessionsPageProps } from "../../src/ui/account/sessions_page.tsx";
import * as sessions from "../../stores/sessions.ts";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { clearSession, keepDevice } from "../http/cookies.ts";
import { readQuery, single } from "../http/form.ts";
import { frameOf, page, type PageOptions } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import {
  accountForm,
  accountFormToken,
  accountRequest,
  showAccountPageAgain,
  takeAccountAnswer,
} from "./http.ts";
import { shownUserOf } from "./shown_user.ts";

const path = "/account/sessions";

/** The pages of the user's sessions. Ending a session is always safe, so it needs no recent sign-in. */
export function accountSessionRoutes(deps: Deps): Pages {
  return pages()
    .get(path, async (c) => {
      const request = await accountRequest(c, deps, path);
      const answer = await takeAccountAnswer(c, deps, request, { unknown: 404 });
      if (answer !== null) return await sessionsPage(c, deps, "unknown", { status: 404 });
      const done = single(readQuery(c.req.raw), "done");
      const notice = done === "ended" ? "ended" : done === "others" ? "othersEnded" : null;
      return await sessionsPage(c, deps, notice);
    })
    .form(`${path}/end`, once(accountForm(deps, path), ended), async (c, { form, request }) => {
      const sessionId = single(form, "session") ?? "";
      if (!isRandomId(sessionId) || !await endOwnSession(deps, request, sessionId)) {
        return await showAccountPageAgain(c, deps, request, path, { errors: ["unknown"] });
      }
      if (sessionId === request.session?.sessionId) {
        clearSession(c, deps);
        return c.redirect("/account", 303);
      }
      return ended(c);
    })
    .form(`${path}/end-others`, accountForm(deps, path), async (c, { request }) => {
      await keepDevice(c, deps, await endOtherSessions(deps, request));
      return c.redirect(`${path}?done=others`, 303);
    });
}

function ended(c: Context<AppEnv>) {
  return c.redirect(`${path}?done=ended`, 303);
}

async function sessionsPage(
  c: Context<AppEnv>,
  deps: Deps,
  notice: SessionsPageProps["notice"],
  options: PageOptions = {},
) {
  const request = await accountRequest(c, deps, path);
  const [deviceOf, { holder, sessions: live, more }] = await Promise.all([
    deviceReader(),
    listOwnSessions(deps, request),
  ]);
  const content = (
    <SessionsPage
      frame={frameOf(c)}
      user={shownUserOf(holder)}
      formToken={await accountFormToken(c, deps, request)}
      sessions={live.map((session) => ({
        id: sessions.idOf(session),
        isCurrent: sessions.idOf(session) === holder.id,
        device: deviceOf(session.value.userAgent),
        place: ipAddressClass(session.value.address),
        methods: methodsOf(session.value.amr),
        signedInAt: session.value.authTime,
        lastSeenAt: session.value.lastSeenAt,
      }))}
      more={more}
      notice={notice}
    />
  );
  return page(c, content, options);
}
