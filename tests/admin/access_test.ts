import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { bootstrap } from "../../src/boot/bootstrap.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import { anInstallation } from "../boot/installation.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { currentNonce } from "../../src/tokens/dpop_nonce.ts";
import { aClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { alice } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { declaredIn } from "../support/declarations.ts";
import { answerOf, signIn, tokensOf } from "../support/tokens.ts";
import { type AdminApi, anAdminApi, ops, problemOf, read, resource, scope } from "./api.ts";

const console = aClient("console", { scope: `openid ${scope}`, skip_consent: true });

Deno.test("a request without a token is refused and told which credentials to send", async () => {
  await using api = await anAdminApi();
  const presented: Record<string, string>[] = [{}, { authorization: "Basic eDp5" }];
  for (const headers of presented) {
    const reply = await api.call("GET", "/users", { token: null, headers });
    assertEquals(problemOf(reply), "401 invalid-token");
    assertMatch(
      reply.headers.get("www-authenticate") ?? "",
      /^Bearer realm="admin", resource_metadata="[^"]+", DPoP algs="/,
    );
    assertEquals(reply.headers.get("cache-control"), "no-store");
  }
});

Deno.test("a token that is unknown, expired or revoked is refused", async () => {
  await using api = await anAdminApi({ lifetimes: { accessToken: 60 } });
  const unknown = `at_${"A".repeat(22)}.${"A".repeat(43)}`;
  for (const token of [unknown, "nonsense"]) {
    const reply = await api.call("GET", "/users", { token });
    assertEquals(problemOf(reply), "401 invalid-token");
    assertStringIncludes(reply.headers.get("www-authenticate") ?? "", 'error="invalid_token"');
  }
  assertEquals((await api.get("/users")).status, 200);
  await api.provider.post("/revoke", { token: api.token, ...api.provider.credentials("ops") });
  assertEquals((await api.get("/users")).status, 401);

  await using later = await anAdminApi({ lifetimes: { accessToken: 60 } });
  later.provider.clock.advance(61);
  assertEquals((await later.get("/users")).status, 401);
});

Deno.test("a token of an application, or for another resource, is refused by the admin API", async () => {
  const other = { resource: "https://api.example", scopes: ["read"] };
  const both = aClient("both", {
    grant_types: ["client_credentials"],
    scope: `read ${scope}`,
  });
  await using api = await anAdminApi({ clients: [both, aClient("shop")], resources: [other] });
  const { access_token: ofUser } = await signIn(api.provider, { client: "shop" });
  assertEquals(
    problemOf(await api.call("GET", "/users", { token: ofUser })),
    "401 invalid-token",
  );

  const tokenFor = (...resources: string[]) => {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      ...api.provider.credentials("both"),
    });
    resources.forEach((one) => form.append("resource", one));
    return api.provider.request("/token", { method: "POST", body: form });
  };
  const { access_token: elsewhere } = await tokensOf(await tokenFor(other.resource));
  assertEquals(
    problemOf(await api.call("GET", "/users", { token: elsewhere })),
    "401 invalid-token",
  );
  // The other resource server could use a token for both here.
  assertEquals(await answerOf(await tokenFor(resource, other.resource)), "400 invalid_target");
});

Deno.test("each endpoint of the admin API refuses a token that is not an administrator's", async () => {
  await using api = await anAdminApi();
  const { access_token } = await signIn(api.provider, { client: "shop" });
  const declared = declaredIn(api.provider.deps).filter(({ kind }) => kind === "api");
  assert(declared.length > 40, `only ${declared.length} were found`);
  for (const { methods, path } of declared) {
    const at = path.replace("/api/v1", "").replaceAll(/:\w+(\{[^}]*\})?/g, "A".repeat(22));
    for (const method of methods) {
      for (const token of ["nonsense", access_token]) {
        const reply = await api.call(method, at, { token });
        assertEquals(problemOf(reply), "401 invalid-token", `${method} ${at}`);
      }
    }
  }
});

