import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import { anAdminApi } from "../admin/api.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { alice, aProvider, codeVerifier, type TestProvider } from "../support/provider.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";
import { type TestWeb, testWeb, type WebAnswer } from "../support/web.ts";

const client_id = "https://tool.example/client.json";
const callback = "https://tool.example/callback";
const open = { clientIdDocuments: { mode: "open", hosts: [] } } as const;
const document = {
  client_id,
  client_name: "Tool",
  redirect_uris: [callback],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "none",
};

async function aToolProvider(web: TestWeb, config: Partial<Config> = open) {
  return await aProvider({ config, transport: web, clients: [aClient("shop")] });
}

function publish(web: TestWeb, changes: Record<string, unknown> = {}) {
  web.publish(client_id, JSON.stringify({ ...document, ...changes }));
}

const parameters = { client_id, redirect_uri: callback, scope: "openid offline_access" };

async function signIn(provider: TestProvider) {
  const code = await provider.authorize({ parameters });
  return await tokensOf(
    await provider.post("/token", {
      grant_type: "authorization_code",
      code,
      redirect_uri: callback,
      code_verifier: codeVerifier,
      client_id,
    }),
  );
}

function refresh(provider: TestProvider, refresh_token: string) {
  return provider.post("/token", { grant_type: "refresh_token", refresh_token, client_id });
}

/** Whether an authorization request of the client is taken. */
async function isTaken(provider: TestProvider, id = client_id): Promise<boolean> {
  const url = provider.authorizeUrl({ parameters: { ...parameters, client_id: id } });
  const answer = await provider.request(url);
  await answer.body?.cancel();
  return answer.status === 303;
}

Deno.test("a client whose id is the URL of its metadata signs people in, and consent names its host", async () => {
  const web = testWeb();
  publish(web);
  await using provider = await aToolProvider(web);
  const browser = provider.browser();
  const login = await browser.open(provider.authorizeUrl({ parameters }));
  const { username, password } = alice;
  const page = await browser.submit(login, { username, password });
  assert(page.body.includes("document-host"));
  assert(page.body.includes("tool.example"));
  const { refresh_token } = await signIn(provider);
  assertEquals((await refresh(provider, refresh_token)).status, 200);
  assertEquals(web.asked, [client_id], "it is kept while it is fresh");
});

Deno.test("consent warns of a document's client that is only on the user's device", async () => {
  const { username, password } = alice;
  const here = ["http://127.0.0.1/callback", "http://localhost:7777/callback", "http://[::1]/cb"];
  for (const [redirect_uris, isWarned] of [[here, true], [[...here, callback], false]] as const) {
    const web = testWeb();
    publish(web, { redirect_uris });
    await using provider = await aToolProvider(web);
    const browser = provider.browser();
    const asked = { ...parameters, redirect_uri: here[0] };
    const login = await browser.open(provider.authorizeUrl({ parameters: asked }));
    const page = await browser.submit(login, { username, password });
    assertEquals(page.url.pathname, "/consent");
    assertEquals(page.body.includes(`id="loopback-only"`), isWarned);
  }
});

Deno.test("only a URL that no parser changes is the id of a document", async () => {
  const web = testWeb();
  await using provider = await aToolProvider(web);
  const ids = [
    "https://tool.example",
    "http://tool.example/client.json",
    "https://tool.example/./client.json",
    "https://tool.example/a/../client.json",
    "https://tool.example/a/%2e%2e/client.json",
    "https://TOOL.example/client.json",
    "https://tool.example:443/client.json",
    "https://user@tool.example/client.json",
    "https://tool.example/client.json#x",
    "https://tool.example/cl ient.json",
    " https://tool.example/client.json",
    `https://tool.example/${"a".repeat(256)}`,
    "ftp://tool.example/client.json",
    "tool.example/client.json",
  ];
  for (const id of ids) {
    web.publish(id, JSON.stringify({ ...document, client_id: id }));
    assertEquals(await isTaken(provider, id), false, id);
  }
  assertEquals(web.asked, []);
});

