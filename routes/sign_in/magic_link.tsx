import type { Context } from "hono";
import { formatCode, parseCode } from "../../src/authn/mail/code.ts";
import { findDevice } from "../../src/authn/known_browser.ts";
import { signInWithEmailCode } from "../../src/authn/mail/email_code.ts";
import {
  readMagicLink,
  signInWithMagicLink,
  turnIntoCode,
} from "../../src/authn/mail/magic_link.ts";
import { handleOf } from "../../src/authn/mail/factor.ts";
import { requestMailSignIn } from "../../src/authn/mail/request.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { reserveRequestedMail } from "../../src/limits/mail.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
import { tidyMailAddress } from "../../src/identifiers/mail_address.ts";
import { readAsker } from "../../src/mail/asker.ts";
import {
  type CodeError,
  LinkCodePage,
  LinkElsewherePage,
} from "../../src/ui/mail_sign_in_pages.tsx";
import { MagicLinkPage, MailSentPage, MailSignInPage } from "../../src/ui/mail_sign_in_pages.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { type Parameters, readQuery, single } from "../http/form.ts";
import { formToken } from "../http/form_token.ts";
import {
  goOn,
  idParameter,
  interactionParameter,
  readWaitingRequest,
  signInForm,
} from "../http/interaction.ts";
import { linkForm } from "../http/link_form.ts";
import { frameOf, page } from "../http/page.tsx";
import { tellRateLimit } from "../http/rate_limit.ts";
import { situationPage } from "../http/situation_page.tsx";

const path = "/magic-link";
const purpose = "sign_in_link";

/** Signing in by what comes to one's mail address: a link, or a code to type. */
export function magicLinkRoutes(deps: Deps): Pages {
  return pages()
    .get(path, (c) => requestPage(c, deps, interactionParameter(readQuery(c.req.raw))))
    .form(path, signInForm(deps), async (c, { form, attempt }) => {
      const { interactionId, browserDigest, origin } = attempt;
      const typed = single(form, "email")?.trim() ?? "";
      const address = tidyMailAddress(typed);
      if (address === null) return await requestPage(c, deps, interactionId, typed);
      const device = await findDevice(deps, attempt.devices, address);
      const requester = { address: origin.address, device };
      const reservation = await reserveRequestedMail(deps, requester, address);
      assertPassed(reservation);
      tellRateLimit(c, reservation);
      const { language } = frameOf(c);
      const way = wayOf(form);
      const asker = await readAsker(origin, attempt.userAgent);
      const requestId = await requestMailSignIn(deps, {
        origin,
        interactionId,
        browserDigest,
        address,
        way,
        language,
        asker,
        device,
      });
      return c.redirect(sentUrl(interactionId, requestId, way), 303);
    })
    .get(`${path}/sent`, (c) => sentPage(c, deps, readQuery(c.req.raw)))
    .form(`${path}/code`, signInForm(deps), async (c, { form, attempt }) => {
      const handle = idParameter(form, "request", "other_browser");
      const code = parseCode(single(form, "code") ?? "");
      if (code === null) return await sentPage(c, deps, form, "missing_code");
      const outcome = await signInWithEmailCode(deps, { ...attempt, handle, code });
      if (outcome.kind === "refused") return await sentPage(c, deps, form, "wrong_code");
      if (outcome.kind === "too_many_attempts") {
        return await sentPage(c, deps, form, "too_many_attempts");
      }
      if (outcome.kind === "repeated") return resume(c, attempt.interactionId);
      return goOn(c, deps, outcome, attempt.interactionId);
    })
    // Looking spends nothing: programs that check mails for malice open every link in them.
    .get(`${path}/confirm`, (c) => {
      return linkPage(c, deps, single(readQuery(c.req.raw), "token") ?? "");
    })
    .form(`${path}/confirm`, linkForm(deps, purpose), async (c, { token, browserDigest }) => {
      const link = await readMagicLink(deps, { token, browserDigest });
      if (link === null) return deadLinkPage(c);
      if (!link.here) return situationPage(c, "sign_in_link_other_browser", 400);
      const { interactionId } = link;
      const outcome = await signInWithMagicLink(deps, {
        origin: c.get("origin"),
        token,
        interactionId,
        browserDigest,
        session: await readSession(c, deps),
        devices: [], // a link cannot be guessed
        userAgent: c.req.header("user-agent") ?? null,
      });
      if (outcome === null) return deadLinkPage(c);
      if (outcome.kind === "repeated") return resume(c, interactionId);
      return goOn(c, deps, outcome, interactionId);
    })
    .form(`${path}/elsewhere`, linkForm(deps, purpose), async (c, { token }) => {
      const code = await turnIntoCode(deps, { origin: c.get("origin"), token });
      return code === null
        ? deadLinkPage(c)
        : page(c, <LinkCodePage frame={frameOf(c)} code={formatCode(code)} />);
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

/** Whoever did it already goes on: the session is in a cookie that the first answer has set. */
function resume(c: Context<AppEnv>, interactionId: string) {
  return c.redirect(`/authorize/resume?interaction=${interactionId}`, 303);
}

async function pendingProps(c: Context<AppEnv>, deps: Deps, interactionId: string) {
  const { pending, browserDigest } = await readWaitingRequest(c, deps, interactionId);
  return {
    frame: frameOf(c, pending.uiLocales),
    interactionId,
    formToken: await formToken(deps, browserDigest, "sign_in", interactionId),
    clientName: pending.client?.clientName ?? null,
  };
}

/** @param typed what cannot be an address */
async function requestPage(
  c: Context<AppEnv>,
  deps: Deps,
  interactionId: string,
  typed: string | null = null,
) {
  const props = await pendingProps(c, deps, interactionId);
  const again = typed === null ? {} : { email: typed.slice(0, 254), invalid: true };
  const content = <MailSignInPage {...props} {...again} />;
  return page(c, content, { status: typed === null ? 200 : 400 });
}

const statuses = {
  wrong_code: 401,
  missing_code: 400,
  too_many_attempts: 429,
} as const satisfies Record<CodeError, number>;

async function sentPage(
  c: Context<AppEnv>,
  deps: Deps,
  parameters: Parameters,
  error: CodeError | null = null,
) {
  const content = (
    <MailSentPage
      {...await pendingProps(c, deps, interactionParameter(parameters))}
      way={wayOf(parameters)}
      requestId={idParameter(parameters, "request", "other_browser")}
      {...(error === null ? {} : { error })}
    />
  );
  const status = error === null ? 200 : statuses[error];
  return page(c, content, { formsMayLeave: true, status });
}

async function linkPage(c: Context<AppEnv>, deps: Deps, token: string) {
  const browserDigest = await readBrowser(c, deps);
  const link = await readMagicLink(deps, { token, browserDigest });
  const handle = handleOf(token);
  if (link === null || handle === null) return deadLinkPage(c);
  const { interactionId, username, clientName, here, isCode } = link;
  // Another browser has shown the code: this is the one where it is to be typed.
  if (here && isCode) return c.redirect(sentUrl(interactionId, handle, "link"), 303);
  const form = {
    frame: frameOf(c),
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
