import type { JSX } from "hono/jsx/jsx-runtime";
import { AppSetPage, EnrolAppPage } from "../../src/ui/account/authenticator_app_page.tsx";
import { AccountPasswordPage } from "../../src/ui/account/password_page.tsx";
import { RemovePage } from "../../src/ui/account/remove_page.tsx";
import {
  NewRecoveryCodesPage,
  RecoveryCodesPage,
} from "../../src/ui/account/recovery_codes_page.tsx";
import { SecurityPage } from "../../src/ui/account/security_page.tsx";
import { AddressConfirmPage, AddressOutcomePage } from "../../src/ui/account/address_pages.tsx";
import { ConsentPage } from "../../src/ui/consent_page.tsx";
import { DemoPage, type DemoSession } from "../../src/ui/demo_page.tsx";
import type { HttpExchange } from "../../src/ui/demo_exchanges.tsx";
import { ErrorPage } from "../../src/ui/error_page.tsx";
import { FormPostPage } from "../../src/ui/form_post_page.tsx";
import { HomePage } from "../../src/ui/home_page.tsx";
import { type Frame, renderPage } from "../../src/ui/layout.tsx";
import { LoginPage } from "../../src/ui/login_page.tsx";
import { NoAccessPage } from "../../src/ui/no_access_page.tsx";
import { GoingBackPage, LogoutPage, SignedOutPage } from "../../src/ui/logout_page.tsx";
import { MailPage } from "../../src/ui/mail_page.tsx";
import {
  LinkCodePage,
  LinkElsewherePage,
  MagicLinkPage,
  MailSentPage,
  MailSignInPage,
} from "../../src/ui/mail_sign_in_pages.tsx";
import { AccountMadePage, NewAccountPage } from "../../src/ui/new_account_page.tsx";
import { NewPasswordPage, PasswordChangedPage } from "../../src/ui/new_password_page.tsx";
import { PasswordResetPage, PasswordResetSentPage } from "../../src/ui/password_reset_page.tsx";
import { SecondFactorPage } from "../../src/ui/second_factor_page.tsx";
import { SessionTokenPage } from "../../src/ui/session_token_page.tsx";
import { SignInHelpPage } from "../../src/ui/sign_in_help_page.tsx";
import { SignUpPage, SignUpSentPage } from "../../src/ui/sign_up_pages.tsx";
import type { Language } from "../../src/language/languages.ts";
import { accountSamples } from "./account_samples.tsx";
import { componentSamples } from "./component_samples.tsx";
import { passkeySamples } from "./passkey_samples.tsx";

export const frame: Frame = { language: "en", stylesheetUrl: "/assets/latchkey.0.css" };

const interaction = { interactionId: "interaction-1", formToken: "token-1" };
const consentFields = {
  interaction: "interaction-1",
  form_token: "token-1",
  asked: "asked-1",
  scope: "openid",
};
const clientName = "Harbour Books";
const user = { name: "Mara Lindqvist" };

