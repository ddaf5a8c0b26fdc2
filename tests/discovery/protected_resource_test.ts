import { assertEquals, assertStringIncludes } from "@std/assert";
import { anAdminApi, problemOf } from "../admin/api.ts";
import { aClient } from "../support/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as resources from "../../stores/resources.ts";
import { countedKv } from "../support/counted_kv.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { signIn } from "../support/tokens.ts";

const wellKnown = "/.well-known/oauth-protected-resource";
const whole = (resource: string) => `${wellKnown}/${encodeURIComponent(resource)}`;
const mcp = {
  resource: "https://mcp.example/tools/mcp",
  scopes: ["tools:read", "tools:write"],
  metadata: { resource_name: "Tools", resource_documentation: "https://mcp.example/docs" },
};
const published = (resource: string, scopes: readonly string[]) => ({
  resource,
  authorization_servers: [issuer],
  scopes_supported: scopes,
  bearer_methods_supported: ["header"],
});

Deno.test("the admin API and each resource that asks for it have metadata below the well-known path", async () => {
  const bare = { scopes: ["read"], metadata: {} };
  await using provider = await aProvider({
    resources: [
      mcp,
      { ...bare, resource: `${issuer}/mcp` },
      { ...bare, resource: `${issuer}/` },
      { ...bare, resource: "https://one.example/api" },
      { ...bare, resource: "https://two.example/api" },
      { ...bare, resource: "https://three.example/api?v=1" },
      { resource: "https://silent.example/silent", scopes: ["read"] },
      { ...bare, resource: "urn:example:api" },
    ],
  });
  const found: Record<string, [string, readonly string[]]> = {
    "/api/v1": [`${issuer}/api/v1`, ["latchkey:admin"]],
    "/tools/mcp": [mcp.resource, mcp.scopes],
    [`/${encodeURIComponent(mcp.resource)}`]: [mcp.resource, mcp.scopes],
    "/mcp": [`${issuer}/mcp`, ["read"]],
    "": [`${issuer}/`, ["read"]],
    "/api?v=1": ["https://three.example/api?v=1", ["read"]],
    [`/${encodeURIComponent("https://one.example/api")}`]: ["https://one.example/api", ["read"]],
  };
  for (const [place, [resource, scopes]] of Object.entries(found)) {
    const response = await provider.request(wellKnown + place, {
      headers: { origin: "https://inspector.example" },
    });
    const { headers, status } = response;
    assertEquals([status, headers.get("access-control-allow-origin")], [200, "*"], place);
    assertEquals(headers.get("cache-control"), "public, max-age=300");
    const body = await response.json();
    const { resource: name, authorization_servers, scopes_supported, bearer_methods_supported } =
      body;
    const standard = { authorization_servers, scopes_supported, bearer_methods_supported };
    assertEquals({ resource: name, ...standard }, published(resource, scopes));
    assertEquals(body.resource_name, resource === mcp.resource ? "Tools" : undefined);
  }
  const missing = [
    "/api",
    "/silent",
    whole("https://silent.example/silent").slice(wellKnown.length),
  ]
    .concat(
      "/nothing",
      "/tools/mcp/",
      "/TOOLS/mcp",
      "/tools/mcp?x=1",
      "/%zz",
      "/%3A%2F%2F",
      "/api/v1/",
    )
    .concat("/urn%3Aexample%3Aapi", "//mcp.example/tools/mcp", `/${"a".repeat(4000)}`, "/api/v2");
  for (const place of missing) {
    const response = await provider.request(wellKnown + place);
    assertEquals([place, response.status], [place, 404]);
    assertStringIncludes(response.headers.get("content-type") ?? "", "application/json");
    await response.body?.cancel();
  }
  const preflight = await provider.request(whole(mcp.resource), {
    method: "OPTIONS",
    headers: {
      "origin": "https://inspector.example",
      "access-control-request-method": "GET",
      "access-control-request-headers": "mcp-protocol-version",
    },
  });
  assertEquals(preflight.headers.get("access-control-allow-headers"), "mcp-protocol-version");
});

