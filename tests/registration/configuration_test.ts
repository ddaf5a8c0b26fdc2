import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { members } from "../../src/clients/members.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf } from "../support/tokens.ts";
import { callback, configure, register } from "./registration.ts";

const open = { registration: "open" } as const;

Deno.test("a client reads its registration, and each read gives it the next token", async () => {
  await using provider = await aProvider({ config: open });
  const { body: made } = await register(provider);
  const uri = made.registration_client_uri;
  const first = await configure(provider, "GET", { uri, token: made.registration_access_token });
  assertEquals(first.status, 200);
  assertEquals(first.body.client_id, made.client_id);
  assertEquals(first.body.client_secret, undefined, "it is known as a digest only");
  const second = first.body.registration_access_token;
  assertNotEquals(second, made.registration_access_token);
  // The answer may have been lost: the token before works until its successor is used.
  const repeated = await configure(provider, "GET", { uri, token: made.registration_access_token });
  assertEquals(repeated.status, 200);
  const third = repeated.body.registration_access_token;
  provider.clock.advance(60);
  assertEquals((await configure(provider, "GET", { uri, token: second })).status, 401);
  assertEquals((await configure(provider, "GET", { uri, token: third })).status, 200);
  const old = await configure(provider, "GET", { uri, token: made.registration_access_token });
  assertEquals([old.status, old.body.error], [401, "invalid_token"]);
  assert(old.headers.get("www-authenticate")?.startsWith("Bearer"));
});

Deno.test("an update replaces all metadata, by the rules of a registration", async () => {
  await using provider = await aProvider({ config: open });
  const { body: made } = await register(provider, {
    redirect_uris: [callback],
    client_name: "Before",
    contacts: ["ann@example.com"],
  });
  const uri = made.registration_client_uri;
  let token = made.registration_access_token;
  const update = async (body: Record<string, unknown>) => {
    const answer = await configure(provider, "PUT", { uri, token, body });
    token = answer.body.registration_access_token ?? token;
    return answer;
  };
  const metadata = { client_id: made.client_id, redirect_uris: ["https://app.example/2"] };
  const refused: [Record<string, unknown>, string][] = [
    [{ redirect_uris: [callback] }, "invalid_client_metadata"],
    [{ ...metadata, client_id: "shop" }, "invalid_client_metadata"],
    [{ ...metadata, client_secret: "another one" }, "invalid_client_metadata"],
    [{ ...metadata, redirect_uris: ["http://app.example/"] }, "invalid_redirect_uri"],
    [{ ...metadata, software_statement: "x" }, "invalid_software_statement"],
  ];
  for (const [body, error] of refused) {
    const answer = await update(body);
    assertEquals([answer.status, answer.body.error], [400, error], JSON.stringify(body));
  }
  const { status, body } = await update({
    ...metadata,
    client_secret: made.client_secret,
    skip_consent: true,
    scope: "openid latchkey:admin",
  });
  assertEquals(status, 200);
  assertEquals([body.redirect_uris, body.contacts, body.skip_consent, body.scope], [
    ["https://app.example/2"],
    [],
    false,
    "openid",
  ]);
  const { client_id, client_secret } = made;
  const asked = await provider.post("/introspect", { token: "x", client_id, client_secret });
  assertEquals(asked.status, 200, "its secret stays");
  // Another method brings a secret where there was none.
  const none = await update({ ...metadata, token_endpoint_auth_method: "none" });
  assertEquals([none.status, none.body.client_secret], [200, undefined]);
  const again = await update(metadata);
  assert(again.body.client_secret && again.body.client_secret !== client_secret);
});

Deno.test("an update with the secret of before a rotation is taken as long as that secret works", async () => {
  await using server = await anAdminApi({ config: open });
  const { provider } = server;
  const { body: made } = await register(provider);
  const { client_id, client_secret, registration_client_uri: uri } = made;
  let token = made.registration_access_token;
  const update = async () => {
    const body = { client_id, client_secret, redirect_uris: [callback] };
    const answer = await configure(provider, "PUT", { uri, token, body });
    token = answer.body.registration_access_token ?? token;
    return answer.status;
  };
  await server.post(`/clients/${client_id}/rotate-secret`, { previous_secret_lifetime: 3600 });
  assertEquals(await update(), 200);
  const asked = await provider.post("/introspect", { token: "x", client_id, client_secret });
  assertEquals(asked.status, 200, "both secrets stay");
  provider.clock.advance(3600);
  assertEquals(await update(), 400);
});

