import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { members } from "../../src/clients/members.ts";
import { anAdminApi } from "../admin/api.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import {
  alice,
  aProvider,
  codeChallenge,
  codeVerifier,
  type TestProvider,
} from "../support/provider.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";
import { callback, configure, register, type Registered } from "./registration.ts";

const open = { registration: "open" } as const;

/** Signs a person in at a client that registered itself, and exchanges the code. */
async function signInAt(
  provider: TestProvider,
  client: Registered["body"],
  parameters: Record<string, string | undefined> = {},
) {
  const code = await provider.authorize({
    client: "shop",
    parameters: { client_id: client.client_id, redirect_uri: callback, ...parameters },
  });
  return await provider.post("/token", {
    grant_type: "authorization_code",
    code,
    redirect_uri: callback,
    code_verifier: codeVerifier,
    client_id: client.client_id,
    client_secret: client.client_secret,
  });
}

Deno.test("a client registers itself and signs people in, with careful defaults", async () => {
  await using provider = await aProvider({ config: open, clients: [aClient("shop")] });
  const { status, body, headers } = await register(provider, {
    redirect_uris: [callback],
    client_name: "App",
    response_types: [],
  });
  assertEquals(status, 201);
  assertEquals(body.response_types, ["code"], "who asks for none could begin nothing");
  assertEquals(headers.get("cache-control"), "no-store");
  const { client_id, client_secret, registration_access_token, client_id_issued_at, ...rest } =
    body;
  assert(client_id && client_secret && registration_access_token && client_id_issued_at);
  assertEquals(rest.registration_client_uri.includes(client_id), true);
  assertEquals([rest.token_endpoint_auth_method, rest.client_secret_expires_at], [
    "client_secret_basic",
    0,
  ]);
  assertEquals([rest.require_pkce, rest.skip_consent, rest.resources], [true, false, []]);
  await tokensOf(await signInAt(provider, body));
});

Deno.test("consent says that a client registered itself, until an operator has set its name", async () => {
  await using server = await anAdminApi({ config: open });
  const { provider } = server;
  const consent = async (client_id: string, redirect_uri: string) => {
    const parameters = { client_id, redirect_uri, scope: "openid" };
    const browser = provider.browser();
    const login = await browser.open(provider.authorizeUrl({ parameters }));
    const { username, password } = alice;
    const { url, body } = await browser.submit(login, { username, password });
    assertEquals(url.pathname, "/consent");
    return ["self-registered", "loopback-only"].filter((id) => body.includes(`id="${id}"`));
  };
  const sent = { client_name: "Payroll", redirect_uris: [callback] };
  const { body: { client_id } } = await register(provider, sent);
  assertEquals(await consent(client_id, callback), ["self-registered"]);
  await server.patch(`/clients/${client_id}`, { client_uri: "https://app.example/" });
  assertEquals(
    await consent(client_id, callback),
    ["self-registered"],
    "the name is still its own",
  );
  await server.patch(`/clients/${client_id}`, { client_name: "An application of Ann" });
  assertEquals(await consent(client_id, callback), []);
  const here = "http://127.0.0.1/callback";
  const { body: tool } = await register(provider, { ...sent, redirect_uris: [here] });
  assertEquals(await consent(tool.client_id, here), ["self-registered", "loopback-only"]);
  const { body: own } = await server.post("/clients", {
    client_name: "Payroll",
    redirect_uris: [here],
    application_type: "native",
  });
  assertEquals(await consent(own.client_id, here), [], "an operator's");
});

Deno.test("a member that is null or an empty text is as absent, in a registration and in an update", async () => {
  await using provider = await aProvider({ config: open });
  const known = Object.keys(members).filter((name) => name !== "redirect_uris");
  const plain = await register(provider);
  for (const value of [null, ""]) {
    const sent = {
      ...Object.fromEntries([...known, "software_id"].map((name) => [name, value])),
      redirect_uris: [callback],
      software_statement: null,
    };
    const { status, body } = await register(provider, sent);
    assertEquals([status, comparable(body)], [201, comparable(plain.body)]);
    const updated = await configure(provider, "PUT", {
      uri: body.registration_client_uri,
      token: body.registration_access_token,
      body: { ...sent, client_id: body.client_id },
    });
    assertEquals([updated.status, comparable(updated.body)], [200, comparable(plain.body)]);
  }
});

