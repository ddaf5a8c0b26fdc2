import { assert, assertEquals, assertMatch } from "@std/assert";
import { ask, signedInBrowser, toldTo } from "../support/authorization.ts";
import { formOf } from "../support/browser.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { signedObject } from "../support/request_object.ts";

/** Its hash and its salt. */
const sessionState = /^[\w-]{43}\.[\w-]{22}$/;

Deno.test("the response contains the code, the unchanged state, and the issuer", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const state = 'a b+c&d=é"</script>\n';

  const landing = await ask(provider, { browser, parameters: { state } });

  const { code, session_state = "", ...rest } = toldTo(landing);
  assertEquals(rest, { state, iss: issuer });
  assertMatch(session_state, sessionState);
  assertEquals((await provider.exchange(code ?? "")).status, 200);
  assertEquals(landing.response.status, 303);
  assertEquals(landing.response.headers.get("cache-control"), "no-store");
});

Deno.test("half a character in the state of a request object comes back as U+FFFD in a redirect", async () => {
  const key = await aClientKey();
  const signer = aClient("shop", { skip_consent: true, jwks: { keys: [key.publicJwk] } });
  await using provider = await aProvider({ clients: [signer] });
  const browser = await signedInBrowser(provider);
  for (const response_mode of ["query", "fragment"]) {
    const claims = { state: "a \ud800", response_mode };
    const request = await signedObject(provider, key, { claims });
    const query = new URLSearchParams({ client_id: "shop", request });
    const landing = await browser.open(`/authorize?${query}`);
    assertEquals(toldTo(landing).state, "a \ufffd", response_mode);
  }
});

Deno.test("the response has no state if the request had none", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  for (const prompt of [undefined, "none login"]) {
    const landing = await ask(provider, { browser, parameters: { state: undefined, prompt } });
    assertEquals(landing.url.searchParams.has("state"), false);
  }
});

Deno.test("an error response contains the state and the issuer too", async () => {
  await using provider = await aProvider();
  const landing = await ask(provider, { parameters: { prompt: "none" } });
  const { error_description, ...rest } = toldTo(landing);
  assertEquals(rest, { error: "login_required", state: "the-state", iss: issuer });
  assert(error_description);
});

Deno.test("the response is appended to a registered query, which stays unchanged", async () => {
  const registered = "https://shop.example/callback?b=%7e&a=1+2&a=";
  await using provider = await aProvider({
    clients: [aClient("shop", { redirect_uris: [registered] })],
  });
  const browser = await signedInBrowser(provider);
  const { response } = await ask(provider, { browser });
  assertMatch(
    response.headers.get("location") ?? "",
    /^https:\/\/shop\.example\/callback\?b=%7e&a=1\+2&a=&code=/,
  );
});

Deno.test("response_mode=fragment puts code, state and errors after the registered query", async () => {
  const registered = "https://shop.example/callback?a=1";
  await using provider = await aProvider({
    clients: [aClient("shop", { redirect_uris: [registered] })],
  });
  const browser = await signedInBrowser(provider);
  const state = "a b+c&d=é#";
  const answers = [];
  for (const prompt of [undefined, "none login"]) {
    const parameters = { response_mode: "fragment", state, prompt };
    const { response } = await ask(provider, { browser, parameters });
    const location = response.headers.get("location") ?? "";
    assert(location.startsWith(`${registered}#`), location);
    answers.push(Object.fromEntries(new URLSearchParams(location.split("#")[1])));
  }
  const [{ code = "", session_state = "", ...rest } = {}, error] = answers;
  assertEquals(rest, { state, iss: issuer });
  assertMatch(session_state, sessionState);
  assertEquals(
    (await provider.exchange(code, { parameters: { redirect_uri: registered } })).status,
    200,
  );
  assertEquals([error?.error, error?.state], ["invalid_request", state]);
});

Deno.test("form_post answers with a form that posts itself, and with a button without scripts", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const state = `"><script>alert(1)</script>`;

  const { response, body } = await ask(provider, {
    browser,
    parameters: { response_mode: "form_post", state },
  });

  assertEquals(response.status, 200);
  const { action, hidden: { code, session_state = "", ...rest } } = formOf(body);
  assertEquals(action, "https://shop.example/callback");
  assertMatch(session_state, sessionState);
  assertEquals(rest, { state, iss: issuer });
  assertEquals((await provider.exchange(code ?? "")).status, 200);
  assert(body.includes('<button type="submit"'));
  assert(!body.includes("<script>alert"));
});

Deno.test("a form_post page runs only its own script, and its form may be posted to the client", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  for (const prompt of [undefined, "none login"]) {
    const parameters = { response_mode: "form_post", prompt };
    const { response, body } = await ask(provider, { browser, parameters });
    const policy = response.headers.get("content-security-policy") ?? "";
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1];
    assertEquals([...body.matchAll(/<script nonce="([^"]*)">/g)].map(([, n]) => n), [nonce]);
    assertMatch(policy, /^default-src 'none'/);
    assert(!policy.includes("form-action")); // Chromium would block the post to the client
    assertEquals(response.headers.get("cache-control"), "no-store");
  }
});

Deno.test("a form_post page may be in a hidden frame of its application, and no other page may", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const silent = { prompt: "none", response_mode: "form_post" };
  for (const parameters of [silent, { ...silent, scope: "openid phone" }]) {
    const { response } = await ask(provider, { browser, parameters });
    const policy = response.headers.get("content-security-policy") ?? "";
    assertMatch(policy, /frame-ancestors https:\/\/shop\.example(;|$)/);
    assertEquals(response.headers.has("x-frame-options"), false);
  }
  const login = await ask(provider, { parameters: { response_mode: "form_post" } });
  assertMatch(
    login.response.headers.get("content-security-policy") ?? "",
    /frame-ancestors 'none'/,
  );
  assertEquals(login.response.headers.get("x-frame-options"), "DENY");
});

Deno.test("an error is sent by form_post if requested", async () => {
  await using provider = await aProvider();
  const landing = await ask(provider, {
    parameters: { prompt: "none", response_mode: "form_post" },
  });
  assertEquals(formOf(landing.body).action, "https://shop.example/callback");
  assertEquals(toldTo(landing).error, "login_required");
  assertEquals(toldTo(landing).state, "the-state");
  assertEquals(toldTo(landing).iss, issuer);
});

Deno.test("discovery lists exactly the response types and modes that work", async () => {
  await using provider = await aProvider();
  const discovery = await (await provider.request("/.well-known/openid-configuration")).json();
  assertEquals(discovery.response_types_supported, ["code"]);
  const modes = ["query", "fragment", "form_post"];
  const signed = [...modes.map((mode) => `${mode}.jwt`), "jwt"];
  assertEquals(discovery.response_modes_supported, [...modes, ...signed]);
  assertEquals(discovery.authorization_response_iss_parameter_supported, true);

  const cases: [Record<string, string>, string][] = [
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ response_type: "code id_token" }, "unsupported_response_type"],
    [{ response_type: "id_token" }, "unsupported_response_type"],
    [{ response_type: "none" }, "unsupported_response_type"],
    [{ response_mode: "web_message" }, "invalid_request"],
  ];
  for (const [parameters, error] of cases) {
    assertEquals(
      toldTo(await ask(provider, { parameters })).error,
      error,
      JSON.stringify(parameters),
    );
  }
});

Deno.test("a client without the grant type authorization_code gets no code", async () => {
  const machine = aClient("machine", { grant_types: ["client_credentials"] });
  await using provider = await aProvider({ clients: [machine] });
  assertEquals(toldTo(await ask(provider)).error, "unauthorized_client");
});
