import type { Context } from "hono";
import { formatCode, parseCode } from "../../src/identifiers/letter_code.ts";
import { findDevice } from "../../src/authn/known_browser.ts";
import { signInWithEmailCode } from "../../src/authn/mail/email_code.ts";
import {
  readMagicLink,
  signInWithMagicLink,
  turnIntoCode,
} from "../../src/authn/mail/magic_link.ts";
import { requestMailSignIn } from "../../src/authn/mail/request.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { reserveRequestedMail } from "../../src/limits/mail.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
import { tidyMailAddress } from "../../src/identifiers/mail_address.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import { readRequester } from "../../src/mail/requester.ts";
import {
  type CodeError,
  LinkCodePage,
  LinkElsewherePage,
  MagicLinkPage,
  MailSentPage,
  MailSignInPage,
} from "../../src/ui/mail_sign_in_pages.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { type AppEnv, userAgentOf } from "../http/context.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { type Parameters, readQuery, single } from "../http/form.ts";
import { showAgain, takeFormAnswer } from "../http/form_answer.ts";
import { formToken } from "../http/form_token.ts";
import {
  clientNameOf,
  hintedAddressOf,
  interactionParameter,
  readWaitingRequest,
  redirectToNextStep,
  requestParameter,
  resume,
  signInForm,
} from "../http/interaction.ts";
import { deadLink, linkForm } from "../http/link_form.ts";
import { frameOf, page } from "../http/page.tsx";
import { tellRateLimit } from "../http/rate_limit.ts";
import { situationPage } from "../http/situation_page.tsx";

const path = "/magic-link";
const purpose = "sign_in_link";

/** Sign-in by mail: a link, or a code to type. */
export function magicLinkRoutes(deps: Deps): Pages {
  return pages()
    .get(path, (c) => requestPage(c, deps, interactionParameter(readQuery(c.req.raw))))
    .form(path, signInForm(deps), async (c, { form, attempt }) => {
      const { interactionId, browserDigest, origin } = attempt;
      const typed = single(form, "email")?.trim() ?? "";
      const address = tidyMailAddress(typed);
      if (address === null) {
        const answer = { errors: ["invalid"], typed: { email: typed.slice(0, 254) } };
        return await showAgain(c, deps, interactionUrl(path, interactionId), answer);
      }
      const device = await findDevice(deps, attempt.devices, address);
      const counted = { address: origin.address, device };
      const reservation = await reserveRequestedMail(deps, counted, address);
      assertPassed(reservation);
      tellRateLimit(c, reservation);
      const { language } = frameOf(c);
      const way = wayOf(form);
      const requester = await readRequester(origin, attempt.userAgent);
      const requestId = await requestMailSignIn(deps, {
        origin,
        interactionId,
        browserDigest,
        address,
        way,
        language,
        requester,
        device,
      });
      return c.redirect(sentUrl(interactionId, requestId, way), 303);
    }, { storesForStrangers: true })
    .get(`${path}/sent`, (c) => sentPage(c, deps, readQuery(c.req.raw)))
    .form(`${path}/code`, signInForm(deps), async (c, { form, attempt }) => {
      const handle = requestParameter(form, "other_browser");
      const code = parseCode(single(form, "code") ?? "");
      const url = sentUrl(attempt.interactionId, handle, wayOf(form));
      const refuse = (error: CodeError) => showAgain(c, deps, url, { errors: [error] });
      if (code === null) return await refuse("missing_code");
      const outcome = await signInWithEmailCode(deps, { ...attempt, handle, code });
      if (outcome.kind === "refused") return await refuse("wrong_code");
      if (outcome.kind === "too_many_attempts") return await refuse("too_many_attempts");
      if (outcome.kind === "repeated") return resume(c, attempt.interactionId);
      return redirectToNextStep(c, deps, outcome, attempt.interactionId);
    })
    // Opening the page spends nothing, because mail scanners open every link.
    .get(`${path}/confirm`, (c) => {
      return linkPage(c, deps, single(readQuery(c.req.raw), "token") ?? "");
    })
    .form(`${path}/confirm`, linkForm(deps, purpose), async (c, { token, browserDigest }) => {
      const link = await readMagicLink(deps, { token, browserDigest });
      if (link === null) throw deadLink("sign_in_link_dead");
      if (!link.here) throw deadLink("sign_in_link_other_browser");
      const { interactionId } = link;
      const outcome = await signInWithMagicLink(deps, {
        origin: c.get("origin"),
        token,
        interactionId,
        browserDigest,
        session: await readSession(c, deps),
        devices: [], // a link cannot be guessed
        userAgent: userAgentOf(c),
      });
      if (outcome === null) throw deadLink("sign_in_link_dead");
      if (outcome.kind === "repeated") return resume(c, interactionId);
      return redirectToNextStep(c, deps, outcome, interactionId);
    })
    .form(`${path}/elsewhere`, linkForm(deps, purpose), async (c, { token }) => {
      const code = await turnIntoCode(deps, { origin: c.get("origin"), token });
      if (code === null) throw deadLink("sign_in_link_dead");
      // Not by a GET, because a mail scanner would see the code. If the form is sent again, it shows
      // the same code.
      return page(c, <LinkCodePage frame={frameOf(c)} code={formatCode(code)} />);
    });
}

