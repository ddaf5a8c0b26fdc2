import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import * as clients from "../../stores/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, issuer } from "../support/provider.ts";
import { testWeb } from "../support/web.ts";
import { anMcpApp, anMcpServer, callback, gateway, mcpResource, type Net } from "./mcp.ts";

const resource = "https://mcp.example/mcp";
const documentUrl = "https://app.example/client.json";
const scopes = ["tools:read", "tools:write"];
const introspector = aClient(gateway.clientId, { grant_types: [], redirect_uris: [] });

/** Latchkey, an MCP server and the document of an app, in one process. */
async function aWorld() {
  const web = testWeb();
  web.publish(documentUrl, {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_id: documentUrl,
      client_name: "MCP app",
      redirect_uris: [callback],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "none",
    }),
  });
  const provider = await aProvider({
    clients: [introspector],
    resources: [mcpResource(resource)],
    transport: web,
    config: {
      registration: "open",
      registrationScopes: scopes,
      clientIdDocuments: { mode: "open", hosts: [] },
    },
  });
  const net: Net = async (url, init) => {
    const { origin, href, pathname, search } = new URL(url);
    if (origin === issuer) return await provider.request(pathname + search, init ?? {});
    assertEquals(origin, new URL(resource).origin);
    return await server(new Request(href, init));
  };
  const now = () => provider.clock.seconds();
  const server = anMcpServer({ issuer, resource, net, now });
  const visit = async (url: URL | undefined) =>
    await provider.browser().signInAndAllow(`${url?.pathname}${url?.search}`, alice);
  return { provider, net, visit };
}

Deno.test("an app with the MCP SDK finds Latchkey by its server, and uses its tools", async (t) => {
  for (const document of [documentUrl, undefined]) {
    const name = document === undefined ? "it registers itself" : "its id is its document's URL";
    await t.step(name, async () => {
      const { provider, net, visit } = await aWorld();
      await using _ = provider;
      const app = anMcpApp(resource, net, document);
      await assertRejects(() => app.tools(), UnauthorizedError);
      const asked = app.kept.sentTo?.searchParams;
      assertEquals(asked?.get("resource"), resource);
      assertEquals(asked?.get("code_challenge_method"), "S256");
      if (document !== undefined) assertEquals(asked?.get("client_id"), document);
      await app.finish(await visit(app.kept.sentTo));
      assertEquals(await app.tools(), ["read", "write"]);

      // An expired access token is refreshed without the user.
      assert(app.kept.tokens?.refresh_token, "there is no refresh token");
      const before = { ...app.kept.tokens };
      provider.clock.advance(3601);
      assertEquals(await app.tools(), ["read", "write"]);
      assert(app.kept.tokens.access_token !== before.access_token);
      assert(app.kept.tokens.refresh_token !== before.refresh_token);

      // A tool that needs more sends the user to agree to more. With a refresh token this SDK would only
      // refresh, for the same scope.
      delete app.kept.tokens.refresh_token;
      await assertRejects(() => app.call("write"));
      const more = app.kept.sentTo?.searchParams.get("scope")?.split(" ") ?? [];
      assert(more.includes("tools:write"), more.join(" "));
      await app.finish(await visit(app.kept.sentTo));
      assert(Array.isArray(await app.call("write")));
    });
  }
});

Deno.test("an app with the MCP SDK whose registration has ended registers anew", async () => {
  const { provider, net, visit } = await aWorld();
  await using _ = provider;
  const app = anMcpApp(resource, net);
  await assertRejects(() => app.tools(), UnauthorizedError);
  await app.finish(await visit(app.kept.sentTo));
  const { client } = app.kept;
  assert(client);
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { entry } = await tx.read({ entry: clients.ref(client.client_id) });
    if (isPresent(entry)) clients.remove(tx, entry);
  });
  await assertRejects(() => app.tools(), UnauthorizedError);
  assert(app.kept.client && app.kept.client.client_id !== client.client_id);
  await app.finish(await visit(app.kept.sentTo));
  assertEquals(await app.tools(), ["read", "write"]);
});
