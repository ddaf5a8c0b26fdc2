import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { ConsentPage } from "../../src/ui/consent_page.tsx";
import { DemoPage } from "../../src/ui/demo_page.tsx";
import { ErrorPage } from "../../src/ui/error_page.tsx";
import { FormPostPage } from "../../src/ui/form_post_page.tsx";
import { Layout, renderPage } from "../../src/ui/layout.tsx";
import { LoginPage } from "../../src/ui/login_page.tsx";
import { NoAccessPage } from "../../src/ui/no_access_page.tsx";
import { GoingBackPage, LogoutPage, SignedOutPage } from "../../src/ui/logout_page.tsx";
import { MailPage } from "../../src/ui/mail_page.tsx";
import { NewPasswordPage } from "../../src/ui/new_password_page.tsx";
import { supportedLanguages } from "../../src/language/supported_languages.ts";
import { stylesheet } from "../../src/ui/stylesheet.ts";
import { accountSamples } from "./account_samples.tsx";
import { frame, samplePages } from "./sample_pages.tsx";

const hostile = `</title><script>alert(1)</script>"'><img src=x onerror=alert(1)>`;

const everyPage = supportedLanguages.flatMap((language) =>
  Object.entries(samplePages(language)).map(([name, html]) => ({ name, language, html }))
);

Deno.test("a page is small, with its stylesheet", () => {
  for (const { name, html } of everyPage) {
    const bytes = new TextEncoder().encode(html + stylesheet).length;
    assert(bytes < 30_000, `${name} has ${bytes} bytes`);
  }
});

Deno.test("a page names its language, has one h1, and a skip link that leads somewhere", () => {
  for (const { name, language, html } of everyPage) {
    assert(html.startsWith(`<!DOCTYPE html><html lang="${language}">`), name);
    assert(html.split("<h1").length === 2, name);
    assertStringIncludes(html, '<a class="skip" href="#main">');
    assertStringIncludes(html, '<main id="main"');
  }
});

Deno.test("a page has no inline style, no event handler, no duplicate id and no unfilled placeholder", () => {
  for (const { name, html } of everyPage) {
    assert(!/\sstyle=|<style|\son[a-z]+=/.test(html), name);
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1]);
    assert(new Set(ids).size === ids.length, `${name}: ${ids}`);
    assert(!/undefined|\[object|\{\w+\}/.test(html), name);
  }
});

Deno.test("every label, description and inner link of a page refers to an existing element", () => {
  for (const { name, html } of everyPage) {
    const references = [
      ...html.matchAll(/\s(?:for|aria-describedby|aria-labelledby)="([^"]*)"|href="#([^"]*)"/g),
    ].flatMap((match) => (match[1] ?? match[2] ?? "").split(" "));
    for (const id of references) assert(html.includes(` id="${id}"`), `${name}: #${id}`);
  }
});

Deno.test("the accessible name of a button begins with its visible text", () => {
  const named = everyPage.flatMap(({ name, html }) =>
    [...html.matchAll(/<(a|button)\b[^>]*\saria-label="([^"]*)"[^>]*>(.*?)<\/\1>/g)]
      .map(([, , accessible = "", text = ""]) => ({ name, accessible, text }))
  );
  for (const { name, accessible, text } of named) {
    assert(accessible.startsWith(`${text}: `), `${name}: ${accessible} on ${text}`);
  }
  for (const page of ["account_sessions", "account_applications", "scripted_passkeys"]) {
    assert(named.some(({ name }) => name === page), page);
  }
});

