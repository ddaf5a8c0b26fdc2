import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { renderPage } from "../../src/ui/layout.tsx";
import { LoginPage } from "../../src/ui/login_page.tsx";
import type { LoginPageProps } from "../../src/ui/login_page_props.ts";
import { frame } from "./sample_pages.tsx";

function login(props: Partial<LoginPageProps> = {}): string {
  return renderPage(
    <LoginPage
      frame={frame}
      action="/login"
      interactionId="interaction-1"
      formToken="token-1"
      clientName="Shop"
      {...props}
    />,
  );
}

function inputOf(html: string, id: string): string {
  return html.match(new RegExp(`<input id="${id}"[^>]*>`))?.[0] ?? "";
}

Deno.test("the sign-in form posts the fields of the contract for test suites", () => {
  const html = login();

  assertStringIncludes(html, '<form method="post" action="/login">');
  assertStringIncludes(html, '<input type="hidden" name="interaction" value="interaction-1">');
  assertStringIncludes(html, '<input type="hidden" name="form_token" value="token-1">');
  assertStringIncludes(inputOf(html, "username"), 'autocomplete="username webauthn"');
  assertStringIncludes(inputOf(html, "password"), 'autocomplete="current-password"');
  assertMatch(html, /<button type="submit"[^>]* id="login-submit"/);
});

Deno.test("a wrong password marks both fields, and the summary describes both", () => {
  const html = login({ username: "mara", error: "wrong_credentials" });

  assertMatch(html, /role="alert" tabindex="-1" id="error-summary"/);
  assertStringIncludes(html, '<a href="#username">');
  for (const id of ["username", "password"]) {
    assertStringIncludes(inputOf(html, id), 'aria-invalid="true"');
    assertStringIncludes(inputOf(html, id), 'aria-describedby="error-summary"');
  }
});

Deno.test("the error of a missing password is at its field only", () => {
  const html = login({ username: "mara", error: "missing_password" });

  assertStringIncludes(inputOf(html, "password"), 'aria-describedby="password-error"');
  assertMatch(html, /<p class="field-error" id="password-error">/);
  assert(!inputOf(html, "username").includes("aria-"));
});

Deno.test("a page never shows a typed password again", () => {
  assert(
    !inputOf(login({ username: "mara", error: "wrong_credentials" }), "password")
      .includes("value="),
  );
});

Deno.test("one element has the focus: the error if there is one, otherwise the first empty field", () => {
  const states: Partial<LoginPageProps>[] = [
    {},
    { username: "mara" },
    { username: "mara", error: "wrong_credentials" },
    { username: "mara", reauthenticate: true },
    { username: "mara", reauthenticate: true, error: "wrong_credentials" },
  ];
  for (const state of states) assertEquals(login(state).split(" autofocus").length, 2);
});

Deno.test("a signed-in user can continue with one button, or open the form for another account", () => {
  const html = login({ currentUser: { name: "Mara", userId: "user-1" } });

  assertMatch(html, /id="login-continue" name="choice" value="continue"/);
  assertStringIncludes(html, "Continue as <bdi>Mara</bdi>");
  assertMatch(html, /<details[^>]*>.*id="login-submit".*<\/details>/);
});

Deno.test("the username cannot be changed at reauthentication, and a password manager can read it", () => {
  const html = login({
    username: "mara",
    reauthenticate: true,
    currentUser: { name: "Mara", userId: "user-1" },
  });

  assertMatch(inputOf(html, "username"), /value="mara".* readonly/);
  assert(!html.includes("login-continue"));
});
