import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { clientMetadataSchema, clientOf, metadataOf } from "../../src/clients/metadata.ts";
import { pngBase64 } from "../branding/images.ts";
import { aClient } from "../support/clients.ts";
import { alice } from "../support/provider.ts";
import { signInOffline, userinfo } from "../support/tokens.ts";
import { type AdminApi, anAdminApi, everyItem, ops, problemOf, type Reply, scope } from "./api.ts";

const app = {
  client_name: "The app",
  redirect_uris: ["https://app.example/callback"],
  grant_types: ["authorization_code", "client_credentials"],
  scope: "openid email",
};

Deno.test("a new client gets an id and a secret, which is shown once and works", async () => {
  await using api = await anAdminApi();
  const created = await api.post("/clients", app);
  assertEquals(created.status, 201);
  const { client_id: id, client_secret: secret } = created.body;
  assertMatch(secret, /^[A-Za-z0-9_-]{43}$/);
  assertEquals(created.headers.get("location"), `/api/v1/clients/${id}`);
  assertEquals(created.body.client_secret_expires_at, 0);
  assertEquals(created.body.client_id_issued_at, api.provider.clock.seconds());

  const read = await api.get(`/clients/${id}`);
  const { client_secret: _, client_secret_expires_at: __, ...metadata } = created.body;
  assertEquals([read.body, read.etag], [metadata, created.etag]);
  assertEquals(JSON.stringify(await everyItem(api, "/clients")).includes('secret":'), false);
  assertEquals(await authenticates(api, id, secret), true);
  assertEquals(await authenticates(api, id, "another secret of it"), false);
});

Deno.test("a client may be created with a given id and secret, and the answer does not repeat the secret", async () => {
  await using api = await anAdminApi();
  const client_secret = "chosen by its operator";
  const created = await api.post("/clients", { ...app, client_id: "mine/1", client_secret });
  assertEquals([created.status, "client_secret" in created.body], [201, false]);
  assertEquals(created.headers.get("location"), "/api/v1/clients/mine%2F1");
  assertEquals((await api.get("/clients/mine%2F1")).body.client_id, "mine/1");
  assertEquals(await authenticates(api, "mine/1", client_secret), true);
  const again = await api.post("/clients", { ...app, client_id: "mine/1" });
  assertEquals(problemOf(again), "409 conflict");
});

Deno.test("a public client has no secret, and gets none", async () => {
  await using api = await anAdminApi();
  const metadata = {
    ...app,
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "none",
  };
  const created = await api.post("/clients", metadata);
  assertEquals([created.status, "client_secret" in created.body], [201, false]);
  const id = created.body.client_id;
  assertEquals(problemOf(await api.post(`/clients/${id}/rotate-secret`)), "409 conflict");

  const confidential = { token_endpoint_auth_method: "client_secret_post" };
  const without = await api.patch(`/clients/${id}`, confidential);
  assertEquals(without.body.errors[0].pointer, "/client_secret");
  const client_secret = "sixteen characters";
  assertEquals((await api.patch(`/clients/${id}`, { ...confidential, client_secret })).status, 200);
  await api.patch(`/clients/${id}`, { grant_types: [...app.grant_types] });
  assertEquals(await authenticates(api, id, client_secret), true);
  assertEquals((await api.patch(`/clients/${id}`, metadata)).status, 200);
  assertEquals(await authenticates(api, id, client_secret), false);
});

Deno.test("an update keeps the secret unless it contains another", async () => {
  await using api = await anAdminApi();
  const { body: { client_id: id, client_secret: secret } } = await api.post("/clients", app);
  const { body, etag } = await api.get(`/clients/${id}`);
  const put = await api.call("PUT", `/clients/${id}`, {
    body: { ...body, client_name: "Another name" },
    headers: { "if-match": etag },
  });
  assertEquals([put.status, put.body.client_name], [200, "Another name"]);
  assertEquals(await authenticates(api, id, secret), true);
  await api.patch(`/clients/${id}`, { client_secret: "another secret of it" });
  assertEquals(await authenticates(api, id, secret), false);
  assertEquals(await authenticates(api, id, "another secret of it"), true);
  const shrunk = await api.call("PUT", `/clients/${id}`, {
    body: { redirect_uris: app.redirect_uris },
    headers: { "if-match": "*" },
  });
  assertEquals([shrunk.body.client_name, shrunk.body.grant_types], [id, ["authorization_code"]]);
});