function wayOf(parameters: Parameters): "link" | "code" {
  return single(parameters, "way") === "code" ? "code" : "link";
}

function sentUrl(interactionId: string, requestId: string, way: "link" | "code"): string {
  return `${path}/sent?${new URLSearchParams({
    interaction: interactionId,
    request: requestId,
    way,
  })}`;
}

async function pendingProps(c: Context<AppEnv>, deps: Deps, interactionId: string) {
  const { pending, browserDigest } = await readWaitingRequest(c, deps, interactionId);
  const props = {
    frame: frameOf(c, pending.uiLocales),
    interactionId,
    formToken: await formToken(deps, browserDigest, "sign_in", interactionId),
    clientName: clientNameOf(pending),
  };
  return { props, email: hintedAddressOf(pending) };
}

async function requestPage(c: Context<AppEnv>, deps: Deps, interactionId: string) {
  const { props, email } = await pendingProps(c, deps, interactionId);
  const answer = await takeFormAnswer(c, deps, { invalid: 400 });
  const field = answer === null ? { email } : { email: answer.typed.email ?? "", invalid: true };
  const content = <MailSignInPage {...props} {...field} />;
  return page(c, content, { formsMayLeave: true, status: answer === null ? 200 : 400 });
}

const statuses = {
  wrong_code: 401,
  missing_code: 400,
  too_many_attempts: 429,
} as const satisfies Record<CodeError, number>;

async function sentPage(c: Context<AppEnv>, deps: Deps, parameters: Parameters) {
  const error = (await takeFormAnswer(c, deps, statuses))?.errors[0] ?? null;
  const { props } = await pendingProps(c, deps, interactionParameter(parameters));
  const content = (
    <MailSentPage
      {...props}
      way={wayOf(parameters)}
      requestId={requestParameter(parameters, "other_browser")}
      {...(error === null ? {} : { error })}
    />
  );
  const status = error === null ? 200 : statuses[error];
  return page(c, content, { formsMayLeave: true, status });
}

async function linkPage(c: Context<AppEnv>, deps: Deps, token: string) {
  const browserDigest = await readBrowser(c, deps);
  const link = await readMagicLink(deps, { token, browserDigest });
  if (link === null) return deadLinkPage(c);
  const { username, clientName, uiLocales, here } = link;
  const form = {
    // Another browser may be another device, with a language of its own.
    frame: frameOf(c, here ? uiLocales : undefined),
    token,
    formToken: await formToken(deps, browserDigest, purpose, token),
  };
  if (!here) return page(c, <LinkElsewherePage {...form} />);
  const content = <MagicLinkPage {...form} username={username} clientName={clientName} />;
  return page(c, content, { formsMayLeave: true });
}

function deadLinkPage(c: Context<AppEnv>) {
  return situationPage(c, "sign_in_link_dead", 400);
}