Deno.test("a deleted client is unknown at the token endpoint from then on", async () => {
  await using provider = await aProvider({ config: open });
  const { body } = await register(provider);
  const { registration_client_uri: uri, registration_access_token: token, client_id } = body;
  assertEquals((await configure(provider, "DELETE", { uri, token })).status, 204);
  assertEquals((await configure(provider, "GET", { uri, token })).status, 401);
  const form = { grant_type: "refresh_token", refresh_token: "x", client_id };
  assertEquals(await answerOf(await provider.post("/token", form)), "401 invalid_client");
});

Deno.test("a registration opens to its own token alone, and an operator's client to none", async () => {
  await using server = await anAdminApi({ config: open, clients: [aClient("shop")] });
  const { provider } = server;
  const { body: mine } = await register(provider);
  const { body: other } = await register(provider);
  const token = other.registration_access_token;
  const paths = [
    mine.registration_client_uri,
    "/register/client?client_id=shop",
    "/register/client?client_id=ops",
    "/register/client?client_id=",
    "/register/client",
    `/register/client?client_id=${"x".repeat(300)}`,
  ];
  for (const uri of paths) {
    for (const method of ["GET", "DELETE"] as const) {
      for (const sent of [token, "", undefined]) {
        const way = sent === undefined ? { uri } : { uri, token: sent };
        const { status, body } = await configure(provider, method, way);
        assertEquals([status, body.error], [401, "invalid_token"], `${method} ${uri}`);
      }
    }
  }
  assertEquals((await server.get(`/clients/${mine.client_id}`)).body.registered_by, "client");
  assertEquals((await server.get("/clients/shop")).body.registered_by, "operator");
  // What an administrator changes leaves the client its token and its end.
  const changed = await server.patch(`/clients/${mine.client_id}`, { client_name: "Known" });
  assertEquals([changed.status, changed.body.registered_by], [200, "client"]);
  const uri = mine.registration_client_uri;
  const own = await configure(provider, "GET", { uri, token: mine.registration_access_token });
  assertEquals([own.status, own.body.client_name], [200, "Known"]);
});