Deno.test("a page loads nothing but our stylesheet, and few have a script", () => {
  for (const { name, html } of everyPage) {
    assert(!/<(object|embed|video|audio|base)\b/.test(html), name);
    for (const [image] of html.matchAll(/<img\b[^>]*>/g)) {
      assertMatch(image, /\ssrc="\/[^/]/, name); // our own origin
      assertMatch(image, /\salt="/, name);
    }
    assert(html.split("<link").length === 2, name);
    // The applications that the browser tells of a logout.
    const frames = html.match(/<iframe\b[^>]*/g) ?? [];
    const isFraming = name === "going_back" || name === "signed_out_told";
    assertEquals(frames.length > 0, isFraming, name);
    for (const frame of frames) assertMatch(frame, / sandbox="/, name);
    const scripted = /^(form_post|going_back)$/.test(name) ||
      /^(session_token|scripted_)/.test(name);
    assert(html.includes("<script") === scripted, name);
  }
});

Deno.test("hostile names appear as text on every page", () => {
  const interaction = { interactionId: hostile, formToken: hostile };
  const json = { [hostile]: hostile };
  const jwt = { encoded: `${hostile}.b.c`, header: json, payload: json };
  const pages = {
    login: (
      <LoginPage
        frame={frame}
        action="/login"
        {...interaction}
        clientName={hostile}
        username={hostile}
        currentUser={{ name: hostile, userId: hostile }}
      />
    ),
    consent: (
      <ConsentPage
        hasOtherAccounts
        frame={frame}
        action="/consent"
        fields={{ interaction: "i", form_token: "f", asked: hostile, scope: hostile }}
        client={{ name: hostile, uri: `https://x.example/${hostile}` }}
        redirectUri={`https://x.example/${hostile}`}
        user={{ name: hostile }}
        scopes={[hostile]}
        customClaims={[{ scope: hostile, label: hostile }]}
        resources={[{ resource: hostile, scopes: [hostile] }]}
      />
    ),
    no_access: (
      <NoAccessPage
        hasOtherAccounts
        frame={frame}
        action="/consent"
        fields={{ scope: hostile }}
        client={{ name: hostile }}
        user={{ name: hostile }}
        lacks="sign_in"
      />
    ),
    error: (
      <ErrorPage
        frame={frame}
        code="invalid_request"
        description={hostile}
        reference={hostile}
        developerDetails={[{ name: hostile, value: hostile }]}
      />
    ),
    logout: (
      <LogoutPage
        frame={frame}
        action="/logout"
        fields={{ [hostile]: hostile }}
        user={{ name: hostile }}
        client={{ name: hostile, isSelfNamed: true }}
      />
    ),
    newPassword: (
      <NewPasswordPage
        frame={frame}
        action="/password-reset/confirm"
        token={hostile}
        formToken={hostile}
        username={hostile}
        error={null}
      />
    ),
    mail: (
      <MailPage
        frame={frame}
        mails={[{
          id: "1",
          to: hostile,
          subject: hostile,
          text: hostile,
          sentAt: 0,
          htmlUrl: "/dev/mail/1",
        }]}
      />
    ),
    signedOut: (
      <SignedOutPage
        frame={frame}
        client={{ name: hostile, url: `https://x.example/${hostile}` }}
        told={[{ name: hostile, state: "asked", frameUrl: `https://x.example/${hostile}` }]}
      />
    ),
    goingBack: (
      <GoingBackPage
        frame={{ ...frame, nonce: "nonce" }}
        told={[{ name: hostile, state: "told", frameUrl: `https://x.example/${hostile}` }]}
        client={{ name: hostile, redirectUri: `https://x.example/${hostile}` }}
      />
    ),
    demo: (
      <DemoPage
        frame={frame}
        formToken={hostile}
        base="/dev/app"
        session={{ name: hostile, idToken: jwt, accessToken: hostile, userinfo: json }}
        exchanges={[{
          step: "token",
          request: { method: hostile, url: hostile, headers: json, body: hostile },
          response: { status: 200, headers: json, body: hostile },
        }]}
        notice={{ kind: "error", message: hostile }}
      />
    ),
  };
  const account = accountSamples(frame, { name: hostile, client: hostile });
  for (const [name, page] of Object.entries({ ...pages, ...account })) {
    const html = renderPage(page).replace('<script nonce="nonce">', ""); // our own
    assert(!/<script|<img|<\/title>.*<\/title>/.test(html), name);
  }
});

Deno.test("a name with right-to-left marks cannot rearrange the sentence around it", () => {
  assertStringIncludes(samplePages("en").consent ?? "", "<bdi>Harbour Books</bdi>");
});

Deno.test("an error page has the protocol's code, a reference, and details only if given", () => {
  const html = samplePages("en").error_internal ?? "";

  assertStringIncludes(html, "<code>server_error</code>");
  assertStringIncludes(html, "<code>4bf92f3577b34da6</code>");
  assert(!html.includes("For developers"));
});

Deno.test("the sign-out pages have the button and the words of the contract for test suites", () => {
  assertMatch(samplePages("en").logout ?? "", /<button type="submit"[^>]* id="logout-confirm"/);
  assertStringIncludes(samplePages("en").signed_out ?? "", "signed out");
});

Deno.test("the link back after signing out is a URL of the web or absent", () => {
  const html = renderPage(
    <SignedOutPage frame={frame} client={{ name: "Shop", url: "javascript:alert(1)" }} />,
  );
  assert(!html.includes("javascript:"));
});

Deno.test("form_post sends the response in hidden fields, with a nonced script and a button", () => {
  const html = renderPage(
    <FormPostPage
      frame={{ ...frame, nonce: "nonce-1" }}
      action="https://shop.example/callback?a=1&b=2"
      fields={{ code: "code-1", state: `"><script>` }}
      clientName="Shop"
    />,
  );
  assertStringIncludes(
    html,
    '<form method="post" action="https://shop.example/callback?a=1&amp;b=2">',
  );
  assertStringIncludes(html, '<input type="hidden" name="code" value="code-1">');
  assertStringIncludes(html, 'name="state" value="&quot;&gt;&lt;script&gt;"');
  assertMatch(html, /<script nonce="nonce-1">[^<]*<\/script>/);
  assertMatch(html, /<button type="submit"/);
});

Deno.test("a script without a nonce throws at once", () => {
  assertThrows(
    () =>
      renderPage(
        <Layout {...frame} title="x" script="1">
          <p>x</p>
        </Layout>,
      ),
    Error,
    "nonce",
  );
});
