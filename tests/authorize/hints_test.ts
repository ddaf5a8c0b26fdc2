import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeProtectedHeader, SignJWT } from "jose";
import {
  ask,
  bob,
  outcomeAt,
  outcomeOf,
  signedInBrowser,
  submitLogin,
  toldTo,
} from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { withdrawSigningKey } from "../support/signing_keys.ts";
import { signIn } from "../support/tokens.ts";

Deno.test("login_hint fills in the name, as text", async () => {
  await using provider = await aProvider();
  const { body } = await ask(provider, { parameters: { login_hint: 'al"><b>ice' } });
  assertStringIncludes(body, 'value="al&quot;&gt;&lt;b&gt;ice"');
  assert(!body.includes("<b>ice"));
});

Deno.test("login_hint fills in the field of every page that a user may choose instead of a password", async () => {
  await using provider = await aProvider({ config: { signUp: "open" } });
  const fieldAt = async (path: string, hint: string, more: Record<string, string> = {}) => {
    const browser = provider.browser();
    const page = await ask(provider, { browser, parameters: { login_hint: hint, ...more } });
    const { body } = await browser.open(`${path}${page.url.search}`);
    const field = /<input[^>]* name="(?:email|username)"[^>]*>/.exec(body)?.[0] ?? body;
    return /value="([^"]*)"/.exec(field)?.[1] ?? null;
  };
  const address = "new.user@example.com";
  for (const path of ["/magic-link", "/sign-up", "/password-reset"]) {
    assertEquals(await fieldAt(path, address), address, path);
  }
  assertEquals(await fieldAt("/sign-up", address, { prompt: "create" }), address);
  assertEquals(await fieldAt("/password-reset", "alice"), "alice");
  // A name is no address: the field of an address would not take it.
  for (const path of ["/magic-link", "/sign-up"]) {
    assertEquals(await fieldAt(path, "alice"), null, path);
  }
});

Deno.test("ui_locales chooses the language of every page on the way", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await ask(provider, { browser, parameters: { ui_locales: "xx de-AT en" } });
  assertStringIncludes(page.body, '<html lang="de">');
  const wrong = await submitLogin(browser, page, { ...alice, password: "no" });
  assertStringIncludes(wrong.body, '<html lang="de">');
  const consent = await submitLogin(browser, page);
  assertStringIncludes(consent.body, '<html lang="de">');

  for (const ui_locales of ["de_AT", "xx,de,en", "xx, DE_CH.UTF-8"]) {
    const german = await ask(provider, { parameters: { ui_locales } });
    assertStringIncludes(german.body, '<html lang="de">', ui_locales);
  }
  const english = await ask(provider, { parameters: { ui_locales: "xx yy" } });
  assertStringIncludes(english.body, '<html lang="en">');
});

Deno.test("the browser's language is used if the client requests none", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const { url } = await ask(provider, { browser });
  const headers = { "accept-language": "fr, de;q=0.9, en;q=0.5" };
  const page = await browser.open(url.pathname + url.search, { headers });
  assertStringIncludes(page.body, '<html lang="de">');
  const error = await browser.open("/authorize", { headers });
  assertStringIncludes(error.body, '<html lang="de">');
});

Deno.test("an id_token_hint is met only by its user", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const { id_token } = await signIn(provider);
  const hers = await signedInBrowser(provider);
  const his = await signedInBrowser(provider, { user: bob });

  assertEquals(await outcomeAt(provider, hers, { id_token_hint: id_token }), "code");
  assertEquals(
    await outcomeAt(provider, his, { id_token_hint: id_token, prompt: "none" }),
    "error login_required",
  );
  const page = await ask(provider, { browser: his, parameters: { id_token_hint: id_token } });
  assertEquals(outcomeOf(page), "login");
  // He insists on being himself: the client hears that it is not who it meant.
  const landing = await submitLogin(his, page, bob);
  assertEquals(toldTo(landing).error, "login_required");
});

Deno.test("a request whose id_token_hint is met by the sign-in continues", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const { id_token } = await signIn(provider);
  const his = await signedInBrowser(provider, { user: bob });
  const page = await ask(provider, { browser: his, parameters: { id_token_hint: id_token } });
  assertEquals(outcomeOf(await submitLogin(his, page, alice)), "code");
});