Deno.test("a document that is wrong makes no client, and is not kept", async () => {
  const wrong: Record<string, unknown>[] = [
    { client_id: "https://tool.example/other.json" },
    { client_id: "https://tool.example/client.json/" },
    { client_id: undefined },
    { client_secret: "a secret that everybody reads" },
    { client_secret: "" },
    { client_secret_expires_at: 0 },
    { jwks: { keys: [{ kty: "oct", k: "x" }] } },
    { jwks: { keys: [{ kty: "future" }, { kty: "EC", crv: "P-256", x: "x", y: "y", d: "d" }] } },
    { token_endpoint_auth_method: "client_secret_basic" },
    { token_endpoint_auth_method: "client_secret_jwt" },
    { token_endpoint_auth_method: "private_key_jwt" },
    { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{ kty: "oct", k: "x" }] } },
    { redirect_uris: [] },
    { redirect_uris: ["javascript:alert(1)"] },
    { redirect_uris: undefined },
    { client_name: "x".repeat(6000) },
  ];
  for (const changes of wrong) {
    const web = testWeb();
    publish(web, changes);
    await using provider = await aToolProvider(web);
    if (JSON.stringify(changes).length < 6000) {
      assertEquals(await isTaken(provider), false, JSON.stringify(changes));
    }
    publish(web);
    assertEquals(await isTaken(provider), true, "the next look finds it right");
  }
  const body = JSON.stringify(document);
  const typed = (type: string) => ({ headers: { "content-type": type }, body });
  const types = ["text/html", "text/plain", "application/octet-stream", "", "application/jsonp"];
  for (const answer of ["", "[]", "null", { status: 201, body }, ...types.map(typed)]) {
    const web = testWeb();
    web.publish(client_id, answer);
    await using provider = await aToolProvider(web);
    assertEquals(await isTaken(provider), false, JSON.stringify(answer));
  }
  for (
    const type of ["application/json; charset=utf-8", "Application/JSON", "application/x+json"]
  ) {
    const web = testWeb();
    web.publish(client_id, typed(type));
    await using provider = await aToolProvider(web);
    assertEquals([type, await isTaken(provider)], [type, true]);
  }
  const web = testWeb();
  web.publish(client_id, { status: 302, headers: { location: "https://tool.example/x" } });
  await using provider = await aToolProvider(web);
  assertEquals(await isTaken(provider), false);
  assertEquals(web.asked, [client_id], "no redirect is followed");
});

Deno.test("the developer of a wrong document is told what is wrong, and nothing of what cannot be reached", async () => {
  const body = JSON.stringify(document);
  const cannot = "the document at client_id cannot be used:";
  const answers: [WebAnswer | null, string][] = [
    [null, "its status is not 200"],
    [{ status: 302, headers: { location: "https://tool.example/x" } }, "it cannot be fetched"],
    [{ headers: { "content-type": "text/html" }, body }, "its content type is not JSON"],
    ["[]", "the document is not a JSON object"],
    [`{"client_id":"${client_id}/"}`, "client_id is not the URL of the document"],
    [JSON.stringify({ ...document, redirect_uris: [] }), "redirect_uris must hold at least one"],
    [JSON.stringify({ ...document, scope: "read" }), "scope has none of the scopes"],
    [JSON.stringify({ ...document, client_name: "x".repeat(6000) }), "it has more than 5120 bytes"],
  ];
  for (const [answer, problem] of answers) {
    const web = testWeb();
    web.publish(client_id, answer);
    await using provider = await aToolProvider(web);
    const page = await provider.request(provider.authorizeUrl({ parameters }));
    assertEquals(page.status, 400);
    assertStringIncludes(await page.text(), `${cannot} ${problem}`);
    const token = await refresh(provider, "x");
    const { error, error_description } = await token.json();
    assertEquals([token.status, error], [401, "invalid_client"]);
    assertStringIncludes(error_description, `${cannot} ${problem}`);
    assert(token.headers.has("www-authenticate"));
  }
  for (const address of ["10.0.0.1", "127.0.0.1"]) {
    const web = { ...testWeb(), resolve: () => Promise.resolve([address]) };
    await using provider = await aToolProvider(web);
    const page = await provider.request(provider.authorizeUrl({ parameters }));
    assertStringIncludes(await page.text(), `${cannot} it cannot be fetched<`);
  }
});