Deno.test("no update of a client's own lifts what an operator has set on it", async () => {
  await using server = await anAdminApi({
    config: { ...open, registrationScopes: ["notes:read"] },
  });
  const { provider } = server;
  const grant_types = ["authorization_code", "refresh_token"];
  const asked = { redirect_uris: [callback], scope: "openid email notes:read", grant_types };
  const { body: made } = await register(provider, asked);
  const { client_id, registration_client_uri: uri } = made;
  let token = made.registration_access_token;
  const update = async (metadata: Record<string, unknown>) => {
    const body = { client_id, ...asked, ...metadata };
    const answer = await configure(provider, "PUT", { uri, token, body });
    token = answer.body.registration_access_token ?? token;
    return answer;
  };
  // Every member that only an operator may set, from the table: a new one needs a value here.
  const operators: Record<string, unknown> = {
    profile: "mcp",
    web_origins: ["https://app.example"],
    logo_uri: "https://app.example/logo.png",
    resources: ["https://api.example/"],
    token_exchange: { subject_audiences: ["https://api.example/"] },
    id_jag_audiences: [{ audience: "https://other.example", client_id: "us" }],
    may_act: "shop",
    native_sso: "acme",
    authorization_details_types: [],
    id_token_scope_claims: true,
    require_pkce: true,
    claim_rules: [{ claim: "email", as: "mail" }],
    allowed_groups: ["staff"],
    skip_consent: true,
    rotate_refresh_tokens: false,
    refresh_token_grace_period: 3,
  };
  const elsewhere = [
    "backchannel_token_delivery_mode",
    "backchannel_client_notification_endpoint",
    "backchannel_authentication_request_signing_alg",
    "workload_issuer",
    "workload_subject",
  ];
  const names = Object.entries(members).filter(([name, { setBy, record }]) =>
    setBy === "operator" && record !== null && name !== "client_id" && !elsewhere.includes(name)
  ).map(([name]) => name);
  assertEquals(Object.keys(operators).toSorted(), names.toSorted());
  const others = {
    scope: "openid notes:read",
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "client_secret_post",
    dpop_bound_access_tokens: true,
  };
  const set = await server.patch(`/clients/${client_id}`, { ...operators, ...others });
  assertEquals(set.status, 200, JSON.stringify(set.body));
  const expected = Object.fromEntries(
    Object.keys({ ...operators, ...others }).map((name) => [name, set.body[name]]),
  );
  const inherited = { profile: "standard", skip_consent: false, web_origins: [], claim_rules: [] };
  const reset = { token_endpoint_auth_method: "none", allowed_groups: null, resources: null };
  for (const sent of [{}, inherited, { ...reset, dpop_bound_access_tokens: false }]) {
    const { status, body } = await update({ ...sent, client_name: "Mine" });
    assertEquals([status, body.client_name], [200, "Mine"], JSON.stringify(body));
    const kept = Object.fromEntries(Object.keys(expected).map((name) => [name, body[name]]));
    assertEquals(kept, expected, JSON.stringify(sent));
  }
  const { body: stored } = await server.get(`/clients/${client_id}`);
  assertEquals([stored.registered_by, stored.allowed_groups], ["client", ["staff"]]);
  // All of it is validated together: the rules of the profile hold for what the client sends.
  const fapi = await register(provider, { ...asked, token_endpoint_auth_method: "none" });
  const entry = `/clients/${fapi.body.client_id}`;
  const jwks = { keys: [(await aClientKey()).publicJwk] };
  const strict = {
    profile: "fapi2",
    jwks,
    token_endpoint_auth_method: "private_key_jwt",
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    id_token_signed_response_alg: "ES256",
    authorization_signed_response_alg: "ES256",
    introspection_signed_response_alg: "ES256",
    rotate_refresh_tokens: false,
    refresh_token_grace_period: 0,
  };
  assertEquals((await server.patch(entry, strict)).status, 200);
  const own = await configure(provider, "PUT", {
    uri: fapi.body.registration_client_uri,
    token: fapi.body.registration_access_token,
    body: {
      client_id: fapi.body.client_id,
      redirect_uris: [callback],
      request_object_signing_alg: "RS256",
    },
  });
  assertEquals([own.status, own.body.error], [400, "invalid_client_metadata"]);
});

Deno.test("updates of registrations count in the budget of registrations", async () => {
  const limits = { ...defaultConfig.limits, registration: { count: 2, seconds: 60 } };
  await using provider = await aProvider({ config: { ...open, rateLimits: true, limits } });
  const { body: { client_id, registration_client_uri: uri, ...made } } = await register(provider);
  let token = made.registration_access_token;
  const statuses = [];
  for (const _ of "12") {
    const body = { client_id, redirect_uris: [callback] };
    const answer = await configure(provider, "PUT", { uri, token, body });
    token = answer.body.registration_access_token;
    statuses.push(answer.status);
  }
  assertEquals(statuses, [200, 429]);
});

Deno.test("two reads at the same moment each get a token that works for at least a minute", async () => {
  await using provider = await aProvider({ config: open });
  const { body: { registration_client_uri: uri, ...made } } = await register(provider);
  const read = (token: string) => configure(provider, "GET", { uri, token });
  const pair = await Promise.all(["1", "2"].map(() => read(made.registration_access_token)));
  const tokens = pair.map(({ body }) => body.registration_access_token);
  provider.clock.advance(50);
  const next = [];
  for (const token of tokens) next.push((await read(token)).status);
  assertEquals(next, [200, 200]);
  provider.clock.advance(60);
  const old = await read(made.registration_access_token);
  assertEquals(old.status, 401, "a successor was used");
});

Deno.test("a HEAD request does not replace the registration access token, which it would not see", async () => {
  await using provider = await aProvider({ config: open });
  const { body: { registration_client_uri: uri, ...made } } = await register(provider);
  const headers = { authorization: `Bearer ${made.registration_access_token}` };
  const first = await configure(provider, "GET", { uri, token: made.registration_access_token });
  const token = first.body.registration_access_token;
  for (const _ of "12") {
    const asked = await provider.request(uri, {
      method: "HEAD",
      headers: { authorization: `Bearer ${token}` },
    });
    await asked.body?.cancel();
  }
  const before = await provider.request(uri, { headers });
  assertEquals(before.status, 200, "its successor was not used");
  await before.body?.cancel();
});
