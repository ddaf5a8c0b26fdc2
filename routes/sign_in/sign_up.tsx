import type { Context } from "hono";
import { keepOwnPage } from "../../src/interactions/own_page.ts";
import { requestSignUp } from "../../src/authn/new_accounts/sign_up.ts";
import {
  readSignUp,
  signUp,
  signUpPasskeyOptions,
} from "../../src/authn/new_accounts/sign_up_link.ts";
import { withUsernameTries } from "../../src/authn/new_accounts/username_tries.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { reserveSignUpMail } from "../../src/limits/mail.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
import { tidyMailAddress } from "../../src/identifiers/mail_address.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import { readRequester } from "../../src/mail/requester.ts";
import { AccountMadePage } from "../../src/ui/new_account_page.tsx";
import { SignUpPage, SignUpSentPage } from "../../src/ui/sign_up_pages.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { carryRequest } from "../http/carried_requests.ts";
import { type AppEnv, userAgentOf } from "../http/context.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { type Parameters, readQuery, single } from "../http/form.ts";
import { showAgain, takeFormAnswer } from "../http/form_answer.ts";
import { formToken } from "../http/form_token.ts";
import {
  hintedAddressOf,
  optionalInteraction,
  readWaitingRequest,
  redirectToNextStep,
} from "../http/interaction.ts";
import { deadLink, linkForm } from "../http/link_form.ts";
import { answerNewcomer, correctAccount, readNewAccount } from "../http/new_account_form.ts";
import { newAccountPage } from "../http/new_account_page.tsx";
import { frameOf, page } from "../http/page.tsx";
import { type FormKind, once } from "../http/page_form.ts";
import { tellRateLimit } from "../http/rate_limit.ts";
import { situationPage } from "../http/situation_page.tsx";

const path = "/sign-up";
const purpose = "sign_up_link";

/** The pages on which anybody can create an account, if sign-up is open. First they verify an address. */
export function signUpRoutes(deps: Deps): Pages {
  return pages()
    .get(path, (c) => {
      assertOpen(deps);
      return requestPage(c, deps, readQuery(c.req.raw));
    })
    .form(path, signUpForm(deps), async (c, { form, interactionId, browserDigest }) => {
      assertOpen(deps);
      const typed = single(form, "email")?.trim() ?? "";
      const address = tidyMailAddress(typed);
      if (address === null) {
        const url = interactionUrl(path, interactionId);
        const answer = { errors: ["invalid"], typed: { email: typed.slice(0, 254) } };
        return await showAgain(c, deps, url, answer);
      }
      const origin = c.get("origin");
      const reservation = await reserveSignUpMail(deps, origin, address);
      assertPassed(reservation);
      tellRateLimit(c, reservation);
      const { language } = frameOf(c);
      const requester = await readRequester(origin, userAgentOf(c));
      const request = { origin, interactionId, browserDigest, address, language, requester };
      await requestSignUp(deps, request);
      return c.redirect(interactionUrl(`${path}/sent`, interactionId), 303);
    }, { storesForStrangers: true })
    .get(`${path}/sent`, async (c) => {
      const interactionId = optionalInteraction(readQuery(c.req.raw));
      if (interactionId !== null) await readWaitingRequest(c, deps, interactionId);
      return page(c, <SignUpSentPage frame={frameOf(c)} interactionId={interactionId} />);
    })
    // Opening the page spends nothing, because mail scanners open every link.
    .get(`${path}/confirm`, async (c) => {
      assertOpen(deps);
      return await accountPage(c, deps, single(readQuery(c.req.raw), "token") ?? "");
    })
    .form(`${path}/confirm`, once(linkForm(deps, purpose), done), async (c, checked) => {
      assertOpen(deps);
      const { form, token, browserDigest } = checked;
      const { account, errors } = await readNewAccount(c, deps, form, browserDigest);
      const url = `${path}/confirm?${new URLSearchParams({ token })}`;
      if (account === null) return await correctAccount(c, deps, url, { form, errors });
      const origin = c.get("origin");
      const session = await readSession(c, deps);
      const userAgent = userAgentOf(c);
      const request = { origin, token, browserDigest, session, userAgent, account };
      const outcome = await withUsernameTries(deps, origin, () => signUp(deps, request));
      switch (outcome.kind) {
        case "dead":
          throw deadLink("sign_up_link_dead");
        case "username_taken":
        case "expired":
        case "invalid":
        case "known":
          return await correctAccount(c, deps, url, { form, errors: [outcome.kind] });
        case "made":
          return done(c);
        case "repeated":
          return c.redirect(interactionUrl("/authorize/resume", outcome.interactionId), 303);
        case "signed_in":
          return redirectToNextStep(c, deps, outcome.outcome, outcome.interactionId);
      }
    })
    .form(`${path}/confirm/passkey/options`, linkForm(deps, purpose), async (c, checked) => {
      assertOpen(deps);
      const { token } = checked;
      const origin = c.get("origin");
      return await answerNewcomer(c, checked, (newcomer) => {
        const request = { origin, token, newcomer };
        return withUsernameTries(deps, origin, () => signUpPasskeyOptions(deps, request));
      });
    }, { kind: "client" })
    .get(`${path}/done`, (c) => page(c, <AccountMadePage frame={frameOf(c)} />));
}