Deno.test("one redirect URI that is not possible does not void the others", async () => {
  const web = testWeb();
  publish(web, { redirect_uris: ["javascript:alert(1)", "cursor://x/callback", 7, callback] });
  await using provider = await aToolProvider(web);
  assertEquals(await isTaken(provider), true);
});

Deno.test("members that a document's client does not use, or that are null or empty, do not void it", async () => {
  const logout = ["com.example.app:/bye", "http://other.example/", 7, "https://tool.example/bye"];
  const rest = { client_secret: null, software_statement: null, jwks: null, contacts: null };
  const table: Record<string, unknown>[] = [
    { post_logout_redirect_uris: logout },
    { post_logout_redirect_uris: "https://tool.example/bye" },
    { token_endpoint_auth_signing_alg: "ES256" },
    { token_endpoint_auth_signing_alg: "made up" },
    { jwks: { keys: [{ kty: "future" }] } },
    { jwks_uri: "https://tool.example/jwks", jwks: { keys: [] } },
    { ...rest, token_endpoint_auth_method: null, application_type: null, scope: null },
    { client_uri: "tool.example", policy_uri: 7, tos_uri: "javascript:alert(1)", contacts: "me" },
    { client_name: "x".repeat(300), contacts: [null] },
    { ...rest, client_uri: "", policy_uri: "", tos_uri: "", logo_uri: "", scope: "", jwks_uri: "" },
  ];
  const found = [];
  for (const members of table) {
    const web = testWeb();
    publish(web, members);
    await using server = await anAdminApi({ config: open, transport: web });
    if (!await isTaken(server.provider)) found.push(members);
    const { body } = await server.get(`/clients/${encodeURIComponent(client_id)}`);
    const expected = members.post_logout_redirect_uris === logout ? logout.slice(3) : [];
    assertEquals(body.post_logout_redirect_uris, expected, JSON.stringify(members));
  }
  assertEquals(found, []);
});

Deno.test("the rights of operators' clients are in no document", async () => {
  const web = testWeb();
  publish(web, { skip_consent: true, scope: "openid latchkey:admin read", require_pkce: false });
  await using server = await anAdminApi({ config: open, transport: web });
  assertEquals(await isTaken(server.provider), true);
  const path = `/clients/${encodeURIComponent(client_id)}`;
  const { body } = await server.get(path);
  assertEquals([body.skip_consent, body.scope, body.require_pkce, body.registered_by], [
    false,
    "openid",
    true,
    "document",
  ]);
  // An administrator can look at it and delete it, and the document alone says what it is.
  assertEquals((await server.patch(path, { client_name: "Bank" })).status, 409);
});