Deno.test("a client without the scope gets no token for the API", async () => {
  await using api = await anAdminApi({
    clients: [aClient("plain", { grant_types: ["client_credentials"] })],
  });
  const plain = await api.provider.post("/token", {
    grant_type: "client_credentials",
    resource,
    ...api.provider.credentials("plain"),
  });
  assertEquals(await answerOf(plain), "400 invalid_target");
  const asked = await api.provider.post("/token", {
    grant_type: "client_credentials",
    resource,
    scope,
    ...api.provider.credentials("plain"),
  });
  assertEquals((await asked.json()).error, "invalid_scope");
});

Deno.test("an administrator's token allows only the scope that was requested", async () => {
  await using api = await anAdminApi({ clients: [console] });
  await editUser(api.provider, "alice", { administrator: true });
  const parameters = { scope: "openid" };
  const { access_token: token } = await signIn(api.provider, { parameters });
  assertEquals(problemOf(await api.call("GET", "/users", { token })), "401 invalid-token");
  const nothing = api.provider.authorizeUrl({ parameters: { ...parameters, resource } });
  const landed = await api.provider.browser().signInAndAllow(nothing, alice);
  assertEquals(landed.searchParams.get("error"), "invalid_target");
});

Deno.test("the admin API ignores cookies, and no page of another origin may call it", async () => {
  await using api = await anAdminApi({ clients: [console] });
  await editUser(api.provider, "alice", { administrator: true });
  const browser = api.provider.browser();
  await api.provider.authorize({ client: "console", browser, parameters: { scope: "openid" } });

  assertEquals((await browser.send("/api/v1/users")).status, 401);
  const preflight = await api.provider.request("/api/v1/users", {
    method: "OPTIONS",
    headers: { origin: "https://evil.example", "access-control-request-method": "GET" },
  });
  assertEquals(preflight.headers.get("access-control-allow-origin"), null);
  await read(preflight);
  const reply = await api.get("/users", { origin: "https://evil.example" });
  assertEquals(reply.headers.get("access-control-allow-origin"), null);
});

Deno.test("an administrator signs in for the admin API, and other users are refused its scope", async () => {
  await using api = await anAdminApi({ clients: [console] });
  const asking = { client: "console", parameters: { scope: `openid ${scope}`, resource } };
  const landed = await api.provider.browser()
    .signInAndAllow(api.provider.authorizeUrl(asking), alice);
  assertEquals(landed.searchParams.get("error"), "access_denied");

  await editUser(api.provider, "alice", { administrator: true });
  const tokens = await signIn(api.provider, asking);
  assertEquals(tokens.scope, scope);
  const token = tokens.access_token;
  assertEquals((await api.call("GET", "/users", { token })).status, 200);

  const { userId } = await api.provider.userOf("alice");
  api.provider.clock.advance(1);
  const body = { resource: "https://api.example" };
  assertEquals((await api.call("POST", "/resources", { token, body })).status, 201);
  const { body: { items: [event] } } = await api.get("/audit-events?type=resource_created&limit=1");
  assertEquals([event.actor, event.about], [`person:${userId}`, "https://api.example"]);
});

Deno.test("the admin scope is granted only to a request that names the admin API as its resource", async () => {
  await using api = await anAdminApi({ clients: [console] });
  await editUser(api.provider, "alice", { administrator: true });
  const tokens = await signIn(api.provider, {
    client: "console",
    parameters: { scope: `openid ${scope}` },
  });
  assertEquals(tokens.scope, "openid");
});

Deno.test("a user who is no longer an administrator is refused at the next request", async () => {
  for (const change of [{ administrator: false }, { status: "suspended" }] as const) {
    await using api = await signedInAdministrator();
    await api.post("/users", { username: "another", administrator: true }); // the last one stays
    assertEquals((await api.asAlice("GET", "/users")).status, 200);
    const reply = await api.patch(`/users/${api.userId}`, change);
    assertEquals(reply.status, 200);
    const status = "status" in change ? 401 : 403;
    assertEquals((await api.asAlice("GET", "/users")).status, status);
    assertEquals((await api.asAlice("POST", "/clients", {})).status, status);
  }
});