/** A registration without what is another in each. */
function comparable(registered: Record<string, unknown>) {
  const own = /^(client_id.*|client_name|client_secret.*|registration_.*)$/;
  return Object.fromEntries(Object.entries(registered).filter(([name]) => !own.test(name)));
}

Deno.test("a client gets the grant types that its response types need, whatever it names beside them", async () => {
  await using provider = await aProvider({ config: { ...open, implicit: true } });
  const [code, front] = ["authorization_code", "implicit"];
  const table: [response_types: string[] | undefined, grant_types: string[]][] = [
    [undefined, [code]],
    [["code"], [code]],
    [["id_token"], [front]],
    [["token id_token"], [front]],
    [["id_token code"], [code, front]],
    [["code", "id_token"], [code, front]],
  ];
  for (const [response_types, expected] of table) {
    const { body } = await register(provider, { redirect_uris: [callback], response_types });
    assertEquals(body.grant_types, expected, String(response_types));
    const own = { redirect_uris: [callback], response_types, grant_types: [code] };
    assertEquals((await register(provider, own)).body.grant_types, expected, "beside a code");
  }
  const cannot = { redirect_uris: [callback], response_types: ["id_token", "code"] };
  const refused = await register(provider, { ...cannot, grant_types: [front] });
  assertEquals([refused.status, refused.body.error], [400, "invalid_client_metadata"]);
  await using without = await aProvider({ config: open });
  for (const [response_types, expected] of [[["id_token", "code"], 201], [["id_token"], 400]]) {
    const { status, body } = await register(without, { redirect_uris: [callback], response_types });
    assertEquals(status, expected, String(response_types));
    if (status === 201) assertEquals([body.response_types, body.grant_types], [["code"], [code]]);
  }
});

Deno.test("members that only operators may set, and unknown ones, are ignored and no error", async () => {
  await using provider = await aProvider({ config: open });
  const { status, body } = await register(provider, {
    redirect_uris: [callback],
    client_id: "chosen",
    client_secret: "chosen by the client itself",
    skip_consent: true,
    require_pkce: false,
    web_origins: ["https://app.example"],
    rotate_refresh_tokens: false,
    refresh_token_grace_period: 60,
    id_token_scope_claims: true,
    backchannel_token_delivery_mode: "ping",
    backchannel_client_notification_endpoint: "https://app.example/ping",
    resources: ["https://api.example"],
    scope: "openid email latchkey:admin read",
    grant_types: ["authorization_code", "refresh_token", "client_credentials", "implicit"],
    response_types: ["code", "token"],
    software_id: "x",
    made_up: { by: "somebody" },
    contacts: null,
  });
  assertEquals(status, 201);
  assertNotEquals(body.client_id, "chosen");
  assertNotEquals(body.client_secret, "chosen by the client itself");
  const { skip_consent, require_pkce, web_origins, rotate_refresh_tokens, resources } = body;
  assertEquals([skip_consent, require_pkce, web_origins, rotate_refresh_tokens, resources], [
    false,
    true,
    [],
    true,
    [],
  ]);
  assertEquals([body.id_token_scope_claims, body.refresh_token_grace_period], [false, 10]);
  assertEquals(body.scope, "openid email");
  assertEquals(body.grant_types, ["authorization_code", "refresh_token"]);
  assertEquals(body.response_types, ["code"]);
  const { backchannel_token_delivery_mode: mode, backchannel_client_notification_endpoint } = body;
  assertEquals([mode, backchannel_client_notification_endpoint], [undefined, undefined]);
  assertEquals([body.software_id, body.made_up], [undefined, undefined]);
});

const redirect = (uris: unknown, type?: string) => ({
  redirect_uris: uris,
  ...(type === undefined ? {} : { application_type: type }),
});