Deno.test("a client may use either method that its document offers, and an assertion that fails is none", async () => {
  const [key, other] = [await aClientKey(), await aClientKey()];
  const jwks = { keys: [key.publicJwk] };
  const both = ["none", "private_key_jwt"];
  // Only the last one is for a key like the client's.
  const algorithms = {
    token_endpoint_auth_signing_alg: "made_up",
    token_endpoint_auth_signing_alg_values_supported: ["made_up", "HS256", "RS256", "ES256"],
  };
  const right = { signed: "400 invalid_grant", wrong: "401 invalid_client" };
  const refusedUnsigned = { ...right, plain: "401 invalid_client" };
  const either = { ...right, plain: "400 invalid_grant" };
  const unsigned = { ...either, signed: "401 invalid_client" };
  const table: [Record<string, unknown>, typeof either][] = [
    [{ token_endpoint_auth_methods_supported: both, jwks }, either],
    [{ token_endpoint_auth_methods_supported: both.toReversed(), jwks }, either],
    [{ token_endpoint_auth_methods_supported: both }, unsigned],
    [{ token_endpoint_auth_methods_supported: ["private_key_jwt"], jwks }, refusedUnsigned],
    [{ token_endpoint_auth_method: "private_key_jwt", jwks }, refusedUnsigned],
    [
      {
        token_endpoint_auth_method: "none",
        token_endpoint_auth_methods_supported: ["client_secret_basic", ...both],
        jwks,
      },
      either,
    ],
    [{ token_endpoint_auth_methods_supported: both, jwks, ...algorithms }, either],
    [
      { token_endpoint_auth_methods_supported: ["private_key_jwt"], jwks, ...algorithms },
      refusedUnsigned,
    ],
    [{ token_endpoint_auth_method: "none", jwks }, unsigned],
    [{ jwks }, unsigned],
  ];
  for (const [members, expected] of table) {
    const web = testWeb();
    publish(web, { token_endpoint_auth_method: undefined, ...members });
    await using provider = await aToolProvider(web);
    const ask = async (form: Record<string, string>, path = "/token") => {
      const sent = { grant_type: "refresh_token", refresh_token: "x", ...form };
      return await answerOf(await provider.post(path, sent));
    };
    const signed = await key.form(provider, client_id);
    const outcomes = {
      signed: await ask(signed),
      wrong: await ask({ client_id, ...await other.form(provider, client_id) }),
      plain: await ask({ client_id }),
    };
    assertEquals(outcomes, expected, JSON.stringify(members));
    if (expected.signed === "400 invalid_grant") {
      const revoke = () => ask({ ...signed, token: "x" }, "/revoke");
      assertEquals([await revoke(), await revoke()], ["200", "401 invalid_client"], "once");
    }
    // A client that may also come without a key is no confidential one.
    const introspecting = { ...await key.form(provider, client_id), token: "x" };
    const isConfidential = expected === refusedUnsigned;
    assertEquals(
      await ask(introspecting, "/introspect"),
      isConfidential ? "200" : "401 invalid_client",
    );
  }
  const refused: [string[], string?][] = [
    [["client_secret_basic"]],
    [["private_key_jwt"]],
    [[]],
    [["tls_client_auth"]],
    [["client_secret_basic", "none"], "client_secret_basic"],
    [["private_key_jwt"], "none"],
  ];
  for (const [methods, method] of refused) {
    const web = testWeb();
    publish(web, {
      token_endpoint_auth_method: method,
      token_endpoint_auth_methods_supported: methods,
      jwks: method === undefined ? undefined : jwks,
    });
    await using provider = await aToolProvider(web);
    assertEquals([methods, await isTaken(provider)], [methods, false]);
  }
});

Deno.test("a list of what its client cannot use does not void a document", async () => {
  const rows: [Record<string, unknown>, boolean][] = [
    [{ introspection_signing_alg_values_supported: ["HS256"] }, true],
    [{ token_endpoint_auth_signing_alg_values_supported: "HS256" }, true],
    [{ id_token_signing_alg_values_supported: ["HS256"] }, false],
  ];
  for (const [members, isGood] of rows) {
    const web = testWeb();
    publish(web, members);
    await using provider = await aToolProvider(web);
    assertEquals(await isTaken(provider), isGood, JSON.stringify(members));
  }
});

Deno.test("a document that cannot be read any more ends no grant, and begins none after a day", async () => {
  const web = testWeb();
  publish(web);
  await using provider = await aToolProvider(web);
  let { refresh_token } = await signIn(provider);
  for (const [gone, isStillTaken] of [[3601, true], [86_400, false]] as const) {
    web.publish(client_id, { status: 500 });
    provider.clock.advance(gone);
    ({ refresh_token } = await tokensOf(await refresh(provider, refresh_token)));
    assertEquals(await isTaken(provider), isStillTaken);
  }
  web.publish(client_id, JSON.stringify({ ...document, client_id: "https://other.example/x" }));
  provider.clock.advance(86_400 * 10);
  assertEquals((await refresh(provider, refresh_token)).status, 200);
  publish(web);
  provider.clock.advance(61);
  assertEquals(await isTaken(provider), true, "it is back");
});

