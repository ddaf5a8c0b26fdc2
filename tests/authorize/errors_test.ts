import { assert, assertEquals } from "@std/assert";
import { ask, outcomeAt, outcomeOf, signedInBrowser } from "../support/authorization.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { answerOf } from "../support/tokens.ts";

const registered = "https://shop.example/callback";

Deno.test("no browser is redirected to a redirect URI that is not registered exactly", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const attacks = [
    "https://shop.example/callback/",
    "https://shop.example/callback?",
    "https://shop.example/callback?next=https://evil.example",
    "https://shop.example/callback#",
    "https://shop.example/callback#/evil",
    "https://shop.example/callback/../evil",
    "https://shop.example/x/../callback",
    "https://shop.example/./callback",
    "https://shop.example//callback",
    "https://shop.example/Callback",
    "https://SHOP.example/callback",
    "HTTPS://shop.example/callback",
    "http://shop.example/callback",
    "https://shop.example:443/callback",
    "https://shop.example:8443/callback",
    "https://shop.example./callback",
    "https://evil@shop.example/callback",
    "https://shop.example@evil.example/callback",
    "https://shop.example\\@evil.example/callback",
    "https://shop.example.evil.example/callback",
    "https://evil.example/https://shop.example/callback",
    "https://shop.example/%63allback",
    "https://shop.example/callback%00",
    "https://shop.example/callback\n",
    " https://shop.example/callback",
    "https://shop.example/call",
    "https://shop.example/",
    "//shop.example/callback",
    "/callback",
    "javascript:alert(1)",
    "data:text/html,hello",
    "https://*.example/callback",
  ];
  for (const redirect_uri of attacks) {
    for (const prompt of [undefined, "none"]) {
      const landing = await ask(provider, { browser, parameters: { redirect_uri, prompt } });
      assertEquals(outcomeOf(landing), "page invalid_request", JSON.stringify(redirect_uri));
      assertEquals(landing.response.headers.get("location"), null);
    }
  }
  assertEquals(await outcomeAt(provider, browser, { redirect_uri: registered }), "code");
});

Deno.test("another client's redirect URI is refused", async () => {
  await using provider = await aProvider({ clients: [aClient("shop"), aClient("thief")] });
  const parameters = { redirect_uri: "https://thief.example/callback" };
  assertEquals(outcomeOf(await ask(provider, { parameters })), "page invalid_request");
});

Deno.test("a native client may use any loopback port, a web client only its own", async () => {
  const redirect_uris = ["http://127.0.0.1/cb", "http://[::1]/cb"];
  await using provider = await aProvider({
    clients: [
      aClient("phone", { redirect_uris, application_type: "native" }),
      aClient("web", { redirect_uris }),
    ],
  });
  const cases: [string, string, string][] = [
    ["http://127.0.0.1/cb", "login", "login"],
    ["http://127.0.0.1:49152/cb", "login", "page invalid_request"],
    ["http://[::1]:49152/cb", "login", "page invalid_request"],
    ["http://127.0.0.1:49152/cb/", "page invalid_request", "page invalid_request"],
    ["http://127.0.0.1:49152/", "page invalid_request", "page invalid_request"],
    ["http://127.0.0.1:49152/cb#x", "page invalid_request", "page invalid_request"],
    ["http://localhost:49152/cb", "page invalid_request", "page invalid_request"],
    ["http://127.0.0.2:49152/cb", "page invalid_request", "page invalid_request"],
    ["https://127.0.0.1:49152/cb", "page invalid_request", "page invalid_request"],
    ["http://127.0.0.1:99999/cb", "page invalid_request", "page invalid_request"],
    ["http://127.0.0.1:1@evil.example/cb", "page invalid_request", "page invalid_request"],
    ["http://127.0.0.1.evil.example/cb", "page invalid_request", "page invalid_request"],
  ];
  for (const [redirect_uri, native, web] of cases) {
    for (const [client, expected] of [["phone", native], ["web", web]] as const) {
      for (const response_mode of ["query", "form_post"]) {
        const landing = await ask(provider, {
          client,
          parameters: { redirect_uri, response_mode },
        });
        assertEquals(outcomeOf(landing), expected, `${client} ${redirect_uri}`);
      }
    }
  }
});