Deno.test("redirect URIs are held to the type of the application, and a tool need not name its type", async () => {
  await using provider = await aProvider({ config: open });
  const table: [ReturnType<typeof redirect>, string][] = [
    [redirect([callback]), "web"],
    [redirect([callback], "web"), "web"],
    [redirect(["http://localhost:3000/cb"], "native"), "native"],
    [redirect(["http://127.0.0.1/cb"]), "native"],
    [redirect(["http://[::1]/cb", "com.example.app:/cb"]), "native"],
    [redirect(["com.example.app:/cb"], "native"), "native"],
    [redirect(["cursor://anysphere/callback"]), "native"],
    [redirect(["https://app.example/cb"], "native"), "native"],
    [redirect(["http://localhost/cb"], "web"), "invalid_redirect_uri"],
    [redirect(["https://app.example/cb", "http://localhost/cb"]), "native"],
    [redirect(["https://app.example/cb", "cursor://callback"]), "native"],
    [redirect(["https://app.example/cb", "http://localhost/cb"], "web"), "invalid_redirect_uri"],
    [redirect(["HTTPS://app.example/cb"]), "web"],
    [redirect(["com.example.app:/cb"], "web"), "invalid_redirect_uri"],
    [redirect(["http://app.example/cb"], "native"), "invalid_redirect_uri"],
    [redirect(["javascript:alert(1)"]), "invalid_redirect_uri"],
    [redirect(["data:text/html,x"]), "invalid_redirect_uri"],
    [redirect(["https://app.example/cb#x"]), "invalid_redirect_uri"],
    [redirect(["https://*.example/cb"]), "invalid_redirect_uri"],
    [redirect(["https://user@app.example/cb"]), "invalid_redirect_uri"],
    [redirect([]), "invalid_redirect_uri"],
    [redirect(undefined), "invalid_redirect_uri"],
    [redirect("https://app.example/cb"), "invalid_redirect_uri"],
    [redirect([7]), "invalid_redirect_uri"],
  ];
  for (const [metadata, expected] of table) {
    const { status, body } = await register(provider, metadata);
    assertEquals(
      status === 201 ? body.application_type : body.error,
      expected,
      JSON.stringify(metadata),
    );
  }
});