Deno.test("a rotation makes the old secret invalid and the new one valid in the same moment", async () => {
  await using api = await anAdminApi();
  const { body: { client_id: id, client_secret: old } } = await api.post("/clients", app);
  const rotated = await api.post(`/clients/${id}/rotate-secret`);
  assertEquals(rotated.status, 200);
  assertNotEquals(rotated.body.client_secret, old);
  assertEquals(await authenticates(api, id, old), false);
  assertEquals(await authenticates(api, id, rotated.body.client_secret), true);
  assertEquals((await api.events("type=client_secret_rotated")).length, 1);
});

Deno.test("client metadata that breaks a rule of RFC 7591 is refused", async () => {
  await using api = await anAdminApi();
  const wrong: Record<string, unknown> = {
    redirect_uris: ["http://app.example/"],
    grant_types: ["password"],
    scope: 5,
    client_id: "white space",
    client_secret: "short",
    unknown_member: true,
  };
  for (const [member, value] of Object.entries(wrong)) {
    const reply = await api.post("/clients", { ...app, [member]: value });
    assertEquals(problemOf(reply), "422 validation-failed", member);
    assertEquals(reply.body.errors[0].pointer.split("/")[1], member);
  }
});

Deno.test("the admin API cannot give a client the admin scope", async () => {
  await using api = await anAdminApi();
  const admin = await api.post("/clients", { ...app, scope: `openid ${scope}` });
  assertEquals(problemOf(admin), "422 validation-failed");
  assertEquals(admin.body.errors[0].pointer, "/scope");

  const { body: { client_id: id } } = await api.post("/clients", app);
  assertEquals((await api.patch(`/clients/${id}`, { scope })).status, 422);
  const { body, etag } = await api.get(`/clients/${id}`);
  const put = await api.call("PUT", `/clients/${id}`, {
    body: { ...body, scope: `${scope} email` },
    headers: { "if-match": etag },
  });
  assertEquals(put.status, 422);
});

Deno.test("spaces around a scope are ignored", async () => {
  await using api = await anAdminApi();
  for (const spelt of [` ${scope}`, `openid  ${scope} `, `${scope} ${scope}`]) {
    assertEquals((await api.post("/clients", { ...app, scope: spelt })).status, 422, spelt);
  }
});

Deno.test("tokens of a deleted client are invalid", async () => {
  await using api = await anAdminApi();
  const tokens = await signInOffline(api.provider, { client: "shop", user: alice });
  const { etag } = await api.get("/clients/shop");
  const reply = await api.call("DELETE", "/clients/shop", { headers: { "if-match": etag } });
  assertEquals(reply.status, 204);
  assertEquals((await userinfo(api.provider, tokens.access_token)).status, 401);
  const refreshed = await api.provider.refresh(tokens.refresh_token, { client: "shop" });
  assertEquals(refreshed.status, 401);
  assertEquals(problemOf(await api.get("/clients/shop")), "404 not-found");
  assertEquals(await api.events("type=client_deleted"), ["client_deleted"]);
});

Deno.test("every member of a client's metadata stays the same if the client is read and sent back", () => {
  const full = clientMetadataSchema.parse(aClient("full", {
    client_uri: "https://full.example",
    logo_uri: "https://full.example/logo",
    policy_uri: "https://full.example/policy",
    tos_uri: "https://full.example/tos",
    contacts: ["ops@full.example"],
    web_origins: ["https://full.example"],
    id_token_signed_response_alg: "ES256",
    default_max_age: 60,
    require_pkce: true,
    skip_consent: true,
    rotate_refresh_tokens: false,
    refresh_token_grace_period: 5,
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
  }));
  const withLogo = { ...full, logo_uri: `data:image/png;base64,${pngBase64}` };
  const keptDigest = { secretDigest: "digest", sealedSecret: null };
  for (const metadata of [full, withLogo, clientMetadataSchema.parse(ops)]) {
    const client = clientOf(metadata, keptDigest, 1);
    const shown = { ...metadataOf(client), client_secret: "the secret that it has" };
    assertEquals(clientOf(clientMetadataSchema.parse(shown), keptDigest, 1), client);
  }
});

/** Whether a client may ask at all with this secret; what for does not matter. */
async function authenticates(api: AdminApi, id: string, secret: string): Promise<boolean> {
  const { body: metadata }: Reply = await api.get(`/clients/${encodeURIComponent(id)}`);
  const isPost = metadata.token_endpoint_auth_method === "client_secret_post";
  const encoded = [id, secret].map((part) => encodeURIComponent(part)).join(":");
  const response = await api.provider.post("/token", {
    grant_type: "client_credentials",
    ...(isPost ? { client_id: id, client_secret: secret } : {}),
  }, isPost ? {} : { authorization: `Basic ${btoa(encoded)}` });
  await response.body?.cancel();
  return response.status !== 401;
}
