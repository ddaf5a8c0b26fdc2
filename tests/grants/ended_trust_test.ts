import { assertEquals } from "@std/assert";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { tokenExchange } from "../../stores/grant_types.ts";
import * as providers from "../../stores/provider.ts";
import type { TrustedIssuer } from "../../src/config/trusted_issuers.ts";
import { anAdminApi } from "../admin/api.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { answerOf, bodyOf, introspect, tokensOf, userinfo } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";
import { aTrustedIssuer, idp, jwtBearer, type TestIssuer } from "../support/trusted_issuer.ts";

const wiki = aClient("wiki", {
  grant_types: [jwtBearer, tokenExchange],
  redirect_uris: [],
  post_logout_redirect_uris: [],
  scope: "openid profile",
});
const access = "urn:ietf:params:oauth:token-type:access_token";

async function obtain(provider: TestProvider, server: TestIssuer): Promise<string> {
  const assertion = await server.idJag(provider);
  const form = { grant_type: jwtBearer, assertion, ...provider.credentials("wiki") };
  return (await tokensOf(await provider.post("/token", form))).access_token;
}

function exchange(provider: TestProvider, subject_token: string): Promise<Response> {
  const form = { grant_type: tokenExchange, subject_token, subject_token_type: access };
  return provider.post("/token", { ...form, ...provider.credentials("wiki") });
}

/** What a token is good for: at introspection, at userinfo and for another token. */
async function goodFor(provider: TestProvider, tokens: readonly string[]): Promise<string[]> {
  return await Promise.all(tokens.map(async (token) => {
    const { active } = await introspect(provider, token, "wiki");
    const answers = [await userinfo(provider, token), await exchange(provider, token)];
    return [active, ...await Promise.all(answers.map(answerOf))].join(", ");
  }));
}

const all = "true, 200, 200";
const nothing = "false, 401 invalid_token, 400 invalid_request";

const at = `/trusted-issuers/${encodeURIComponent(idp)}`;

function entryOf({ publicJwk }: Awaited<ReturnType<typeof aTrustedIssuer>>) {
  return {
    issuer: idp,
    jwks: { keys: [publicJwk] },
    clients: ["wiki"],
    username_claim: "sub",
  };
}

Deno.test("tokens for an assertion end with the trust in its issuer, and do not come back with it", async () => {
  const server = await aTrustedIssuer();
  await using api = await anAdminApi({ clients: [wiki] });
  const { provider } = api;
  const entry = entryOf(server);
  await api.post("/trusted-issuers", entry);
  const token = await obtain(provider, server);
  const exchanged = (await bodyOf<{ access_token: string }>(await exchange(provider, token)))
    .access_token;
  const tokens = [token, exchanged];
  for (let times = 0; times < 2; times++) {
    assertEquals(await goodFor(provider, tokens), [all, all]);
  }
  // A change of the issuer ends nothing, but for a client that may not present its assertions any more.
  await api.patch(at, { assertions: ["jwt"], username_claim: null, users: { x: "y" } });
  assertEquals(await goodFor(provider, tokens), [all, all]);
  await api.patch(at, { clients: ["notes"] });
  assertEquals(await goodFor(provider, tokens), [nothing, nothing]);
  await api.call("PUT", at, { headers: { "if-match": "*" }, body: entry });
  assertEquals(await goodFor(provider, tokens), [all, all]);

  assertEquals((await api.call("DELETE", at, { headers: { "if-match": "*" } })).status, 204);
  assertEquals(await goodFor(provider, tokens), [nothing, nothing]);
  await api.post("/trusted-issuers", entry);
  assertEquals(await goodFor(provider, tokens), [nothing, nothing]);
  assertEquals(await goodFor(provider, [await obtain(provider, server)]), [all]);
});

Deno.test("an issuer that an earlier release has stored has no id: a change of it ends nothing, and added again it is another one", async () => {
  const server = await aTrustedIssuer();
  await using api = await anAdminApi({ clients: [wiki] });
  const { provider } = api;
  const entry = entryOf(server);
  await api.post("/trusted-issuers", entry);
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { found } = await tx.read({ found: providers.ref() });
    if (!isPresent(found)) throw new Error("missing");
    const trustedIssuers = found.value.trustedIssuers.map(({ id: _, ...one }) => one);
    providers.setLists(tx, found, { trustedIssuers });
  });
  const token = await obtain(provider, server);
  assertEquals((await api.patch(at, { clients: ["wiki", "notes"] })).status, 200);
  assertEquals(await goodFor(provider, [token]), [all]);
  assertEquals((await api.call("DELETE", at, { headers: { "if-match": "*" } })).status, 204);
  assertEquals((await api.post("/trusted-issuers", entry)).status, 201);
  assertEquals(await goodFor(provider, [token]), [nothing]);
});

Deno.test("tokens for an assertion end when its issuer leaves the configuration", async () => {
  const server = await aTrustedIssuer();
  const trustedIssuers: TrustedIssuer[] = [server.trusted()];
  // A process of another configuration remembers nothing of this one.
  const options = { clients: [wiki], config: { trustedIssuers }, remembers: false };
  await using first = await aProvider(options);
  const token = await obtain(first, server);
  assertEquals(await goodFor(first, [token]), [all]);
  trustedIssuers.length = 0;
  await using provider = first.restart();
  assertEquals(await goodFor(provider, [token]), [nothing]);
  trustedIssuers.push(server.trusted({ issuer: "https://other.example" }));
  assertEquals(await goodFor(provider, [token]), [nothing]);
});

Deno.test("an assertion is refused if its issuer is deleted while its keys are fetched", async () => {
  const server = await aTrustedIssuer();
  const web = testWeb();
  const jwks_uri = `${idp}/keys`;
  web.publish(jwks_uri, JSON.stringify({ keys: [server.publicJwk] }));
  let meanwhile = () => Promise.resolve();
  const transport: typeof web = {
    ...web,
    async send(request, ...others) {
      await meanwhile();
      return await web.send(request, ...others);
    },
  };
  await using api = await anAdminApi({ clients: [wiki], transport });
  const entry = { issuer: idp, jwks_uri, clients: ["wiki"], username_claim: "sub" };
  await api.post("/trusted-issuers", entry);
  meanwhile = async () => {
    const at = `/trusted-issuers/${encodeURIComponent(idp)}`;
    assertEquals((await api.call("DELETE", at, { headers: { "if-match": "*" } })).status, 204);
  };
  const assertion = await server.idJag(api.provider);
  const form = { grant_type: jwtBearer, assertion, ...api.provider.credentials("wiki") };
  assertEquals(await answerOf(await api.provider.post("/token", form)), "400 invalid_grant");
  assertEquals(web.asked, [jwks_uri]);
});
