import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type GoodRequest, headerText } from "../support/bad_input.ts";
import { formOf } from "../support/browser.ts";
import {
  aFullProvider,
  assertHarmless,
  assertProtocolAnswer,
  changes,
  cookieOf,
  lasting,
  runs,
  seed,
} from "../support/harmless.ts";
import { alice, issuer } from "../support/provider.ts";
import { passkeyForm, requestOptions, sendCredential, withPasskey } from "../support/passkeys.ts";
import { ask, outcomeOf } from "../support/authorization.ts";
import { userinfo } from "../support/tokens.ts";

Deno.test("bad input at the pages gets a protocol error and spends nothing", async (t) => {
  const { provider, access_token, id_token } = await aFullProvider();
  await using _ = provider;
  const origin = issuer;
  const atLogin = provider.browser();
  const login = await atLogin.open(provider.authorizeUrl());
  const atConsent = provider.browser();
  const consent = await atConsent.submit(
    await atConsent.open(provider.authorizeUrl({
      parameters: { scope: "openid offline_access", prompt: "consent" },
    })),
    { username: alice.username, password: alice.password },
  );
  const atLogout = provider.browser();
  await provider.authorize({ browser: atLogout });
  const logout = await atLogout.open("/logout");
  const authenticator = await withPasskey(provider);
  const atPasskey = provider.browser();
  const passkeyPage = await ask(provider, { browser: atPasskey });
  const credential = await authenticator.get(await requestOptions(atPasskey, passkeyPage));
  const { credential: _none, ...passkeyFields } = passkeyForm(passkeyPage.body);
  const url = new URL(provider.authorizeUrl(), issuer);
  const authorization = {
    ...Object.fromEntries(url.searchParams),
    prompt: "login",
    max_age: "10",
    claims: '{"userinfo":{"email":null}}',
    resource: "https://api.example",
    login_hint: "alice",
    id_token_hint: id_token,
    ui_locales: "en",
    acr_values: "urn:latchkey:acr:1fa",
    response_mode: "query",
  };
  const interaction = formOf(login.body).hidden.interaction ?? "";
  const requests: Record<string, GoodRequest> = {
    "/authorize by GET": {
      method: "GET",
      path: "/authorize",
      parameters: authorization,
      essential: Object.keys(authorization),
    },
    "/authorize by POST": {
      method: "POST",
      path: "/authorize",
      parameters: authorization,
      essential: Object.keys(authorization),
    },
    "/authorize/resume": {
      method: "GET",
      path: "/authorize/resume",
      parameters: { interaction },
      essential: ["interaction"],
      headers: { cookie: cookieOf(atConsent) },
    },
    "/login by GET": {
      method: "GET",
      path: "/login",
      parameters: { interaction },
      essential: ["interaction"],
      headers: { cookie: cookieOf(atLogin) },
    },
    "/login": {
      method: "POST",
      path: "/login",
      parameters: {
        ...formOf(login.body).hidden,
        username: alice.username,
        password: alice.password,
      },
      essential: ["interaction", "form_token", "username", "password"],
      headers: { origin, cookie: cookieOf(atLogin) },
    },
    "/login/passkey/options": {
      method: "POST",
      path: "/login/passkey/options",
      parameters: passkeyFields,
      essential: ["interaction", "form_token"],
      headers: { origin, cookie: cookieOf(atPasskey) },
    },
    "/login/passkey": {
      method: "POST",
      path: "/login/passkey",
      parameters: { ...passkeyFields, credential: JSON.stringify(credential) },
      essential: ["interaction", "form_token", "credential"],
      headers: { origin, cookie: cookieOf(atPasskey) },
    },
    "/consent": {
      method: "POST",
      path: "/consent",
      parameters: { ...formOf(consent.body).hidden, decision: "allow" },
      essential: ["interaction", "form_token", "decision"],
      headers: { origin, cookie: cookieOf(atConsent) },
    },
    "/logout by GET": {
      method: "GET",
      path: "/logout",
      parameters: {
        id_token_hint: id_token,
        client_id: "shop",
        post_logout_redirect_uri: "https://shop.example/bye",
        state: "the-state",
        ui_locales: "en",
      },
      essential: ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"],
      headers: { cookie: cookieOf(atLogout) },
    },
    "/logout by POST": {
      method: "POST",
      path: "/logout",
      parameters: { client_id: "shop", state: "the-state" },
      essential: ["client_id", "state"],
      headers: { cookie: cookieOf(atLogout) },
    },
    "/logout/confirm": {
      method: "POST",
      path: "/logout/confirm",
      parameters: formOf(logout.body).hidden,
      essential: ["request", "form_token"],
      headers: { origin, cookie: cookieOf(atLogout) },
    },
    "/setup by GET": {
      method: "GET",
      path: "/setup",
      parameters: { token: "x" },
      essential: ["token"],
    },
    "/setup": {
      method: "POST",
      path: "/setup",
      parameters: {
        token: "x",
        form_token: "x",
        username: "eve",
        name: "Eve",
        password: "a long password of eve",
        password_repeat: "a long password of eve",
      },
      essential: ["token", "form_token", "username", "password"],
      headers: { origin },
    },
  };
  for (const [name, request] of Object.entries(requests)) {
    await t.step(name, () => assertHarmless(provider, request));
  }

  await t.step("/session with cookies of every kind", async () => {
    const before = await lasting(provider);
    await fc.assert(
      fc.asyncProperty(headerText, async (text) => {
        const cookie = `__Host-latchkey_session=${text}; __Host-latchkey_browser=${text}`;
        const headers = { origin, cookie };
        const response = await provider.request("/session", { method: "DELETE", headers });
        await assertProtocolAnswer(response);
        const page = await provider.request(provider.authorizeUrl(), { headers: { cookie } });
        await assertProtocolAnswer(page);
        assertEquals(changes(before, await lasting(provider)), []);
      }),
      { seed, numRuns: runs },
    );
  });

  await t.step("afterwards each page still works", async () => {
    assertEquals((await userinfo(provider, access_token)).status, 200);
    const signedIn = await atLogin.submit(login, {
      username: alice.username,
      password: alice.password,
    });
    assertEquals(signedIn.response.status < 400, true, signedIn.body);
    const byPasskey = await sendCredential(atPasskey, passkeyPage, credential);
    assertEquals(outcomeOf(byPasskey), "code");
    const allowed = await atConsent.submit(consent, { decision: "allow" });
    const code = allowed.url.searchParams.get("code") ?? "";
    assertEquals((await provider.exchange(code)).status, 200, allowed.url.href);
    const signedOut = await atLogout.submit(logout, {});
    assertEquals(signedOut.body.includes("signed out"), true);
  });
});
