import type { Context } from "hono";
import { type PendingSignIn, readPendingSignIn } from "../../src/authn/pending_sign_in.ts";
import type { SignInAttempt, SignInOutcome } from "../../src/authn/sign_in_attempt.ts";
import { isRandomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { tidyMailAddress } from "../../src/identifiers/mail_address.ts";
import { RequestWentOn } from "../../src/interactions/own_interaction.ts";
import { isInteractionId, keepOwnPage } from "../../src/interactions/own_page.ts";
import { OAuthError, type PageSituation } from "../../src/protocol/errors.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import { carryRequest } from "./carried_requests.ts";
import { type AppEnv, userAgentOf } from "./context.ts";
import { keepSignIn, readBrowser, readDevices, readSession } from "./cookies.ts";
import { type Parameters, single } from "./form.ts";
import type { FormKind } from "./page_form.ts";

/**
 * The id of a page's interaction. It is the only fact about the interaction that comes from the
 * browser.
 *
 * @throws {OAuthError} `invalid_request`
 */
export function interactionParameter(parameters: Parameters): string {
  return checkedId(parameters, "interaction", "other_browser", isInteractionId);
}

/** The same where a page may be about none. @returns null: no request waits */
export function optionalInteraction(parameters: Parameters): string | null {
  return parameters.interaction === undefined ? null : interactionParameter(parameters);
}

/** The id of a request of a page that has no interaction. @throws {OAuthError} `invalid_request` */
export function requestParameter(parameters: Parameters, situation: PageSituation): string {
  return checkedId(parameters, "request", situation, isRandomId);
}

function checkedId(
  parameters: Parameters,
  name: string,
  situation: PageSituation,
  fits: (text: string) => boolean,
): string {
  const id = single(parameters, name) ?? "";
  if (fits(id)) return id;
  throw new OAuthError("invalid_request", `${name} is missing: start again at the application`, {
    situation,
  });
}

/** A form of a sign-in, and its sign-in attempt. */
export function signInForm(deps: Deps): FormKind<{ readonly attempt: SignInAttempt }> {
  return {
    deps,
    identify: async (c, form) => {
      const interactionId = interactionParameter(form);
      const browserDigest = await readBrowser(c, deps, interactionId);
      const attempt = {
        origin: c.get("origin"),
        interactionId,
        browserDigest,
        session: await readSession(c, deps),
        devices: await readDevices(c, deps),
        userAgent: userAgentOf(c),
      };
      return { subject: ["sign_in", interactionId], browserDigest, details: { attempt } };
    },
    begin: async (c, { details: { attempt } }) => {
      const { recordId, carried } = await keepOwnPage(deps, attempt);
      if (carried !== null) await carryRequest(c, deps, carried);
      return { attempt: { ...attempt, interactionId: recordId } };
    },
  };
}

/**
 * A pending request, for a sign-in page.
 *
 * @throws {RequestWentOn} if there is nothing left to do there, for example after a sign-in in
 *   another tab
 */
export async function readWaitingRequest(
  c: Context<AppEnv>,
  deps: Deps,
  interactionId: string,
): Promise<{ readonly pending: PendingSignIn; readonly browserDigest: string }> {
  const browserDigest = await readBrowser(c, deps, interactionId);
  const session = await readSession(c, deps);
  const pending = await readPendingSignIn(deps, { interactionId, browserDigest, session });
  if (pending.step.kind === "none") throw new RequestWentOn(interactionId);
  c.set("uiLocales", pending.uiLocales);
  return { pending, browserDigest };
}

/** The client's name on a sign-in page; null: a page of this server asks. */
export function clientNameOf({ requester }: PendingSignIn): string | null {
  return requester.kind === "client" ? requester.client.clientName : null;
}

/** The mail address to fill in, if the client named the user by one; undefined: none. */
export function hintedAddressOf({ loginHint }: PendingSignIn): string | undefined {
  return tidyMailAddress(loginHint ?? "") ?? undefined;
}

/** The URL where the browser continues after a step of a sign-in. */
function nextPage(outcome: SignInOutcome, interactionId: string): string {
  const path = outcome.kind === "signed_in" ? "/authorize/resume" : "/login/second-factor";
  return interactionUrl(path, interactionId);
}

/** Redirects the browser to /authorize/resume, which decides what the request needs next. */
export function resume(c: Context<AppEnv>, interactionId: string) {
  c.header("Cache-Control", "no-store");
  return c.redirect(interactionUrl("/authorize/resume", interactionId), 303);
}

/** Redirects the browser, with its new session if it has one. */
export async function redirectToNextStep(
  c: Context<AppEnv>,
  deps: Deps,
  outcome: SignInOutcome,
  interactionId: string,
) {
  if (outcome.kind === "signed_in") await keepSignIn(c, deps, outcome.cookies);
  return c.redirect(nextPage(outcome, interactionId), 303);
}