Deno.test("a step of an administrator does not commit after their suspension", async () => {
  let suspend: (() => Promise<unknown>) | null = null;
  await using api = await signedInAdministrator((backend) => ({
    ...backend,
    async commit(batch) {
      const meanwhile = suspend;
      suspend = null;
      await meanwhile?.();
      return await backend.commit(batch);
    },
  }));
  suspend = () => editUser(api.provider, "alice", { status: "suspended" });
  const body = { resource: "https://late.example" };
  assertEquals((await api.asAlice("POST", "/resources", body)).status, 401);
  assertEquals(suspend, null);
  assertEquals((await api.get("/resources/https%3A%2F%2Flate.example")).status, 404);
});

Deno.test("a client that loses the admin scope in the bootstrap file loses access to the API", async () => {
  await using api = await anAdminApi();
  const { deps } = api.provider;
  const bootstrapText = JSON.stringify({ clients: [{ ...ops, scope: "openid" }] });
  await bootstrap(deps, { bootstrapText });
  assertEquals(problemOf(await api.get("/users")), "403 insufficient-scope");
});

Deno.test("a bound token needs a proof of its key for each request", async () => {
  await using api = await anAdminApi({ config: { dpopNonce: true } });
  const key = await aDpopKey(api.provider);
  const form = {
    grant_type: "client_credentials",
    resource,
    ...api.provider.credentials("ops"),
  };
  const nonce = await currentNonce(api.provider.deps);
  const dpop = await key.proof({ path: "/token", nonce });
  const { access_token: accessToken } = await tokensOf(
    await api.provider.post("/token", form, { dpop }),
  );
  const withProof = async (proof: string, scheme = "DPoP") => {
    const headers = { authorization: `${scheme} ${accessToken}`, dpop: proof };
    return await read(await api.provider.request("/api/v1/clients/ops", { headers }));
  };
  const path = "/api/v1/clients/ops";

  assertEquals((await api.call("GET", "/users", { token: accessToken })).status, 401);
  const stale = await withProof(await key.proof({ method: "GET", path, accessToken }));
  assertEquals(stale.status, 401);
  assertStringIncludes(stale.headers.get("www-authenticate") ?? "", 'error="use_dpop_nonce"');
  assertEquals(stale.headers.get("dpop-nonce"), nonce);
  const proof = await key.proof({ method: "GET", path, accessToken, nonce });
  assertEquals((await withProof(proof, "Bearer")).status, 401);
  const good = await withProof(proof);
  assertEquals(good.status, 200);
  assert(good.headers.has("dpop-nonce"));
  assertEquals((await withProof(proof)).status, 401, "a proof is good once");
  const elsewhere = await key.proof({ method: "GET", path: "/api/v1/users", accessToken, nonce });
  const refused = await withProof(elsewhere);
  assertEquals(refused.status, 401);
  const challenge = refused.headers.get("www-authenticate") ?? "";
  assertMatch(challenge, /^DPoP error="invalid_dpop_proof", .*, algs="[^"]*ES256[^"]*"/);
});

Deno.test("a proof is good for one request, also if the request has several commits", async () => {
  await using api = await anAdminApi();
  const key = await aDpopKey(api.provider);
  const form = { grant_type: "client_credentials", resource, ...api.provider.credentials("ops") };
  const { access_token: accessToken } = await tokensOf(
    await api.provider.post("/token", form, { dpop: await key.proof({ path: "/token" }) }),
  );
  api.provider.clock.advance(700);
  const path = "/api/v1/signing-keys/rotate";
  const dpop = await key.proof({ method: "POST", path, accessToken });
  const headers = { authorization: `DPoP ${accessToken}`, dpop, "idempotency-key": "k" };
  const rotate = async () =>
    await read(await api.provider.request(path, { method: "POST", headers }));
  const rotated = await rotate();
  assertEquals(rotated.status, 200, JSON.stringify(rotated.body));
  assertEquals((await rotate()).status, 401);
});

