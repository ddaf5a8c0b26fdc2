import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import {
  ask,
  bob,
  codeAt,
  outcomeAt,
  outcomeOf,
  signedInBrowser,
  submitLogin,
  toldTo,
} from "../support/authorization.ts";
import { alice, aProvider } from "../support/provider.ts";
import { signIn, tokensOf, userinfo } from "../support/tokens.ts";
import { strings } from "../../src/language/languages.ts";

const english = strings("en");

const user = {
  ...alice,
  claims: { ...alice.claims, phone_number: "+49 30 123", birthdate: "1990-01-02" },
};

Deno.test("requested claims are returned only where they were requested", async () => {
  await using provider = await aProvider({ users: [user] });
  const claims = {
    userinfo: { phone_number: null, nickname: null },
    id_token: { email: { essential: true }, birthdate: null, shoe_size: null },
  };
  const tokens = await signIn(provider, {
    parameters: { scope: "openid", claims: JSON.stringify(claims) },
  });
  const { email, birthdate, phone_number, shoe_size } = decodeJwt(tokens.id_token);
  assertEquals({ email, birthdate, phone_number, shoe_size }, {
    email: "alice@example.com",
    birthdate: "1990-01-02",
    phone_number: undefined,
    shoe_size: undefined,
  });
  const { sub: _, ...info } = await (await userinfo(provider, tokens.access_token)).json();
  assertEquals(info, { phone_number: "+49 30 123" });
});

Deno.test("the claims of a scope are at userinfo", async () => {
  await using provider = await aProvider({ users: [user] });
  const tokens = await signIn(provider, { parameters: { scope: "openid email" } });
  const { sub: _, ...info } = await (await userinfo(provider, tokens.access_token)).json();
  assertEquals(info, { email: "alice@example.com", email_verified: true });
  assertEquals(decodeJwt(tokens.id_token).email, undefined);
});

Deno.test("a requested claim cannot replace a member that the server sets", async () => {
  await using provider = await aProvider({ users: [user] });
  const names = ["iss", "aud", "exp", "iat", "auth_time", "amr", "sid", "__proto__", "constructor"];
  const claims = `{"id_token":{${names.map((name) => `"${name}":{"value":"mine"}`)}}}`;
  const tokens = await signIn(provider, { parameters: { scope: "openid", claims } });
  const idToken = decodeJwt(tokens.id_token);
  assertEquals(idToken.iss, "https://op.example");
  assertEquals(idToken.aud, "shop");
  assertEquals(idToken.auth_time, provider.clock.seconds());
});

Deno.test("a claim without consent is asked for once", async () => {
  await using provider = await aProvider({ users: [user] });
  const browser = await signedInBrowser(provider, { user });
  const claims = JSON.stringify({ userinfo: { phone_number: null } });
  const page = await ask(provider, { browser, parameters: { claims } });
  assertEquals(outcomeOf(page), "consent");
  assertEquals(outcomeOf(await browser.submit(page, { decision: "allow" })), "code");
  assertEquals(await outcomeAt(provider, browser, { claims }), "code");
});

Deno.test("a voluntary acr is answered with the acr that was reached", async () => {
  await using provider = await aProvider();
  const wishes = [
    { acr_values: "urn:example:gold urn:example:silver" },
    { claims: '{"id_token":{"acr":{"values":["urn:example:gold"]}}}' },
    { claims: '{"id_token":{"acr":null}}' },
    { claims: '{"id_token":{"acr":{"essential":true}}}' },
  ];
  for (const parameters of wishes) {
    const { id_token } = await signIn(provider, { parameters });
    assertEquals(decodeJwt(id_token).acr, "urn:latchkey:acr:1fa");
  }
});