Deno.test("a pending request stores the subject of id_token_hint, not the token", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const { id_token } = await signIn(provider);
  const url = provider.authorizeUrl({ parameters: { id_token_hint: id_token } });
  const parameters = new URL(url, "https://op.example").searchParams;
  for (const init of [{}, { method: "POST", body: parameters }]) {
    const browser = provider.browser();
    const page = await browser.open("method" in init ? "/authorize" : url, init);
    assertEquals(outcomeOf(page), "login");
    const kept = JSON.stringify([...await snapshot(provider.backend)]);
    assert(!kept.includes(id_token), "the token is kept");
    assertEquals(toldTo(await submitLogin(browser, page, bob)).error, "login_required");
  }
});

Deno.test("an expired id_token_hint is accepted, and one for another client too", async () => {
  await using provider = await aProvider({ clients: [aClient("shop"), aClient("desk")] });
  const { id_token } = await signIn(provider, { client: "desk" });
  const browser = await signedInBrowser(provider);
  provider.clock.advance(2 * 3600);
  const parameters = { id_token_hint: id_token, prompt: "none" };
  assertEquals(await outcomeAt(provider, browser, parameters), "code");
});

Deno.test("an invalid id_token_hint is ignored, but prompt=none is refused with it", async () => {
  const api = { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt" };
  const shop = aClient("shop", { scope: "openid profile email read" });
  await using provider = await aProvider({ resources: [api], clients: [shop] });
  const browser = await signedInBrowser(provider);
  const { id_token, access_token } = await signIn(provider, {
    parameters: { resource: api.resource, scope: "openid read" },
  });
  const [head = "", payload = "", signature = ""] = id_token.split(".");
  const header = decodeProtectedHeader(id_token);
  const encoded = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const claims = { iss: "https://op.example", sub: "x", aud: "shop" };
  const own = new TextEncoder().encode("a secret of our own, 32 bytes long");
  const hints = {
    garbage: "garbage",
    dots: "..",
    "no claims": `${head}..${signature}`,
    "another payload": `${head}.${encoded(claims)}.${signature}`,
    "no signature": `${head}.${payload}.`,
    "alg none": `${encoded({ ...header, alg: "none" })}.${payload}.`,
    "a key of one's own": await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(own),
    "HS256 with our kid": await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: header.kid }).sign(own),
    "unknown kid": `${encoded({ ...header, kid: "nobody" })}.${payload}.${signature}`,
    "no kid": `${encoded({ alg: header.alg })}.${payload}.${signature}`,
    "kid of another type": `${encoded({ ...header, kid: 7 })}.${payload}.${signature}`,
    "kid that is an object": `${encoded({ ...header, kid: {} })}.${payload}.${signature}`,
    "kid that is a list": `${encoded({ ...header, kid: ["a"] })}.${payload}.${signature}`,
    "an access token": access_token,
    "an encrypted one": "e30.e30.e30.e30.e30",
  };
  for (const [name, id_token_hint] of Object.entries(hints)) {
    const silent = { id_token_hint, prompt: "none" };
    assertEquals(await outcomeAt(provider, browser, silent), "error login_required", name);
    assertEquals(await outcomeAt(provider, browser, { id_token_hint }), "code", name);
    const posted = await browser.open("/authorize", {
      method: "POST",
      body: new URLSearchParams(provider.authorizeUrl({ parameters: silent }).split("?")[1]),
    });
    assertEquals(outcomeOf(posted), "error login_required", name);
  }
});

Deno.test("an id_token_hint signed by a withdrawn key still names its user, but not for prompt=none", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const hers = provider.browser();
  const { id_token } = await signIn(provider, { browser: hers });
  await withdrawSigningKey(provider.deps, { alg: "RS256" });
  const silent = { id_token_hint: id_token, prompt: "none" };
  assertEquals(await outcomeAt(provider, hers, silent), "error login_required");
  assertEquals(await outcomeAt(provider, hers, { id_token_hint: id_token }), "code");
  const his = await signedInBrowser(provider, { user: bob });
  assertEquals(await outcomeAt(provider, his, { id_token_hint: id_token }), "login");
});