function done(c: Context<AppEnv>) {
  return c.redirect(`${path}/done`, 303);
}

/** @throws {OAuthError} if sign-up is not open */
function assertOpen({ config }: Deps) {
  if (config.signUp === "open") return;
  throw new OAuthError("access_denied", "sign-up is not open on this server", {
    status: 403,
    situation: "sign_up_closed",
  });
}

function signUpForm(deps: Deps): FormKind<{ readonly interactionId: string | null }> {
  return {
    deps,
    identify: async (c, form) => {
      const interactionId = optionalInteraction(form);
      return {
        subject: ["sign_up", interactionId],
        browserDigest: await readBrowser(c, deps, interactionId),
        details: { interactionId },
      };
    },
    begin: async (c, { browserDigest, details: { interactionId } }) => {
      if (interactionId === null) return { interactionId };
      const asked = { origin: c.get("origin"), interactionId, browserDigest };
      const { recordId, carried } = await keepOwnPage(deps, asked);
      if (carried !== null) await carryRequest(c, deps, carried);
      return { interactionId: recordId };
    },
  };
}

async function requestPage(
  c: Context<AppEnv>,
  deps: Deps,
  parameters: Parameters,
) {
  const interactionId = optionalInteraction(parameters);
  const { pending, browserDigest } = interactionId === null
    ? { pending: null, browserDigest: await readBrowser(c, deps) }
    : await readWaitingRequest(c, deps, interactionId);
  const answer = await takeFormAnswer(c, deps, { invalid: 400 });
  const hinted = pending === null ? undefined : hintedAddressOf(pending);
  const content = (
    <SignUpPage
      frame={frameOf(c, pending?.uiLocales)}
      interactionId={interactionId}
      formToken={await formToken(deps, browserDigest, "sign_up", interactionId)}
      {...(answer === null
        ? { email: hinted }
        : { email: answer.typed.email ?? "", invalid: true })}
    />
  );
  const formsMayLeave = interactionId !== null;
  return page(c, content, { formsMayLeave, status: answer === null ? 200 : 400 });
}

async function accountPage(
  c: Context<AppEnv>,
  deps: Deps,
  token: string,
) {
  const link = await readSignUp(deps, token);
  if (link === null) return situationPage(c, "sign_up_link_dead", 400);
  const { address, uiLocales } = link;
  c.set("uiLocales", uiLocales);
  const shown = { action: `${path}/confirm`, token, address, proposed: { username: address } };
  const options = { formsMayLeave: true };
  return await newAccountPage(c, deps, { ...shown, purpose }, options);
}
