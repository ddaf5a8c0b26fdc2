import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import type { Deps } from "../../src/deps/deps.ts";
import { RequestFinished } from "../../src/interactions/own_interaction.ts";
import { fill } from "../../src/language/fill.tsx";
import { strings } from "../../src/language/languages.ts";
import { type OAuthError, statusOf } from "../../src/protocol/errors.ts";
import {
  ErrorPage,
  type ErrorSituation,
  errorSituationOf,
  isErrorSituation,
  waysOn,
} from "../../src/ui/error_page.tsx";
import type { WayOn } from "../../src/ui/ways_on.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "./context.ts";
import { hasCookies } from "./cookies.ts";
import { ownPath } from "./own_path.ts";
import { frameOf, page } from "./page.tsx";
import { backToFormPage, formPageOf } from "./refused_form.ts";
import { sealedCookie } from "./sealed_cookie.ts";
import { situationPage } from "./situation_page.tsx";

const path = "/error";

const schema = z.object({
  code: z.string(),
  situation: z.string().refine(isErrorSituation),
  description: z.string(),
  reference: z.string(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  /** The page of the form, or the requested page, to try again. */
  again: z.string().nullable(),
});
type ShownError = z.infer<typeof schema>;

const kept = sealedCookie("error", 300, schema);

/**
 * Answers with a page that says what went wrong. The error page of a form is opened by a GET at its own
 * URL, so that a reload does not send the form again.
 */
export async function errorPage(
  c: Context<AppEnv>,
  deps: Deps,
  error: OAuthError,
): Promise<Response> {
  const situation = situationOf(c, deps, error);
  const shown: ShownError = {
    code: error.code,
    situation,
    description: error.description,
    reference: c.get("origin").requestId,
    status: statusOf(error, "page"),
    headers: error.headers,
    again: againAt(c, deps, situation),
  };
  // A request that no page of ours sends, such as one with too large a body, is answered at its own
  // URL.
  const isMet = error.situation !== null || error.status === 429;
  const formPage = formPageOf(c, deps);
  if (situation === "form_refused" && formPage !== null) {
    return await backToFormPage(c, deps, formPage);
  }
  const moves = isOwnForm(c, deps) && isMet && !stays.includes(situation);
  if (moves && await kept.keep(c, deps, "", shown)) {
    c.header("Cache-Control", "no-store");
    return c.redirect(path, 303);
  }
  return render(c, deps, shown, error);
}

/**
 * These have no page of their own. A form with a wrong token that names no page may be none of ours, and a
 * browser without cookies would find nothing there.
 */
const stays: readonly ErrorSituation[] = ["form_refused", "no_cookies"];

/**
 * A browser that keeps no cookies cannot be told anything by a redirect. Its form would be refused for ever, and
 * each time the same page would come back without a word. A browser that was closed meanwhile has lost the
 * cookie of its forms alone, and gets the page with a new one.
 */
function situationOf(c: Context<AppEnv>, deps: Deps, error: OAuthError): ErrorSituation {
  if (error.status === 429) return "too_many_requests";
  const cameWithout = c.get("newBrowser") !== undefined && !hasCookies(c);
  if (error.situation === "form_refused" && cameWithout && isOwnForm(c, deps)) return "no_cookies";
  return error.situation ?? errorSituationOf(error.code);
}

/** The URL of a form's error page. */
export function errorPageRoutes(deps: Deps): Pages {
  return pages().get(path, async (c) => {
    const shown = await kept.read(c, deps, "");
    if (shown === null) return situationPage(c, "not_found", 404);
    c.set("refusedForm", "shown");
    return render(c, deps, shown);
  });
}

function render(c: Context<AppEnv>, deps: Deps, shown: ShownError, error?: OAuthError) {
  for (const [name, value] of Object.entries(shown.headers)) c.header(name, value);
  const frame = frameOf(c);
  const details = deps.config.environment === "development"
    ? Object.entries({ ...error?.developmentDetails, reason: error?.reason ?? "" })
      .filter(([, value]) => value !== "").map(([name, value]) => ({ name, value }))
    : [];
  const { error: { ways: labels }, common } = strings(frame.language);
  const ways: WayOn[] = [...waysOn(frame.language, shown.situation)];
  if (shown.situation === "other_address") {
    const { issuer } = deps.config; // a path alone would lead to the other address again
    ways.splice(0, ways.length, {
      label: fill(labels.ownAddress, { address: issuer }),
      href: `${issuer}/`,
    });
  }
  if (shown.again !== null) ways.unshift({ label: labels.again, href: shown.again });
  if (error instanceof RequestFinished && error.application !== null) {
    const { name, url } = error.application;
    ways.unshift({ label: fill(common.opensClient, { client: name }), href: url, foreign: true });
  }
  const content = (
    <ErrorPage
      frame={frame}
      code={shown.code}
      situation={shown.situation}
      description={shown.description}
      reference={shown.reference}
      ways={ways}
      {...(details.length > 0 ? { developerDetails: details } : {})}
    />
  );
  return page(c, content, { status: shown.status as ContentfulStatusCode });
}

/** Applications post to these endpoints themselves, and find the error there. */
const endpoints = ["/authorize", "/logout"];

/** Whether it is a form of one of our pages. A POST from another site is refused at its own URL. */
function isOwnForm(c: Context<AppEnv>, deps: Deps): boolean {
  return !endpoints.includes(c.req.path) && c.req.method === "POST" &&
    c.req.header("origin") === deps.config.issuer;
}

/** The page of a form. For a page that could not be shown, that page itself. */
function againAt(c: Context<AppEnv>, deps: Deps, situation: string): string | null {
  if (c.req.method === "POST") return isOwnForm(c, deps) ? formPageOf(c, deps) : null;
  const passes = ["too_many_requests", "unavailable", "internal"].includes(situation);
  if (!passes) return null;
  return ownPath(new URL(c.req.url));
}