Deno.test("a request that is not for OpenID Connect may leave out the client's only redirect URI", async () => {
  const scope = "openid read";
  const key = await aClientKey();
  const jwks = { keys: [key.publicJwk] };
  const members = { scope, skip_consent: true };
  const clients = [
    aClient("one", members),
    aClient("two", {
      ...members,
      redirect_uris: ["https://two.example/callback", "https://two.example/other"],
    }),
    aKeyClient("bank", { ...members, profile: "fapi2", jwks }),
  ];
  const api = { resource: "https://api.example", scopes: ["read"] };
  await using provider = await aProvider({ clients, resources: [api] });
  const left = { redirect_uri: undefined, scope: "read", resource: api.resource };
  const missing = "page invalid_request";
  const table: [string, Record<string, string | undefined>, string][] = [
    ["one", {}, "code"],
    ["one", { scope: "nothing", resource: undefined }, "error invalid_scope"],
    ["one", { scope: "read openid" }, missing],
    ["one", { redirect_uri: "https://one.example/other" }, missing],
    ["two", {}, missing],
    ["bank", {}, missing],
  ];
  const signIn = { client: "one", parameters: { scope: "openid" } };
  const browser = await signedInBrowser(provider, signIn);
  for (const [client, parameters, expected] of table) {
    const asked = { client, parameters: { ...left, ...parameters } };
    assertEquals(outcomeOf(await ask(provider, { browser, ...asked })), expected, client);
  }
  const asked = { client: "one", parameters: left };
  const exchange = async (redirect_uri: string | undefined) => {
    const code = await provider.authorize(asked);
    return await answerOf(
      await provider.exchange(code, { client: "one", parameters: { redirect_uri } }),
    );
  };
  assertEquals(await exchange(undefined), "200");
  assertEquals(await exchange("https://one.example/callback"), "200");
  assertEquals(await exchange("https://one.example/other"), "400 invalid_grant");
});

Deno.test("an error is sent to the client once its redirect URI is validated, otherwise shown on a page", async () => {
  await using provider = await aProvider();
  const cases: [Record<string, string | undefined>, string][] = [
    [{ client_id: undefined }, "page invalid_request"],
    [{ client_id: "stranger" }, "page invalid_client"],
    [{ client_id: "x".repeat(300) }, "page invalid_client"],
    [{ redirect_uri: undefined }, "page invalid_request"],
    [{ redirect_uri: "https://evil.example" }, "page invalid_request"],
    [{ redirect_uri: "https://evil.example", prompt: "none" }, "page invalid_request"],
    [
      { redirect_uri: "https://evil.example", response_mode: "web_message" },
      "page invalid_request",
    ],
    [{ redirect_uri: "https://evil.example", request: "x" }, "page invalid_request_object"],
    [{ client_id: "stranger", scope: "nothing" }, "page invalid_client"],
    [{ response_type: undefined }, "error invalid_request"],
    [{ response_type: "token" }, "error unsupported_response_type"],
    [{ response_mode: "web_message" }, "error invalid_request"],
    [{ scope: "nothing" }, "error invalid_scope"],
    [{ prompt: "none" }, "error login_required"],
    [{ claims: "{" }, "error invalid_request"],
    [{ code_challenge_method: "plain" }, "error invalid_request"],
    [{ resource: "https://nowhere.example" }, "error invalid_target"],
    [{ request: "x" }, "error invalid_request_object"],
    [{ request_uri: "https://shop.example/r" }, "error invalid_request_uri"],
  ];
  for (const [parameters, expected] of cases) {
    const name = JSON.stringify(parameters);
    const url = provider.authorizeUrl({ parameters });
    const landing = await provider.browser().open(url);
    assertEquals(outcomeOf(landing), expected, name);
    if (!expected.startsWith("page")) continue;
    assertEquals([landing.url.pathname, landing.response.status], ["/authorize", 400], name);

    // The same by POST: what can be told already is told there and then.
    const form = new URLSearchParams(url.slice(url.indexOf("?") + 1));
    const posted = await provider.browser().open("/authorize", { method: "POST", body: form });
    assertEquals(outcomeOf(posted), expected, name);
    assertEquals(posted.url.pathname, "/authorize", name);
  }
});

Deno.test("an error page names the received and the registered URI in development only", async () => {
  const received = "https://evil.example/got";
  for (const environment of ["production", "development"] as const) {
    await using provider = await aProvider({ config: { environment } });
    const { body } = await ask(provider, { parameters: { redirect_uri: received } });
    const shown = [received, registered].map((uri) => body.includes(uri));
    assertEquals(shown, environment === "development" ? [true, true] : [false, false]);
  }
});

Deno.test("an error page is not cached and cannot be framed", async () => {
  await using provider = await aProvider();
  const { response } = await ask(provider, { parameters: { client_id: "stranger" } });
  assertEquals(response.headers.get("cache-control"), "no-store");
  assert(response.headers.get("content-security-policy")?.includes("frame-ancestors 'none'"));
  assertEquals(response.headers.get("access-control-allow-origin"), null);
});

Deno.test("a request that is not percent-encoded UTF-8 is refused on a page", async () => {
  await using provider = await aProvider();
  const landing = await provider.browser().open(`${provider.authorizeUrl()}&login_hint=%ff`);
  assertEquals(outcomeOf(landing), "page invalid_request");
  assertEquals(landing.url.origin, issuer);
});