Deno.test("a refusal of the admin API names its metadata, also one for a missing scope", async () => {
  const console = aClient("console", { scope: "openid latchkey:admin" });
  await using api = await anAdminApi({ clients: [console] });
  const { provider } = api;
  const url = `${issuer}${wellKnown}/api/v1`;
  const ask = (authorization?: string) =>
    provider.request("/api/v1/users", { headers: authorization ? { authorization } : {} });
  for (const authorization of [undefined, "Bearer wrong", "DPoP wrong", "Basic YTpi"]) {
    const refused = await ask(authorization);
    assertEquals(refused.status, 401);
    const challenge = refused.headers.get("www-authenticate") ?? "";
    assertStringIncludes(challenge, `resource_metadata="${url}"`);
    await refused.body?.cancel();
  }
  const document = await (await provider.request(new URL(url).pathname)).json();
  assertEquals(document.resource, `${issuer}/api/v1`);
  // 403: an administrator who is demoted has a token, but no access any more.
  await editUser(provider, "alice", { administrator: true });
  const parameters = { scope: "latchkey:admin", resource: `${issuer}/api/v1` };
  const { access_token: token } = await signIn(provider, { client: "console", parameters });
  await editUser(provider, "alice", { administrator: false });
  const forbidden = await ask(`Bearer ${token}`);
  assertEquals(forbidden.status, 403);
  assertStringIncludes(
    forbidden.headers.get("www-authenticate") ?? "",
    `error="insufficient_scope"`,
  );
  assertStringIncludes(
    forbidden.headers.get("www-authenticate") ?? "",
    `resource_metadata="${url}"`,
  );
});

Deno.test("the admin API shows and changes what a resource publishes", async () => {
  await using api = await anAdminApi();
  const created = await api.post("/resources", mcp);
  assertEquals(created.body.metadata, {
    ...mcp.metadata,
    dpop_bound_access_tokens_required: false,
  });
  const at = `/resources/${encodeURIComponent(mcp.resource)}`;
  const ask = async () => {
    const response = await api.provider.request(`${wellKnown}/tools/mcp`);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await ask(), 200);
  assertEquals((await api.patch(at, { metadata: null })).body.metadata, undefined);
  assertEquals(await ask(), 404);
  for (
    const metadata of [
      { resource_documentation: "javascript:alert(1)" },
      { resource_name: "a\u202eb" },
      { jwks_uri: "https://mcp.example/jwks" },
      true,
    ]
  ) {
    const refused = await api.patch(at, { metadata });
    assertEquals(problemOf(refused), "422 validation-failed", JSON.stringify(metadata));
  }
});

Deno.test("a path finds its resource among any number of others, and none that is one of two", async () => {
  const { calls, wrap } = countedKv();
  const many = Array.from({ length: 450 }, (_, n) => ({
    resource: `https://a.example/${n}`,
    scopes: ["read"],
    metadata: {},
  }));
  await using api = await anAdminApi({ resources: [...many, mcp], wrap });
  const { kv } = api.provider.deps;
  const at = (resource: string) => `/resources/${encodeURIComponent(resource)}`;
  const ask = async (place: string) => {
    const response = await api.provider.request(wellKnown + place);
    const { resource } = await response.json();
    return response.status === 200 ? String(resource) : String(response.status);
  };
  assertEquals(await ask("/449"), "https://a.example/449");
  calls.length = 0;
  assertEquals(await ask("/tools/mcp"), mcp.resource);
  assertEquals(calls.filter((call) => call === "list"), ["list"]);

  // Another one with the path, until it is silent, has another path, or is gone.
  const twin = { ...mcp, resource: "https://twin.example/tools/mcp" };
  await api.post("/resources", twin);
  assertEquals(await ask("/tools/mcp"), "404");
  await api.patch(at(twin.resource), { metadata: null });
  assertEquals(await ask("/tools/mcp"), mcp.resource);
  await api.patch(at(twin.resource), { metadata: {} });
  assertEquals(await ask("/tools/mcp"), "404");
  const { etag } = await api.get(at(mcp.resource));
  await api.call("DELETE", at(mcp.resource), { headers: { "if-match": etag } });
  assertEquals(await ask("/tools/mcp"), twin.resource);
  const entries = async () => {
    const { entries } = await kv.list({
      collection: resources.byPlace,
      prefix: ["/tools/mcp"],
      limit: 9,
    });
    return entries.map(({ ref }) => ref.key[2]);
  };
  assertEquals(await entries(), [twin.resource]);
  await api.patch(at(twin.resource), { metadata: null });
  assertEquals(await entries(), []);
  await api.patch(at(twin.resource), { metadata: {} });
  // The release before this one knows no entries: it silences or deletes a resource, and leaves its entry.
  await api.post("/resources", mcp);
  assertEquals(await ask("/tools/mcp"), "404");
  for (const change of ["silence", "delete"]) {
    await kv.step(systemOrigin, async (tx) => {
      const { entry } = await tx.read({ entry: resources.ref(twin.resource) });
      if (!isPresent(entry)) return;
      if (change === "delete") tx.delete(entry);
      else tx.replace(entry, { ...entry.value, metadata: null });
    });
    assertEquals(await ask("/tools/mcp"), mcp.resource);
  }
});