Deno.test("metadata that is not supported is refused by the specification's names", async () => {
  await using provider = await aProvider({ config: open });
  const jwks = { keys: [{ kty: "EC", crv: "P-256", x: "x", y: "y" }] };
  const table: [Record<string, unknown>, string][] = [
    [{ token_endpoint_auth_method: "tls_client_auth" }, "invalid_client_metadata"],
    [{ token_endpoint_auth_method: "private_key_jwt" }, "invalid_client_metadata"],
    [{ jwks, jwks_uri: "https://app.example/jwks" }, "invalid_client_metadata"],
    [{ jwks_uri: "http://10.0.0.1/jwks" }, "invalid_client_metadata"],
    [{ jwks: { keys: [{ kty: "oct", k: "x" }] } }, "invalid_client_metadata"],
    // None of these could ever be called, and nobody but the client would find out.
    [{ jwks_uri: "https://u@app.example/jwks" }, "invalid_client_metadata"],
    [{ jwks_uri: "https://:p@app.example/jwks" }, "invalid_client_metadata"],
    [{ jwks_uri: `https://app.example/${"x".repeat(2029)}` }, "invalid_client_metadata"],
    [{ jwks_uri: "https://app.example/jwks#1" }, "invalid_client_metadata"],
    [{ jwks_uri: " https://app.example/jwks" }, "invalid_client_metadata"],
    [{ sector_identifier_uri: "https://u:p@app.example/sector" }, "invalid_client_metadata"],
    [{ request_uris: ["https://u:p@app.example/object"] }, "invalid_client_metadata"],
    [{ response_types: ["token"] }, "invalid_client_metadata"],
    [{ response_types: ["made up"] }, "invalid_client_metadata"],
    [{ scope: "openid\temail" }, "invalid_client_metadata"],
    [{ subject_type: "ephemeral" }, "invalid_client_metadata"],
    [{ id_token_signed_response_alg: "none" }, "invalid_client_metadata"],
    [{ grant_types: ["client_credentials"] }, "invalid_client_metadata"],
    [{ client_uri: "javascript:alert(1)" }, "invalid_client_metadata"],
    [{ client_name: "x".repeat(300) }, "invalid_client_metadata"],
    [{ scope: 7 }, "invalid_client_metadata"],
    [{ scope: "read latchkey:admin" }, "invalid_client_metadata"],
    [{ scope: " " }, "invalid_client_metadata"],
    [{ software_statement: "x.y.z" }, "invalid_software_statement"],
    [{ software_statement: 7 }, "invalid_software_statement"],
    [{ initiate_login_uri: "http://localhost/login" }, "invalid_client_metadata"],
  ];
  for (const [members, expected] of table) {
    const { status, body } = await register(provider, { redirect_uris: [callback], ...members });
    assertEquals(`${status} ${body.error}`, `400 ${expected}`, JSON.stringify(members));
    assertEquals(/["\\]/.test(body.error_description), false);
  }
  const second = { redirect_uris: [callback, "https://app.example/cb#x"] };
  const { body: wrong } = await register(provider, second);
  assertEquals(wrong.error_description.split(" ")[0], "redirect_uris.1", "the wrong entry");
  for (const text of ["", "[]", "null", "7", "{", '"x"', '{"client_name":"\\ud800"}']) {
    assertEquals((await register(provider, text)).body.error, "invalid_client_metadata", text);
  }
  const large = { redirect_uris: [callback], made_up: "x".repeat(20_000) };
  assertEquals((await register(provider, large)).status, 413);
});

Deno.test("any JSON is registered or refused, and never an error of the server", async () => {
  await using provider = await aProvider({ config: open });
  const names = fc.constantFrom(
    ...["redirect_uris", "grant_types", "response_types", "scope", "jwks", "jwks_uri", "contacts"],
    ...["client_name", "application_type", "token_endpoint_auth_method", "default_max_age"],
    ...["logo_uri", "__proto__", "constructor", "resources", "client_id"],
  );
  const metadata = fc.dictionary(names, fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string()));
  await fc.assert(
    fc.asyncProperty(metadata, async (sent) => {
      const { status } = await register(provider, sent);
      assert(status === 201 || status === 400 || status === 413, String(status));
    }),
    { numRuns: 100 },
  );
});

Deno.test("a client that registered itself gets no scope of an API, until the operator says which", async () => {
  const api = { resource: "https://api.example", scopes: ["read"], clients: "any" };
  const metadata = { redirect_uris: [callback], scope: "openid read latchkey:admin" };
  for (const registrationScopes of [[], ["read"]]) {
    await using provider = await aProvider({
      config: { ...open, registrationScopes, unregisteredResources: "allow" },
      clients: [aClient("shop")],
      resources: [api],
    });
    const { body } = await register(provider, metadata);
    assertEquals(body.scope, ["openid", ...registrationScopes].join(" "));
    if (registrationScopes.length === 0) continue;
    const parameters = { scope: "openid read", resource: api.resource };
    assertEquals((await tokensOf(await signInAt(provider, body, parameters))).scope, "read");
  }
});

Deno.test("a client is registered for the scope that it asks for, and may name more of an API later", async () => {
  const scopes = ["read", "write", "erase"];
  const api = { resource: "https://api.example", scopes, clients: "any" };
  await using server = await anAdminApi({
    config: { ...open, registrationScopes: ["read", "write"] },
    resources: [api],
  });
  const { provider } = server;
  const registered = async (scope: string | undefined, redirect = callback) =>
    (await register(provider, { redirect_uris: [redirect], scope })).body;
  const narrow = await registered("openid read");
  const bare = await registered("openid email");
  const all = await registered(undefined);
  const expected = "openid profile email address phone offline_access read write";
  const sorted = (scope: string) => scope.split(" ").toSorted();
  assertEquals(
    [narrow.scope, bare.scope, sorted(all.scope)],
    ["openid read", "openid email", sorted(expected)],
  );

  const outcome = async (client: typeof narrow, scope?: string) => {
    const pushed = await provider.post("/par", {
      client_id: client.client_id,
      client_secret: client.client_secret,
      response_type: "code",
      redirect_uri: callback,
      resource: api.resource,
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
      ...(scope === undefined ? {} : { scope }),
    });
    const { error } = await pushed.json();
    return error ?? "accepted";
  };
  const at = async (client: typeof narrow, parameters: Record<string, string | undefined>) => {
    const asked = { resource: api.resource, ...parameters };
    return (await tokensOf(await signInAt(provider, client, asked))).scope;
  };
  // It gets what it registered, unless it names more: its users are asked for that.
  assertEquals(await at(narrow, { scope: undefined }), "read");
  assertEquals(await at(narrow, { scope: "openid read write" }), "read write");
  assertEquals(await at(all, { scope: undefined }), "read write");
  const table: [typeof narrow, string | undefined, string][] = [
    [narrow, "openid write", "accepted"],
    [narrow, "openid read erase", "invalid_scope"],
    [narrow, "openid email read", "invalid_scope"],
    [bare, "openid write", "invalid_scope"],
    [bare, "openid read", "invalid_scope"],
    [all, "openid erase", "invalid_scope"],
  ];
  for (const [client, scope, expected] of table) {
    assertEquals(await outcome(client, scope), expected, `${client.scope}: ${scope}`);
  }
  // What an operator has set is the limit, and ends what was granted beyond it.
  const { access_token } = await tokensOf(
    await signInAt(provider, narrow, { resource: api.resource, scope: "openid read write" }),
  );
  const { client_id, client_secret } = narrow;
  const seen = async () => {
    const form = { token: access_token, client_id, client_secret };
    return (await (await provider.post("/introspect", form)).json()).scope;
  };
  const path = `/clients/${client_id}`;
  await server.patch(path, { scope: "openid read" });
  assertEquals(
    [await outcome(narrow, "openid write"), await seen()],
    ["accepted", "read write"],
    "nothing was changed",
  );
  await server.patch(path, { scope: "openid email read" });
  assertEquals([await outcome(narrow, "openid write"), await seen()], ["invalid_scope", "read"]);
});

Deno.test("with registration off there is no endpoint, and discovery names none", async () => {
  await using provider = await aProvider();
  assertEquals((await register(provider)).status, 404);
  const discovery = await (await provider.request("/.well-known/openid-configuration")).json();
  assertEquals(discovery.registration_endpoint, undefined);
  await using other = await aProvider({ config: open });
  const found = await (await other.request("/.well-known/openid-configuration")).json();
  assertEquals(found.registration_endpoint, "https://op.example/register");
});

Deno.test("an initial access token registers one client, or many, until it ends or is withdrawn", async () => {
  await using server = await anAdminApi({ config: { registration: "token" } });
  const { provider } = server;
  const anInitialToken = async (body: unknown) =>
    (await server.post("/initial-access-tokens", body)).body;
  const outcome = async (token?: string) => {
    const { status, body } = await register(provider, undefined, token ? { token } : {});
    return [status, body.error].filter((part) => part !== undefined).join(" ");
  };
  assertEquals(await outcome(), "401 invalid_token");
  assertEquals(await outcome("x"), "401 invalid_token");
  const one = await anInitialToken({ note: "for Ann" });
  assertEquals(await outcome(`${one.token}x`), "401 invalid_token");
  assertEquals(await outcome(`${one.id}.x`), "401 invalid_token");
  // Wrong metadata does not use it up.
  assertEquals((await register(provider, {}, { token: one.token })).status, 400);
  assertEquals(await outcome(one.token), "201");
  assertEquals(await outcome(one.token), "401 invalid_token");
  const shown = (await server.get(`/initial-access-tokens/${one.id}`)).body;
  assertEquals([shown.token, shown.note, typeof shown.client_id], [undefined, "for Ann", "string"]);

  const many = await anInitialToken({ single_use: false, lifetime: 3600 });
  assertEquals([await outcome(many.token), await outcome(many.token)], ["201", "201"]);
  provider.clock.advance(3600);
  assertEquals(await outcome(many.token), "401 invalid_token");

  await server.renewToken();
  const three = await anInitialToken({ max_uses: 3 });
  // Of many at once, as many are registered as the token is for.
  const outcomes = await Promise.all(Array.from({ length: 12 }, () => outcome(three.token)));
  assertEquals(outcomes.filter((one) => one === "201").length, 3);
  assertEquals(outcomes.filter((one) => one === "401 invalid_token").length, 9);
  const { items } = (await server.get("/audit-events?type=client_registered")).body;
  const byToken = items.filter(({ about }: { about: string }) => about === three.id);
  assertEquals(byToken.length, 3, "an operator finds the clients of a token");
  const used = (await server.get(`/initial-access-tokens/${three.id}`)).body;
  assertEquals([used.max_uses, used.uses, used.single_use], [3, 3, false]);
  for (const body of [{ max_uses: 0 }, { max_uses: 10_001 }, { max_uses: 2, single_use: true }]) {
    assertEquals((await server.post("/initial-access-tokens", body)).status, 422);
  }
  const withdrawn = await anInitialToken({ single_use: false });
  const { etag } = await server.get(`/initial-access-tokens/${withdrawn.id}`);
  const path = `/initial-access-tokens/${withdrawn.id}`;
  assertEquals((await server.call("DELETE", path, { headers: { "if-match": etag } })).status, 204);
  assertEquals(await outcome(withdrawn.token), "401 invalid_token");
  assertEquals((await server.events("type=client_registered")).length, 6);
});

Deno.test("registrations from one address have a budget", async () => {
  const limits = { ...defaultConfig.limits, registration: { count: 2, seconds: 60 } };
  await using provider = await aProvider({ config: { ...open, rateLimits: true, limits } });
  const statuses = [];
  for (const _ of "123") statuses.push((await register(provider)).status);
  assertEquals(statuses, [201, 201, 429]);
  assertEquals((await register(provider, undefined, { address: "203.0.113.9" })).status, 201);
});

Deno.test("registrations from all addresses together have a budget, and a refused one uses up none", async () => {
  const limits = {
    ...defaultConfig.limits,
    registration: { count: 1, seconds: 3600 },
    strangers: { count: 2, seconds: 30 },
  };
  await using provider = await aProvider({ config: { ...open, rateLimits: true, limits } });
  const from = async (address: string) => (await register(provider, undefined, { address })).status;
  const addresses = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];
  const statuses = [];
  for (const address of addresses) statuses.push(await from(address));
  assertEquals(statuses, [201, 201, 429]);
  provider.clock.advance(61);
  assertEquals([await from("203.0.113.3"), await from("203.0.113.1")], [201, 429]);
});