Deno.test("a change in a client's document counts from then on, and leaves an event", async () => {
  const web = testWeb();
  publish(web);
  await using server = await anAdminApi({ config: open, transport: web });
  const { provider } = server;
  assertEquals(await isTaken(provider), true);
  publish(web, { redirect_uris: ["https://tool.example/2"] });
  assertEquals(await isTaken(provider), true, "it is fresh");
  provider.clock.advance(3601);
  assertEquals(await isTaken(provider), false);
  await server.renewToken();
  assertEquals((await server.events("type=client_updated")).length, 1);
});

Deno.test("listed hosts alone have documents, and none have if that is off", async () => {
  const listed = { clientIdDocuments: { mode: "listed", hosts: ["*.apps.example"] } } as const;
  const off = { clientIdDocuments: { mode: "off", hosts: [] } } as const;
  const ids = { [client_id]: false, "https://a.apps.example/c": true };
  for (const config of [listed, off]) {
    const web = testWeb();
    await using provider = await aToolProvider(web, config);
    for (const [id, isListed] of Object.entries(ids)) {
      web.publish(id, JSON.stringify({ ...document, client_id: id }));
      assertEquals(await isTaken(provider, id), isListed && config === listed, id);
    }
    const discovery = await (await provider.request("/.well-known/openid-configuration")).json();
    const told = discovery.client_id_metadata_document_supported;
    assertEquals(told, config === listed ? true : undefined);
    assertEquals(web.asked.length, config === listed ? 1 : 0);
  }
});

Deno.test("an address without outgoing requests left cannot keep a document from being read for others", async () => {
  const web = testWeb();
  publish(web);
  const limits = { ...defaultConfig.limits, outgoingAddress: { count: 1, seconds: 86_400 } };
  await using provider = await aToolProvider(web, { ...open, rateLimits: true, limits });
  const poll = async (address: string) => {
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: "x",
      client_id,
    });
    return await answerOf(await provider.request("/token", { method: "POST", body, address }));
  };
  assertEquals(await poll("203.0.113.1"), "400 invalid_grant");
  provider.clock.advance(3601);
  assertEquals(await poll("203.0.113.1"), "429 temporarily_unavailable");
  assertEquals(web.asked.length, 1);
  assertEquals(await poll("203.0.113.2"), "400 invalid_grant");
  assertEquals(web.asked.length, 2, "the refusal was not stored as a try");
  // Of a client that is not known, nothing is stored either.
  const other = "https://other.example/client.json";
  web.publish(other, JSON.stringify({ ...document, client_id: other }));
  const ask = async (address: string) => {
    const body = new URLSearchParams({ token: "x", client_id: other });
    return await answerOf(await provider.request("/revoke", { method: "POST", body, address }));
  };
  assertEquals(await ask("203.0.113.1"), "429 temporarily_unavailable");
  assertEquals(await ask("203.0.113.3"), "200");
});

Deno.test("records made of documents count together with those of all strangers, at any endpoint", async () => {
  const web = testWeb();
  const limits = { ...defaultConfig.limits, strangers: { count: 3, seconds: 3600 } };
  await using provider = await aToolProvider(web, { ...open, rateLimits: true, limits });
  const call = async (number: number, endpoint: string) => {
    const id = `https://tool.example/${number}`;
    web.publish(id, JSON.stringify({ ...document, client_id: id }));
    const address = `203.0.113.${number}`;
    if (endpoint === "/authorize") {
      const silent = { ...parameters, client_id: id, prompt: "none" };
      const url = provider.authorizeUrl({ parameters: silent });
      return await answerOf(await provider.request(url, { address }));
    }
    const form = { token: "x", grant_type: "refresh_token", refresh_token: "x", client_id: id };
    const body = new URLSearchParams(form);
    return await answerOf(await provider.request(endpoint, { method: "POST", body, address }));
  };
  assertEquals(await call(1, "/token"), "400 invalid_grant");
  assertEquals(await call(2, "/revoke"), "200");
  assertEquals((await call(3, "/authorize")).slice(0, 3), "303");
  const endpoints = ["/token", "/revoke", "/introspect", "/par", "/authorize"];
  for (const [index, endpoint] of endpoints.entries()) {
    assertEquals((await call(index + 4, endpoint)).slice(0, 3), "429", endpoint);
  }
  assertEquals(await call(2, "/revoke"), "200", "a known one makes no record");
});
