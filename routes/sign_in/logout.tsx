import type { Context } from "hono";
import { hasNamedItself, isOperators } from "../../src/clients/registered_by.ts";
import type { Client } from "../../stores/clients.ts";
import { isRandomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { endBySignOut, type LogoutAnswer } from "../../src/logout/logout.ts";
import { keepLogoutRequest } from "../../src/logout/logout_request.ts";
import type { WayBack } from "../../src/logout/way_back.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { noteRefusal } from "../../src/protocol/refusals.ts";
import { GoingBackPage, LogoutPage, SignedOutPage } from "../../src/ui/logout_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { clearSession, readBrowser, readDevices, readSession } from "../http/cookies.ts";
import { type Parameters, readQuery, readRepeatableForm, single } from "../http/form.ts";
import { formToken } from "../http/form_token.ts";
import { requestParameter } from "../http/interaction.ts";
import { frameOf, page } from "../http/page.tsx";
import type { FormKind } from "../http/page_form.ts";

/** Sign-out at a client's request. @see OpenID Connect RP-Initiated Logout section 2 */
export function logoutRoutes(deps: Deps): Pages {
  return pages()
    .get("/logout", async (c) => {
      const parameters = await unlessUnreadable(() => readQuery(c.req.raw));
      const origin = c.get("origin");
      const kept = single(parameters, "request") ?? "";
      const requestId = isRandomId(kept)
        ? kept
        : await keepLogoutRequest(deps, { origin, parameters });
      const browser = await readSignIns(c, deps);
      const step = { origin, requestId, ...browser, confirmed: false };
      return await respond(c, deps, await endBySignOut(deps, step), parameters.ui_locales);
    }, { storesForStrangers: true })
    .crossSitePost("/logout", async (c) => {
      // A POST from another site brings no Lax cookie. The GET that follows brings it.
      const parameters = await unlessUnreadable(() => readRepeatableForm(c.req.raw));
      const requestId = await keepLogoutRequest(deps, { origin: c.get("origin"), parameters });
      const query = { request: requestId, ...pageLanguage(parameters.ui_locales) };
      return c.redirect(`/logout?${new URLSearchParams(query)}`, 303);
    }, { storesForStrangers: true })
    .form("/logout/confirm", signOutForm(deps), async (c, { form, requestId }) => {
      const browser = await readSignIns(c, deps);
      const step = { origin: c.get("origin"), requestId, ...browser, confirmed: true };
      return await respond(c, deps, await endBySignOut(deps, step), single(form, "ui_locales"));
    });
}

/** The session of this browser, and the accounts that have signed in with it. */
async function readSignIns(c: Context<AppEnv>, deps: Deps) {
  return { session: await readSession(c, deps), devices: await readDevices(c, deps) };
}

/** Parameters that cannot be read must not keep a user from signing out: they are ignored, all of them. */
async function unlessUnreadable(
  read: () => Parameters | Promise<Parameters>,
): Promise<Parameters> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof OAuthError) || error.status !== null) throw error;
    noteRefusal(error.reason, error.message);
    return {};
  }
}

function signOutForm(deps: Deps): FormKind<{ readonly requestId: string }> {
  return {
    deps,
    identify: async (c, form) => {
      const requestId = requestParameter(form, "logout_refused");
      return {
        subject: ["sign_out", requestId],
        browserDigest: await readBrowser(c, deps),
        details: { requestId },
      };
    },
  };
}

async function respond(
  c: Context<AppEnv>,
  deps: Deps,
  answer: LogoutAnswer,
  uiLocales: string | string[] | undefined,
) {
  const language = pageLanguage(uiLocales);
  const frame = frameOf(c, language.ui_locales);
  if (answer.kind === "ask") {
    const token = await formToken(deps, await readBrowser(c, deps), "sign_out", answer.requestId);
    const content = (
      <LogoutPage
        frame={frame}
        action="/logout/confirm"
        fields={{ request: answer.requestId, form_token: token, ...language }}
        user={{ name: answer.name }}
        {...(answer.client ? { client: requesterOf(answer.client) } : {})}
      />
    );
    return page(c, content, { formsMayLeave: true });
  }
  clearSession(c, deps);
  c.header("Cache-Control", "no-store");
  const { client, wayBack, told } = answer;
  const frames = told.flatMap(({ frameUrl }) => frameUrl ?? []);
  if (client === null || wayBack?.isAutomatic !== true) {
    const wayOn = client && wayOnTo(client, wayBack);
    return page(c, <SignedOutPage frame={frame} told={told} {...wayOn} />, { frames });
  }
  if (frames.length === 0) return c.redirect(wayBack.url, 303);
  const back = { name: client.clientName, redirectUri: wayBack.url };
  // Nobody reads this page for long, and another language would ask for another sign-out.
  const silent = { ...frame, languageLinks: [] };
  return page(c, <GoingBackPage frame={silent} told={told} client={back} />, { frames });
}

function requesterOf(client: Client) {
  return { name: client.clientName, isSelfNamed: hasNamedItself(client) };
}

/**
 * The link of the last page. Of what a client says of itself the host is shown and no name: it could have
 * given itself any, and a name that an operator has checked says nothing of where another member leads.
 */
function wayOnTo(client: Client, wayBack: WayBack | null) {
  if (wayBack !== null) return { uncheckedUrl: wayBack.url };
  const { clientName: name, clientUri: url } = client;
  if (url === null) return {};
  return isOperators(client, "client_name") && isOperators(client, "client_uri")
    ? { client: { name, url } }
    : { uncheckedUrl: url };
}

/** The parameter that the next page of the same request needs. */
function pageLanguage(uiLocales: string | string[] | undefined): { ui_locales?: string } {
  return typeof uiLocales === "string" ? { ui_locales: uiLocales.slice(0, 256) } : {};
}
