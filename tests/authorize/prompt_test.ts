import { assertEquals } from "@std/assert";
import {
  ask,
  bob,
  continueAs,
  outcomeAt,
  outcomeOf,
  sessionCookie,
  signedInBrowser,
  submitLogin,
  toldTo,
} from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider } from "../support/provider.ts";

const clients = [aClient("shop"), aClient("desk")];

Deno.test("the prompt decides which page comes first", async () => {
  await using provider = await aProvider({ clients });
  const nobody = () => provider.browser();
  // Signed in for another client, so that this one has no consent yet.
  const unasked = await signedInBrowser(provider, { client: "desk" });
  const table: Record<string, string[]> = {};
  for (const prompt of prompts) {
    const outcomes: string[] = [];
    for (const browser of [nobody(), unasked]) {
      outcomes.push(await outcomeAt(provider, browser, { prompt }, "shop"));
    }
    table[String(prompt)] = outcomes;
  }
  const allowed = await signedInBrowser(provider, { client: "shop" });
  for (const prompt of prompts) {
    table[String(prompt)]?.push(await outcomeAt(provider, allowed, { prompt }, "shop"));
  }
  assertEquals(table, {
    //                 nobody, signed in, signed in and allowed
    undefined: ["login", "consent", "code"],
    none: ["error login_required", "error consent_required", "code"],
    login: ["login", "login", "login"],
    consent: ["login", "consent", "consent"],
    select_account: ["login", "login", "login"],
    "login consent": ["login", "login", "login"],
    "select_account consent": ["login", "login", "login"],
  });
});

const prompts = [
  undefined,
  "none",
  "login",
  "consent",
  "select_account",
  "login consent",
  "select_account consent",
];

Deno.test("prompt=login asks once, and continues after the sign-in", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const page = await ask(provider, { browser, parameters: { prompt: "login" } });
  assertEquals(outcomeOf(await submitLogin(browser, page)), "code");
});

Deno.test("prompt=login is not met by the present session", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const page = await ask(provider, { browser, parameters: { prompt: "login" } });

  // Neither by going on without the page, nor with the answer that "continue as" gives.
  assertEquals(outcomeOf(await browser.open(`/authorize/resume${page.url.search}`)), "login");
  const { userId: account } = await provider.userOf("alice");
  const answer = { choice: "continue", account };
  assertEquals(outcomeOf(await browser.submit(page, answer)), "login");
});

Deno.test("prompt=login is not met by a sign-in for another request", async () => {
  await using provider = await aProvider({ clients, users: [alice, bob] });
  const browser = provider.browser();
  const page = await ask(provider, { browser, parameters: { prompt: "login consent" } });
  assertEquals(outcomeOf(await submitLogin(browser, page)), "consent");
  const inAnotherTab = { browser, client: "desk", parameters: { prompt: "login" } };
  await submitLogin(browser, await ask(provider, inAnotherTab), bob);
  assertEquals(outcomeOf(await browser.open(`/authorize/resume${page.url.search}`)), "login");
});

Deno.test("prompt=login consent asks for both, in this order", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const page = await ask(provider, { browser, parameters: { prompt: "login consent" } });
  const consent = await submitLogin(browser, page);
  assertEquals(outcomeOf(consent), "consent");
  assertEquals(outcomeOf(await browser.submit(consent, { decision: "allow" })), "code");
});

Deno.test("prompt=select_account lets the signed-in user continue", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const before = sessionCookie(browser);
  const page = await ask(provider, { browser, parameters: { prompt: "select_account" } });
  assertEquals(page.body.includes('id="login-continue"'), true);
  assertEquals(page.body.includes("Alice Adams"), true);

  assertEquals(outcomeOf(await continueAs(browser, page)), "code");
  assertEquals(sessionCookie(browser), before); // a choice is no sign-in
});

Deno.test("prompt=none never shows a page", async () => {
  await using provider = await aProvider({
    clients: [...clients, aClient("first", { skip_consent: true })],
  });
  const browser = await signedInBrowser(provider);
  const cases: [Record<string, string>, string, string][] = [
    [{ max_age: "0" }, "shop", "error login_required"],
    [{ scope: "openid profile email address" }, "shop", "error consent_required"],
    [{ claims: '{"userinfo":{"phone_number":null}}' }, "shop", "error consent_required"],
    [{ scope: "openid" }, "first", "code"],
    [{ scope: "openid" }, "desk", "error consent_required"],
  ];
  for (const [parameters, client, expected] of cases) {
    const outcome = await outcomeAt(provider, browser, { prompt: "none", ...parameters }, client);
    assertEquals(outcome, expected, JSON.stringify(parameters));
  }
});

Deno.test("prompt=consent asks users of first-party clients too", async () => {
  const first = aClient("first", { skip_consent: true });
  await using provider = await aProvider({ clients: [first] });
  const browser = await signedInBrowser(provider);
  assertEquals(await outcomeAt(provider, browser, {}), "code");
  const page = await ask(provider, { browser, parameters: { prompt: "consent" } });
  assertEquals(outcomeOf(page), "consent");
  const denied = await browser.submit(page, { decision: "deny" });
  assertEquals(toldTo(denied).error, "access_denied");
});