Deno.test("calls that issue no tokens do not keep an unused registration alive", async () => {
  await using provider = await aProvider({ config: open });
  const { body: { client_id } } = await register(provider, {
    redirect_uris: [callback],
    token_endpoint_auth_method: "none",
  });
  const revoke = async () =>
    await answerOf(await provider.post("/revoke", { token: "x", client_id }));
  const day = 24 * 3600;
  provider.clock.advance(6 * day);
  assertEquals(await revoke(), "200");
  provider.clock.advance(day);
  assertEquals(await revoke(), "401 invalid_client");
});

Deno.test("a page of any origin may register a client", async () => {
  await using provider = await aProvider({ config: open });
  for (const [path, method] of [["/register", "POST"], ["/register/client", "PUT"]]) {
    const preflight = await provider.request(path ?? "", {
      method: "OPTIONS",
      headers: {
        "origin": "https://inspector.example",
        "access-control-request-method": method ?? "",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    assertEquals(preflight.headers.get("access-control-allow-origin"), "*");
    assert(preflight.headers.get("access-control-allow-methods")?.includes(method ?? ""));
    assert(preflight.headers.get("access-control-allow-headers")?.includes("content-type"));
  }
  for (const metadata of [{ redirect_uris: [callback] }, {}]) {
    const { headers } = await provider.request("/register", {
      method: "POST",
      headers: { origin: "https://inspector.example", "content-type": "application/json" },
      body: JSON.stringify(metadata),
    });
    assertEquals(headers.get("access-control-allow-origin"), "*");
  }
});

Deno.test("an unused registration ends after a week, and a used one outlives all that it was granted", async () => {
  await using provider = await aProvider({ config: open, clients: [aClient("shop")] });
  const { body: unused } = await register(provider);
  const { body: used } = await register(provider, {
    redirect_uris: [callback],
    grant_types: ["authorization_code", "refresh_token"],
    scope: "openid offline_access",
  });
  const scope = { scope: "openid offline_access" };
  let { refresh_token } = await tokensOf(await signInAt(provider, used, scope));
  const credentials = { client_id: used.client_id, client_secret: used.client_secret };
  const day = 24 * 3600;
  provider.clock.advance(8 * day);
  const asked = await provider.post("/introspect", {
    token: "x",
    client_id: unused.client_id,
    client_secret: unused.client_secret,
  });
  assertEquals(await answerOf(asked), "401 invalid_client");
  for (const days of [20, 29, 29]) {
    provider.clock.advance(days * day);
    const form = { grant_type: "refresh_token", refresh_token, ...credentials };
    ({ refresh_token } = await tokensOf(await provider.post("/token", form)));
  }
  // Then nobody uses it any more, and it ends too.
  provider.clock.advance(122 * day);
  const late = await provider.post("/introspect", { token: "x", ...credentials });
  assertEquals(await answerOf(late), "401 invalid_client");
});