/** Every page in its states, with text from `language`: name to document. */
export function samplePages(language: Language): Record<string, string> {
  const framed = { ...frame, language };
  const login = { frame: framed, action: "/login", ...interaction, clientName };
  const newPassword = {
    frame: framed,
    action: "/password-reset/confirm",
    token: "token-2",
    formToken: "token-1",
    username: "mara",
  };
  const mailSignIn = { frame: framed, ...interaction, clientName };
  const link = { frame: framed, token: "token-2", formToken: "token-1" };
  const scriptUrl = "/assets/passkeys.0.js";
  const newAccount = {
    ...link,
    action: "/sign-up/confirm",
    scriptUrl,
    address: "mara@example.com",
  };
  const sessionToken = {
    frame: { ...framed, nonce: "nonce-1" },
    clientName,
    webOrigin: "https://books.harbour.example",
    message: { type: "latchkey.session_token", token: "token-3" },
  };
  const secondFactor = {
    frame: framed,
    action: "/login/second-factor",
    ...interaction,
    username: "mara",
    otherKindUrl: "/login/second-factor?interaction=interaction-1",
    restartAction: "/login/second-factor/restart",
  };
  const account = { frame: framed, user, action: "/account/security", formToken: "token-1" };
  const password = { ...account, username: "mara", removeUrl: null };
  const demo = { frame: framed, formToken: "token-1", base: "/dev/app" };
  const pages: Record<string, JSX.Element> = {
    login: <LoginPage {...login} />,
    login_wrong: <LoginPage {...login} username="mara" error="wrong_credentials" />,
    login_missing: <LoginPage {...login} username="mara" error="missing_password" />,
    login_continue: <LoginPage {...login} currentUser={{ ...user, userId: "user-1" }} />,
    login_logo: <LoginPage {...login} clientLogoUrl="/clients/books/logo?v=1" />,
    login_reset: <LoginPage {...login} passwordResetUrl="/password-reset" helpUrl="/login/help" />,
    password_reset: (
      <PasswordResetPage
        interactionId={null}
        frame={framed}
        action="/password-reset"
        formToken="token-1"
      />
    ),
    password_reset_missing: (
      <PasswordResetPage
        interactionId={null}
        frame={framed}
        action="/password-reset"
        formToken="token-1"
        missing
      />
    ),
    password_reset_sent: <PasswordResetSentPage interactionId={null} frame={framed} />,
    new_password: <NewPasswordPage {...newPassword} error={null} />,
    scripted_new_password: (
      <NewPasswordPage {...newPassword} error={null} passkeyScriptUrl={scriptUrl} />
    ),
    new_password_passkey: <PasswordChangedPage interactionId={null} frame={framed} passkey />,
    new_password_short: <NewPasswordPage {...newPassword} error="password" />,
    new_password_other: <NewPasswordPage {...newPassword} error="password_repeat" />,
    new_password_common: <NewPasswordPage {...newPassword} error="password_common" />,
    second_factor: <SecondFactorPage {...secondFactor} kind="app" />,
    second_factor_wrong: <SecondFactorPage {...secondFactor} kind="app" error="wrong_code" />,
    second_factor_recovery: (
      <SecondFactorPage {...secondFactor} kind="recovery_code" error="wrong_recovery_code" />
    ),
    scripted_second_factor: (
      <SecondFactorPage
        {...secondFactor}
        kind="app"
        passkeyScriptUrl={scriptUrl}
        error="passkey_unverified"
      />
    ),
    second_factor_step_up: (
      <SecondFactorPage
        {...secondFactor}
        kind="app"
        otherKindUrl={null}
        restartAction={null}
        error="too_many_attempts"
      />
    ),
    sign_in_help: (
      <SignInHelpPage
        frame={framed}
        loginUrl="/login?interaction=interaction-1"
        passwordResetUrl="/password-reset"
      />
    ),
    security: (
      <SecurityPage
        {...account}
        hasPassword
        passkeys={2}
        hasApp
        recoveryCodes={{ left: 3, all: 10 }}
      />
    ),
    security_little: (
      <SecurityPage
        {...account}
        hasPassword={false}
        passkeys={1}
        hasApp={false}
        recoveryCodes={{ left: 0, all: 10 }}
      />
    ),
    security_bare: (
      <SecurityPage {...account} hasPassword passkeys={0} hasApp={false} recoveryCodes={null} />
    ),
    app_enrol: <EnrolAppPage {...account} {...enrolment} />,
    app_enrol_wrong: <EnrolAppPage {...account} {...enrolment} error="wrong" />,
    app_set: <AppSetPage {...account} createdAt={1_780_000_000} removeUrl="/remove" />,
    app_remove: <RemovePage {...account} what="app" cancelUrl="/account/security" />,
    recovery_codes_none: <RecoveryCodesPage {...account} useful codes={null} all={10} appAdded />,
    recovery_codes_useless: <RecoveryCodesPage {...account} useful={false} codes={null} all={10} />,
    recovery_codes_left: (
      <RecoveryCodesPage
        {...account}
        useful
        codes={{ left: 7, createdAt: 1_780_000_000 }}
        all={10}
      />
    ),
    recovery_codes_new: (
      <NewRecoveryCodesPage
        frame={framed}
        username="mara"
        host="id.example"
        doneUrl="/account/security"
        codes={Array.from({ length: 10 }, (_, i) => `k${i}fm2-xqp7r-t04h${i}`)}
      />
    ),
    password: <AccountPasswordPage {...password} hasPassword changed />,
    password_wrong: (
      <AccountPasswordPage {...password} hasPassword error="current" removeUrl="/remove" />
    ),
    password_common: <AccountPasswordPage {...password} hasPassword error="password_common" />,
    password_set: <AccountPasswordPage {...password} hasPassword={false} />,
    password_remove: <RemovePage {...account} what="password" cancelUrl="/account/security" />,
    new_password_done: <PasswordChangedPage interactionId={null} frame={framed} />,
    mail_sign_in: <MailSignInPage {...mailSignIn} />,
    mail_sign_in_invalid: <MailSignInPage {...mailSignIn} email="mara" invalid />,
    mail_sent_link: <MailSentPage {...mailSignIn} way="link" requestId="request-1" />,
    mail_sent_code: <MailSentPage {...mailSignIn} way="code" requestId="request-1" />,
    mail_sent_wrong: (
      <MailSentPage {...mailSignIn} way="code" requestId="request-1" error="wrong_code" />
    ),
    magic_link: <MagicLinkPage {...link} username="mara" clientName={clientName} />,
    magic_link_elsewhere: <LinkElsewherePage {...link} />,
    magic_link_code: <LinkCodePage frame={framed} code="012345" />,
    sign_up: <SignUpPage frame={framed} {...interaction} />,
    sign_up_invalid: <SignUpPage frame={framed} {...interaction} email="mara" invalid />,
    sign_up_sent: <SignUpSentPage interactionId={null} frame={framed} />,
    scripted_new_account: (
      <NewAccountPage {...newAccount} typed={{ username: "mara@example.com" }} errors={[]} />
    ),
    scripted_new_account_wrong: (
      <NewAccountPage
        {...newAccount}
        invited
        typed={{ username: "mara", name: "" }}
        errors={["username_taken", "name", "password_common"]}
      />
    ),
    scripted_new_account_expired: (
      <NewAccountPage {...newAccount} typed={{ name: "Mara" }} errors={["expired"]} />
    ),
    account_made: <AccountMadePage frame={framed} />,
    account_made_invited: (
      <AccountMadePage
        frame={framed}
        invited={{ client: { name: clientName, uri: "https://harbour.example/" } }}
      />
    ),
    address_confirm: <AddressConfirmPage {...link} address="mara@new.example" username="mara" />,
    address_confirmed: (
      <AddressOutcomePage frame={framed} address="mara@new.example" isTaken={false} />
    ),
    address_taken: <AddressOutcomePage frame={framed} address="mara@new.example" isTaken />,
    session_token: <SessionTokenPage {...sessionToken} error={null} />,
    session_token_nobody: <SessionTokenPage {...sessionToken} error="login_required" />,
    dev_mail: (
      <MailPage
        frame={framed}
        mails={[{
          id: "mail-1",
          sentAt: 1_790_000_000,
          to: "mara@example.com",
          subject: "Hello",
          text: "Hello Mara",
          htmlUrl: "/dev/mail/mail-1",
        }]}
      />
    ),
    login_again: <LoginPage {...login} username="mara" reauthenticate />,
    consent: (
      <ConsentPage
        hasOtherAccounts
        frame={framed}
        action="/consent"
        fields={consentFields}
        client={{
          name: clientName,
          logoUrl: "/clients/books/logo?v=1",
          uri: "https://harbour.example",
          policyUri: "https://harbour.example/privacy",
          tosUri: "https://harbour.example/terms",
        }}
        redirectUri="https://books.harbour.example/callback"
        user={user}
        scopes={["openid", "profile", "email", "address", "phone", "groups", "offline_access"]}
        customClaims={[]}
        resources={[{ resource: "https://api.harbour.example", scopes: ["read:orders"] }]}
      />
    ),
    no_access: (
      <NoAccessPage
        hasOtherAccounts
        frame={framed}
        action="/consent"
        fields={consentFields}
        client={{ name: clientName, logoUrl: "/clients/books/logo?v=1" }}
        user={user}
        lacks="group"
      />
    ),
    error: (
      <ErrorPage
        frame={framed}
        code="invalid_request"
        situation="redirect_uri_mismatch"
        description="redirect_uri is not registered for this client"
        reference="4bf92f3577b34da6"
        developerDetails={[{ name: "redirect_uri", value: "http://localhost:3000/callback" }]}
      />
    ),
    error_internal: <ErrorPage frame={framed} code="server_error" reference="4bf92f3577b34da6" />,
    logout: (
      <LogoutPage
        frame={framed}
        action="/logout"
        fields={{ form_token: "token-1" }}
        user={user}
        client={{ name: clientName, isSelfNamed: true }}
      />
    ),
    signed_out: (
      <SignedOutPage
        frame={framed}
        client={{ name: clientName, url: "https://harbour.example/" }}
      />
    ),
    signed_out_unchecked: (
      <SignedOutPage frame={framed} uncheckedUrl="https://harbour.example/bye" />
    ),
    signed_out_told: (
      <SignedOutPage
        frame={framed}
        told={(["told", "asked", "waiting", "failed"] as const).map((state) => ({
          name: `${clientName} ${state}`,
          state,
          frameUrl: "https://harbour.example/logout",
        }))}
      />
    ),
    going_back: (
      <GoingBackPage
        frame={{ ...framed, nonce: "nonce" }}
        told={[{ name: clientName, state: "asked", frameUrl: "https://harbour.example/logout" }]}
        client={{ name: clientName, redirectUri: "https://harbour.example/bye" }}
      />
    ),
    branded: (
      <PasswordResetPage
        interactionId={null}
        frame={{
          ...framed,
          branding: {
            name: "Harbour",
            logoUrl: "/assets/logo.0.svg",
            links: [{ label: "Imprint", href: "https://harbour.example/imprint" }],
          },
          languageLinks: [{ language: "de", label: "Deutsch", href: "?set_language=de" }],
        }}
        action="/password-reset"
        formToken="token-1"
      />
    ),
    home: (
      <HomePage
        frame={framed}
        issuer="http://localhost:8000"
        development={{
          demoUrl: "/dev/app",
          mailUrl: "/dev/mail",
          people: [
            { username: "mara", password: { kind: "known", text: "quiet-harbour-42" } },
            { username: "tom", password: { kind: "none" } },
          ],
        }}
      />
    ),
    home_setup: <HomePage frame={framed} issuer="https://id.example" needsSetup />,
    form_post: (
      <FormPostPage
        frame={{ ...framed, nonce: "nonce-1" }}
        action="https://books.harbour.example/callback"
        fields={{ code: "code-1", state: "state-1" }}
        clientName={clientName}
      />
    ),
    ...componentSamples(framed),
    ...accountSamples(framed, { name: user.name, client: clientName }),
    ...passkeySamples(framed),
    demo: <DemoPage {...demo} exchanges={[]} />,
    demo_signed_in: (
      <DemoPage
        {...demo}
        session={session}
        exchanges={exchanges}
        notice={{ kind: "info", message: "The tokens were refreshed." }}
      />
    ),
  };
  return Object.fromEntries(
    Object.entries(pages).map(([name, page]) => [name, renderPage(page)]),
  );
}

const enrolment = {
  secret: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
  modules: Array.from(
    { length: 37 },
    (_, y) => Array.from({ length: 37 }, (_, x) => x * y % 3 > 0),
  ),
};

const session: DemoSession = {
  name: user.name,
  idToken: {
    encoded: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1XzEifQ.c2lnbmF0dXJl",
    header: { alg: "RS256", kid: "key-1" },
    payload: { iss: "http://localhost:8000", sub: "u_1", aud: "demo", amr: ["pwd"] },
  },
  accessToken: "access-token-1",
  refreshToken: "refresh-token-1",
  userinfo: { sub: "u_1", name: user.name },
};

const exchanges: readonly HttpExchange[] = [
  {
    step: "authorization",
    request: { method: "GET", url: "http://localhost:8000/authorize?client_id=demo&state=abc" },
  },
  {
    step: "token",
    request: {
      method: "POST",
      url: "http://localhost:8000/token",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=authorization_code&code=code-1",
    },
    response: { status: 200, body: '{"access_token":"access-token-1","expires_in":3600}' },
  },
  {
    step: "userinfo",
    request: { method: "GET", url: "http://localhost:8000/userinfo" },
    response: { status: 401, body: "not json" },
  },
];
