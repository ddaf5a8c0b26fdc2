import { assertEquals, assertObjectMatch } from "@std/assert";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { anAdminApi } from "../admin/api.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import {
  accessTokenType,
  exchange,
  exchanged,
  type Form,
  grantType,
  idTokenType,
} from "../support/token_exchange.ts";
import { answerOf, introspect, signIn, userinfo } from "../support/tokens.ts";

const idJagType = "urn:ietf:params:oauth:token-type:id-jag";
const chat = "https://chat.example";
const api = "https://api.chat.example/";
const wiki = aClient("wiki", {
  grant_types: ["authorization_code", "refresh_token", grantType],
  id_jag_audiences: [
    { audience: chat, client_id: "wiki-at-chat", resources: [api], scope: "read history" },
  ],
});
const sender = { client: "wiki" };
const request = {
  requested_token_type: idJagType,
  subject_token_type: idTokenType,
  audience: chat,
};

async function verified(provider: TestProvider, jwt: string) {
  const jwks = await (await provider.request("/.well-known/jwks.json")).json();
  const currentDate = new Date(provider.clock.milliseconds());
  return await jwtVerify(jwt, createLocalJWKSet(jwks), { audience: chat, issuer, currentDate });
}

Deno.test("a client gets an assertion of its user for another server, for a few minutes", async () => {
  await using provider = await aProvider({ clients: [wiki] });
  const parameters = { scope: "openid email" };
  const { id_token } = await signIn(provider, { client: "wiki", parameters });
  const { userId } = await provider.userOf(alice.username);

  const form = { ...request, resource: api, scope: "read write" };
  const answer = await exchanged(provider, id_token, form, sender);

  assertObjectMatch(answer, {
    issued_token_type: idJagType,
    token_type: "N_A",
    expires_in: 300,
    scope: "read",
  });
  assertEquals(decodeProtectedHeader(answer.access_token).typ, "oauth-id-jag+jwt");
  const { payload } = await verified(provider, answer.access_token);
  const { jti, auth_time, ...claims } = payload;
  assertEquals([typeof jti, typeof auth_time], ["string", "number"]);
  const now = provider.clock.seconds();
  assertEquals(claims, {
    iss: issuer,
    sub: userId,
    aud: chat,
    client_id: "wiki-at-chat",
    iat: now,
    exp: now + 300,
    resource: api,
    scope: "read",
    acr: "urn:latchkey:acr:1fa",
    amr: ["pwd"],
    email: "alice@example.com",
    email_verified: true,
  });
  const event = (await auditTrail(provider)).find(({ type }) => type === "token_exchanged");
  assertObjectMatch(event ?? {}, { userId, clientId: "wiki", about: chat });
  // Here it opens nothing.
  assertEquals((await userinfo(provider, answer.access_token)).status, 401);
  assertEquals(await introspect(provider, answer.access_token, "wiki"), { active: false });
  const again = await exchange(provider, answer.access_token, request, sender);
  assertEquals(await answerOf(again), "400 invalid_request");
  const silent = provider.authorizeUrl({
    client: "wiki",
    parameters: { prompt: "none", id_token_hint: answer.access_token },
  });
  const landed = await provider.browser().open(silent);
  assertEquals(landed.url.searchParams.get("error"), "login_required");
});

Deno.test("an assertion names its resource as the policy does, also when the client spells it differently", async () => {
  await using provider = await aProvider({ clients: [wiki] });
  const { id_token } = await signIn(provider, { client: "wiki" });
  for (const resource of [api, api.slice(0, -1), "https://API.chat.example/"]) {
    const answer = await exchanged(provider, id_token, { ...request, resource }, sender);
    const { payload } = await verified(provider, answer.access_token);
    assertEquals(payload.resource, api, resource);
  }
});

Deno.test("an assertion without a resource, a scope and an address has none, and a proof binds it", async () => {
  await using provider = await aProvider({ clients: [wiki] });
  const { id_token } = await signIn(provider, { client: "wiki", parameters: { scope: "openid" } });
  const key = await aDpopKey(provider);
  const headers = { dpop: await key.proof({ path: "/token" }) };
  const answer = await exchanged(provider, id_token, request, { ...sender, headers });
  const { payload } = await verified(provider, answer.access_token);
  assertEquals(payload.cnf, { jkt: key.thumbprint });
  const names = ["resource", "scope", "email", "email_verified"];
  assertEquals(names.filter((name) => name in payload), []);
});

Deno.test("an assertion is refused outside of the policy, and for any other token", async () => {
  const clients = [
    wiki,
    aClient("notes", { grant_types: ["authorization_code", grantType] }),
    aPublicClient("spa"),
  ];
  await using provider = await aProvider({ clients, lifetimes: { idToken: 600 } });
  const browser = provider.browser();
  const tokens = await signIn(provider, {
    client: "wiki",
    browser,
    parameters: { scope: "openid offline_access" },
  });
  const notes = await signIn(provider, { client: "notes" });
  const { id_token } = tokens;
  const ask = async (token: string, form: Form, client = "wiki") =>
    await answerOf(await exchange(provider, token, { ...request, ...form }, { client }));
  const access = { subject_token_type: accessTokenType };
  const table: [what: string, answer: string, token: string, form: Form, client?: string][] = [
    ["another audience", "400 invalid_target", id_token, { audience: "https://mail.example" }],
    ["the audience with a slash", "400 invalid_target", id_token, { audience: `${chat}/` }],
    ["no audience", "400 invalid_request", id_token, { audience: undefined }],
    ["another resource", "400 invalid_target", id_token, { resource: chat }],
    ["only other scopes", "400 invalid_scope", id_token, { scope: "write" }],
    ["an access token", "400 invalid_request", tokens.access_token, access],
    ["one that is called an ID token", "400 invalid_request", tokens.access_token, {}],
    ["a refresh token", "400 invalid_request", tokens.refresh_token, {
      subject_token_type: "urn:ietf:params:oauth:token-type:refresh_token",
    }],
    ["an actor", "400 invalid_request", id_token, {
      actor_token: tokens.access_token,
      actor_token_type: accessTokenType,
    }],
    ["another client's ID token", "400 invalid_request", notes.id_token, {}],
    ["a client without a policy", "400 invalid_target", notes.id_token, {}, "notes"],
    ["a public client", "401 invalid_client", id_token, {}, "spa"],
    ["nothing wrong", "200", id_token, {}],
  ];
  for (const [what, answer, token, form, client] of table) {
    assertEquals(await ask(token, form, client), answer, what);
  }
  provider.clock.advance(400);
  const late = await exchanged(provider, id_token, request, sender);
  assertEquals(late.expires_in, 200);
  await provider.post("/revoke", { token: tokens.refresh_token, ...provider.credentials("wiki") });
  assertEquals(await ask(id_token, {}), "400 invalid_request");
});

Deno.test("an assertion tells only what the client may still ask for", async () => {
  await using api = await anAdminApi({ clients: [wiki] });
  const { provider } = api;
  const parameters = { scope: "openid email" };
  const { id_token } = await signIn(provider, { client: "wiki", parameters });
  const emails: unknown[] = [];
  for (const scope of ["openid email", "openid"]) {
    await api.patch("/clients/wiki", { scope });
    const { access_token } = await exchanged(provider, id_token, request, sender);
    emails.push((await verified(provider, access_token)).payload.email);
  }
  assertEquals(emails, ["alice@example.com", undefined]);
  await api.patch("/clients/wiki", { scope: "email" });
  const refused = await exchange(provider, id_token, request, sender);
  assertEquals(await answerOf(refused), "400 invalid_request");
});