Deno.test("an essential acr is met or refused", async () => {
  await using provider = await aProvider();
  const essential = (members: Record<string, unknown>) => ({
    claims: JSON.stringify({ id_token: { acr: { essential: true, ...members } } }),
  });
  const unmet = "error unmet_authentication_requirements";
  const cases: [Record<string, unknown>, string, string][] = [
    [{ values: ["urn:latchkey:acr:1fa"] }, "login", "code"],
    [{ values: ["urn:example:gold", "urn:latchkey:acr:1fa"] }, "login", "code"],
    [{ value: "urn:latchkey:acr:1fa" }, "login", "code"],
    [{ values: ["urn:example:gold"] }, unmet, unmet],
    [{ value: "urn:example:gold" }, unmet, unmet],
    [{ value: 7 }, unmet, unmet],
    [{ values: [] }, unmet, unmet],
    // Both count: it must be one of the list, and that one.
    [{ value: "urn:latchkey:acr:1fa", values: ["urn:latchkey:acr:1fa", "phr"] }, "login", "code"],
    [{ value: "phr", values: ["urn:latchkey:acr:1fa"] }, unmet, unmet],
    [{ value: "urn:example:gold", values: ["urn:latchkey:acr:1fa"] }, unmet, unmet],
  ];
  const browser = await signedInBrowser(provider);
  for (const [members, stranger, signedIn] of cases) {
    const name = JSON.stringify(members);
    assertEquals(await outcomeAt(provider, provider.browser(), essential(members)), stranger, name);
    assertEquals(await outcomeAt(provider, browser, essential(members)), signedIn, name);
    const parameters = { ...essential(members), acr_values: "urn:latchkey:acr:1fa" };
    assertEquals(await outcomeAt(provider, browser, parameters), signedIn, `${name}, or a wish`);
  }
});

Deno.test("a requested sub counts in each place and form, and one that is no text is nobody's", async () => {
  await using provider = await aProvider();
  const sub = decodeJwt((await signIn(provider)).id_token).sub;
  const browser = await signedInBrowser(provider);
  const cases: [unknown, string][] = [
    [{ userinfo: { sub: { value: sub } } }, "code"],
    [{ userinfo: { sub: { value: "somebody" } } }, "login_required"],
    [{ id_token: { sub: { values: ["somebody", sub] } } }, "code"],
    [{ id_token: { sub: { values: ["somebody"] } } }, "login_required"],
    [{ id_token: { sub: { values: [] } } }, "login_required"],
    [{ id_token: { sub: { value: 7 } } }, "login_required"],
    [{ id_token: { sub: { value: sub, values: ["somebody"] } } }, "login_required"],
    [{ id_token: { sub: { value: sub } }, userinfo: { sub: { value: "x" } } }, "login_required"],
    [{ id_token: { sub: { essential: true } } }, "code"],
    [{ id_token: { sub: null } }, "code"],
  ];
  for (const [claims, expected] of cases) {
    const text = JSON.stringify(claims);
    const { code, error } = toldTo(
      await ask(provider, { browser, parameters: { prompt: "none", claims: text } }),
    );
    assertEquals(code === undefined ? error : "code", expected, text);
  }
});

Deno.test("a requested sub is met only by its user", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const sub = decodeJwt((await signIn(provider)).id_token).sub;
  const parameters = { claims: JSON.stringify({ id_token: { sub: { value: sub } } }) };
  const his = await signedInBrowser(provider, { user: bob });
  const page = await ask(provider, { browser: his, parameters });
  assertEquals(outcomeOf(page), "login");
  assertEquals(toldTo(await submitLogin(his, page, bob)).error, "login_required");
  const hers = await signedInBrowser(provider);
  assertEquals(outcomeOf(await ask(provider, { browser: hers, parameters })), "code");
});

Deno.test("userinfo returns the current values: claims are granted, not values", async () => {
  await using provider = await aProvider();
  const code = codeAt(await ask(provider, { browser: await signedInBrowser(provider) }));
  const { access_token } = await tokensOf(await provider.exchange(code));
  const before = await (await userinfo(provider, access_token)).json();
  assertEquals([before.name, before.email], ["Alice Adams", "alice@example.com"]);
});

Deno.test("a consent does not cover a claim that the page did not show", async () => {
  await using provider = await aProvider({ users: [user] });
  const browser = provider.browser();
  const claims = JSON.stringify({ userinfo: { birthdate: null }, id_token: { email: null } });
  const login = await ask(provider, { browser, parameters: { scope: "openid", claims } });
  const { body } = await submitLogin(browser, login, user);
  const { profile, email, address } = english.consent.scopes;
  assertStringIncludes(body, profile.title);
  assertStringIncludes(body, email.title);
  assertEquals(body.includes(address.title), false);
});