Deno.test("the fullest step fits into a commit: a user, a bound token, an idempotency key, and many checks", async () => {
  await using api = await anAdminApi({
    clients: [console, aClient("shop")],
    config: { signUp: "invited" },
  });
  const { provider } = api;
  await editUser(provider, "alice", { administrator: true });
  const key = await aDpopKey(provider);
  const code = await provider.authorize({ parameters: { scope: `openid ${scope}`, resource } });
  const { access_token: accessToken } = await tokensOf(
    await provider.exchange(code, {}, { dpop: await key.proof({ path: "/token" }) }),
  );
  provider.clock.advance(700);
  const send = async (method: string, path: string, body: unknown, headers = {}) => {
    const proof = await key.proof({ method, path: `/api/v1${path}`, accessToken });
    return await read(
      await provider.request(`/api/v1${path}`, {
        method,
        headers: {
          authorization: `DPoP ${accessToken}`,
          dpop: proof,
          "content-type": "application/json",
          "idempotency-key": `for ${path}`.replaceAll(" ", "-"),
          "if-match": "*",
          ...headers,
        },
        body: JSON.stringify(body),
      }),
    );
  };
  const mara = {
    username: "mara",
    password: "quiet harbour",
    claims: { email: "mara@example.com", email_verified: true },
  };
  const created = await send("POST", "/users", mara);
  assertEquals(created.status, 201, JSON.stringify(created.body));
  const moved = { username: "maria", claims: { email: "maria@example.com" } };
  const invited = { email: "nora@example.com", username: "nora", client_id: "shop" };
  const statuses = [
    await send("POST", "/invitations", invited),
    await send("PATCH", `/users/${created.body.id}`, moved),
    await send("POST", `/users/${created.body.id}/suspend`, undefined),
    await send("POST", "/signing-keys/rotate", {}),
    await send("POST", "/signing-keys/emergency-rotate", { alg: "RS256" }),
    await send("POST", "/clients", { redirect_uris: ["https://new.example/callback"] }),
    await send("POST", "/sessions/batch-delete", { session_ids: ["A".repeat(22)] }),
    await send("DELETE", `/users/${created.body.id}`, undefined),
  ].map(({ status, body }) => `${status} ${body.detail ?? ""}`.trim());
  assertEquals(statuses, ["201", "200", "200", "200", "200", "201", "200", "204"]);
});

Deno.test("the bootstrap file cannot define the admin API's resource, nor give its scope to another resource", async () => {
  await using installation = await anInstallation();
  const taken = { resources: [{ resource, scopes: ["read"] }] };
  await assertRejects(() => installation.boot(taken), ConfigError, resource);
  const alien = { resources: [{ resource: "https://api.example", scopes: [scope] }] };
  await assertRejects(() => installation.boot(alien), ConfigError, "latchkey:");
});

Deno.test("the admin API's resource is created once, with one audit event", async () => {
  await using api = await anAdminApi();
  await bootstrap(api.provider.deps, { bootstrapText: null });
  const { body } = await api.get("/audit-events?type=resource_created");
  assertEquals(body.items.map(({ about }: { about: string }) => about), [resource]);
});

/** An API with alice as an administrator who has signed in. */
async function signedInAdministrator(wrap: (backend: KvBackend) => KvBackend = (one) => one) {
  const api = await anAdminApi({ clients: [console], wrap });
  await editUser(api.provider, "alice", { administrator: true });
  const tokens = await signIn(api.provider, {
    client: "console",
    parameters: { scope: `openid ${scope}`, resource },
  });
  const { userId } = await api.provider.userOf("alice");
  const asAlice = (method: string, path: string, body?: unknown) =>
    api.call(method, path, { token: tokens.access_token, body });
  return { ...api, userId, asAlice } satisfies AdminApi & Record<string, unknown>;
}
