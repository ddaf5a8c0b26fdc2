import type { JSX } from "hono/jsx/jsx-runtime";
import { ConsentPage } from "../../src/ui/consent_page.tsx";
import { DemoPage, type DemoSession } from "../../src/ui/demo_page.tsx";
import type { HttpExchange } from "../../src/ui/demo_exchanges.tsx";
import { ErrorPage } from "../../src/ui/error_page.tsx";
import { FormPostPage } from "../../src/ui/form_post_page.tsx";
import { HomePage } from "../../src/ui/home_page.tsx";
import { type Frame, renderPage } from "../../src/ui/layout.tsx";
import { LoginPage } from "../../src/ui/login_page.tsx";
import { LogoutPage, SignedOutPage } from "../../src/ui/logout_page.tsx";
import { MailPage } from "../../src/ui/mail_page.tsx";
import { NewPasswordPage, PasswordChangedPage } from "../../src/ui/new_password_page.tsx";
import { PasswordResetPage, PasswordResetSentPage } from "../../src/ui/password_reset_page.tsx";
import { SessionTokenPage } from "../../src/ui/session_token_page.tsx";
import type { Language } from "../../src/ui/strings/languages.ts";
import { componentSamples } from "./component_samples.tsx";

export const frame: Frame = { language: "en", stylesheetUrl: "/assets/latchkey.0.css" };

const interaction = { interactionId: "interaction-1", formToken: "token-1" };
const clientName = "Harbour Books";
const person = { name: "Mara Lindqvist" };

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
  const sessionToken = {
    frame: { ...framed, nonce: "nonce-1" },
    clientName,
    webOrigin: "https://books.harbour.example",
    message: { type: "latchkey.session_token", token: "token-3" },
  };
  const demo = { frame: framed, formToken: "token-1", base: "/dev/app" };
  const pages: Record<string, JSX.Element> = {
    login: <LoginPage {...login} />,
    login_wrong: <LoginPage {...login} username="mara" error="wrong_credentials" />,
    login_missing: <LoginPage {...login} username="mara" error="missing_password" />,
    login_continue: <LoginPage {...login} currentPerson={person} />,
    login_logo: <LoginPage {...login} clientLogoUrl="/clients/books/logo?v=1" />,
    login_reset: <LoginPage {...login} passwordResetUrl="/password-reset" />,
    password_reset: (
      <PasswordResetPage frame={framed} action="/password-reset" formToken="token-1" />
    ),
    password_reset_missing: (
      <PasswordResetPage frame={framed} action="/password-reset" formToken="token-1" missing />
    ),
    password_reset_sent: <PasswordResetSentPage frame={framed} />,
    new_password: <NewPasswordPage {...newPassword} error={null} />,
    new_password_short: <NewPasswordPage {...newPassword} error="password" />,
    new_password_other: <NewPasswordPage {...newPassword} error="password_repeat" />,
    new_password_done: <PasswordChangedPage frame={framed} />,
    session_token: <SessionTokenPage {...sessionToken} error={null} />,
    session_token_nobody: <SessionTokenPage {...sessionToken} error="login_required" />,
    dev_mail: (
      <MailPage
        frame={framed}
        mails={[{
          id: "mail-1",
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
        frame={framed}
        action="/consent"
        {...interaction}
        client={{
          name: clientName,
          logoUrl: "/clients/books/logo?v=1",
          uri: "https://harbour.example",
          policyUri: "https://harbour.example/privacy",
          tosUri: "https://harbour.example/terms",
        }}
        redirectUri="https://books.harbour.example/callback"
        person={person}
        scopes={["openid", "profile", "email", "address", "phone", "offline_access"]}
        resources={[{ resource: "https://api.harbour.example", scopes: ["read:orders"] }]}
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
        person={person}
        clientName={clientName}
      />
    ),
    signed_out: (
      <SignedOutPage
        frame={framed}
        client={{ name: clientName, url: "https://harbour.example/" }}
      />
    ),
    branded: (
      <PasswordResetPage
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
          people: [{ username: "mara", password: "quiet-harbour-42" }, { username: "tom" }],
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

const session: DemoSession = {
  name: person.name,
  idToken: {
    encoded: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1XzEifQ.c2lnbmF0dXJl",
    header: { alg: "RS256", kid: "key-1" },
    payload: { iss: "http://localhost:8000", sub: "u_1", aud: "demo", amr: ["pwd"] },
  },
  accessToken: "access-token-1",
  refreshToken: "refresh-token-1",
  userinfo: { sub: "u_1", name: person.name },
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
