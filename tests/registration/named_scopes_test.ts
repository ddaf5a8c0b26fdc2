import { assert, assertEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { outcomeAt } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { codeVerifier } from "../support/provider.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";
import { callback, register } from "./registration.ts";

const api = { resource: "https://mcp.example/mcp", scopes: ["read"], clients: "any" };
const config = { registration: "open", registrationScopes: ["read"] } as const;
const refreshing = {
  redirect_uris: [callback],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "none",
};

async function aServer() {
  const server = await anAdminApi({ config, clients: [aClient("shop")], resources: [api] });
  const { provider } = server;
  const clientOf = async (metadata: Record<string, unknown>): Promise<string> =>
    (await register(provider, { ...refreshing, ...metadata })).body.client_id;
  const signIn = async (client_id: string, parameters: Record<string, string>) => {
    const asked = { client_id, redirect_uri: callback, ...parameters };
    const code = await provider.authorize({ client: "shop", parameters: asked });
    const form = { code, client_id, redirect_uri: callback, code_verifier: codeVerifier };
    return await tokensOf(
      await provider.post("/token", { grant_type: "authorization_code", ...form }),
    );
  };
  const refresh = async (client_id: string, refresh_token: string) => {
    const form = { grant_type: "refresh_token", client_id, refresh_token };
    return await answerOf(await provider.post("/token", form));
  };
  return { ...server, provider, clientOf, signIn, refresh };
}

Deno.test("a client that registered the scope of an API may name offline_access, and stays when the user signs out", async () => {
  await using server = await aServer();
  const { provider, clientOf, signIn, refresh } = server;
  const client = await clientOf({ scope: "read" });
  const scope = "read offline_access";
  const kept = await signIn(client, { scope, resource: api.resource });
  assertEquals(kept.scope, "read");
  const bound = await signIn(client, { scope: "read", resource: api.resource });
  assert(kept.refresh_token !== "" && bound.refresh_token !== "");
  provider.clock.advance(20 * 24 * 3600); // the sessions have ended
  assertEquals(await refresh(client, kept.refresh_token), "200");
  assertEquals(await refresh(client, bound.refresh_token), "400 invalid_grant");
});

Deno.test("a user who has allowed the rest is asked for offline_access that the client names, and never with prompt=none", async () => {
  await using server = await aServer();
  const { provider, clientOf } = server;
  const client_id = await clientOf({ scope: "read" });
  const browser = provider.browser();
  const asked = { client_id, redirect_uri: callback, resource: api.resource };
  const named = { ...asked, scope: "read offline_access" };
  const allow = (parameters: Record<string, string>) =>
    provider.authorize({ client: "shop", browser, parameters });
  await allow({ ...asked, scope: "read" });
  const outcome = (parameters: Record<string, string>) =>
    outcomeAt(provider, browser, parameters, "shop");
  assertEquals(await outcome({ ...asked, scope: "read" }), "code");
  assertEquals(await outcome({ ...asked, scope: "read", prompt: "none" }), "code");
  assertEquals(await outcome(named), "consent");
  assertEquals(await outcome({ ...named, prompt: "none" }), "code"); // without it
  await allow(named);
  assertEquals(await outcome(named), "code");
});

Deno.test("offline_access is ignored for a client that cannot have it", async () => {
  await using server = await aServer();
  const { clientOf, signIn, patch } = server;
  const scope = "openid offline_access";
  for (
    const metadata of [
      { scope: "openid email" }, // it said that it needs less, and uses no API
      { scope: "openid read", grant_types: ["authorization_code"] },
    ]
  ) {
    const tokens = await signIn(await clientOf(metadata), { scope });
    assertEquals([tokens.scope, tokens.refresh_token], ["openid", ""], JSON.stringify(metadata));
  }
  const limited = await clientOf({ scope: "openid read" });
  const granted = await signIn(limited, { scope });
  assertEquals(granted.scope, scope);
  await patch(`/clients/${limited}`, { scope: "openid email read" });
  const later = await signIn(limited, { scope });
  assertEquals([later.scope, later.refresh_token], ["openid", ""]);
});

Deno.test("a client may register and ask for every scope that the discovery document lists, and gets what it may have", async () => {
  await using server = await aServer();
  const { provider, clientOf, signIn } = server;
  const { scopes_supported } = await (await provider.request("/.well-known/openid-configuration"))
    .json();
  const scope = scopes_supported.join(" ");
  assert(scope.includes("groups") && scope.includes("device_sso"));
  const expected = "openid profile email address phone offline_access";
  assertEquals((await signIn(await clientOf({ scope }), { scope })).scope, expected);
  assertEquals((await signIn(await clientOf({}), { scope })).scope, expected);
});
