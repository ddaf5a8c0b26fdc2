import { assertEquals } from "@std/assert";
import {
  aCallCentre,
  answerBackchannel,
  beginBackchannel,
  cibaGrant,
} from "../support/backchannel.ts";
import { aClient } from "../support/clients.ts";
import { answerDevice, aTelevision, beginDevice, deviceGrant } from "../support/devices.ts";
import { alice, aProvider, codeVerifier, type TestProvider } from "../support/provider.ts";
import { resourceOf } from "../../src/grantable/resource_entry.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as stored from "../../stores/resources.ts";
import { introspect } from "../support/tokens.ts";
import { aTrustedIssuer, jwtBearer } from "../support/trusted_issuer.ts";

const [api, slash, other] = [
  "https://api.example",
  "HTTPS://API.example/",
  "https://other.example",
];
const scope = "openid offline_access read";
const clients = [
  aClient("shop", { scope }),
  aTelevision("tv", { scope }),
  aCallCentre("bank", { scope }),
  aClient("wiki", { grant_types: [jwtBearer], redirect_uris: [], scope: "openid read" }),
];
const resources = [{ resource: api, scopes: ["read"] }, { resource: other, scopes: ["read"] }];

/** A token request that names these resources, the same one perhaps more than once. */
async function audienceOf(
  provider: TestProvider,
  client: string,
  form: Readonly<Record<string, string>>,
  named: readonly string[],
): Promise<{ aud: unknown; refresh_token: string }> {
  const body = new URLSearchParams({ ...provider.credentials(client), ...form });
  for (const resource of named) body.append("resource", resource);
  const answer = await provider.request("/token", { method: "POST", body });
  const { access_token: token, refresh_token = "", error } = await answer.json();
  if (answer.status !== 200) return { aud: `${answer.status} ${error}`, refresh_token };
  return { aud: (await introspect(provider, token, client)).aud, refresh_token };
}

Deno.test("a token request may name its resource twice, in two spellings, with each grant type", async () => {
  const server = await aTrustedIssuer();
  const config = { trustedIssuers: [server.trusted()] };
  await using provider = await aProvider({ clients, resources, config });
  const twice = [api, slash];
  const granted = { scope, resource: api };

  const code = await provider.authorize({ parameters: granted });
  const redeemed = { grant_type: "authorization_code", code, code_verifier: codeVerifier };
  const first = await audienceOf(provider, "shop", redeemed, twice);
  assertEquals(first.aud, api);
  const refreshed = { grant_type: "refresh_token", refresh_token: first.refresh_token };
  assertEquals((await audienceOf(provider, "shop", refreshed, twice)).aud, api);

  const device = await beginDevice(provider, "tv", granted);
  await answerDevice(provider.browser(), device.user_code);
  const polled = { grant_type: deviceGrant, device_code: device.device_code };
  assertEquals((await audienceOf(provider, "tv", polled, twice)).aud, api);

  const asked = await beginBackchannel(provider, granted);
  await answerBackchannel(provider);
  const answered = { grant_type: cibaGrant, auth_req_id: asked.auth_req_id };
  assertEquals((await audienceOf(provider, "bank", answered, twice)).aud, api);

  // Also where the assertion names the resource, and the request does not.
  for (const [claimed, named] of [[[api], twice], [twice, []], [undefined, twice]] as const) {
    const assertion = await server.idJag(provider, { resource: claimed, scope: "read" });
    const presented = { grant_type: jwtBearer, assertion };
    assertEquals((await audienceOf(provider, "wiki", presented, named)).aud, api);
  }
});

Deno.test("two resources in a token request are refused, and the code is not spent", async () => {
  const server = await aTrustedIssuer();
  const config = { trustedIssuers: [server.trusted()] };
  await using provider = await aProvider({ clients, resources, config });
  const parameters = { scope, resource: api };
  const code = await provider.authorize({ parameters });
  const redeemed = { grant_type: "authorization_code", code, code_verifier: codeVerifier };
  for (const named of [[api, other], [slash, other], [other, api, slash]]) {
    const { aud } = await audienceOf(provider, "shop", redeemed, named);
    assertEquals(aud, "400 invalid_target");
  }
  assertEquals((await audienceOf(provider, "shop", redeemed, [other])).aud, "400 invalid_target");
  assertEquals((await audienceOf(provider, "shop", redeemed, [slash])).aud, api);

  for (const [claimed, named] of [[[api, other], []], [[api, other], [slash, other]]] as const) {
    const assertion = await server.idJag(provider, { resource: claimed, scope: "read" });
    const presented = { grant_type: jwtBearer, assertion };
    const { aud } = await audienceOf(provider, "wiki", presented, named);
    assertEquals(aud, "400 invalid_target");
    assertEquals((await audienceOf(provider, "wiki", presented, [slash])).aud, api);
  }
});

Deno.test("two spellings that release 0.2 registered both are two resources", async () => {
  const server = await aTrustedIssuer();
  const config = { trustedIssuers: [server.trusted()] };
  await using provider = await aProvider({ clients, resources, config });
  const both = [api, `${api}/`];
  await provider.deps.kv.step(systemOrigin, (tx) => {
    const entry = { resource: `${api}/`, scopes: ["read"], access_token_format: "opaque" as const };
    const registered = { ...entry, introspection_clients: [], clients: "any" as const };
    stored.create(tx, resourceOf(registered, tx.now));
    return Promise.resolve();
  });
  const url = provider.authorizeUrl({ parameters: { scope } }) +
    `&${new URLSearchParams(both.map((one) => ["resource", one]))}`;
  const landed = await provider.browser().signInAndAllow(url, alice);
  const code = landed.searchParams.get("code") ?? "";
  const redeemed = { grant_type: "authorization_code", code, code_verifier: codeVerifier };
  assertEquals((await audienceOf(provider, "shop", redeemed, both)).aud, "400 invalid_target");
  for (const [claimed, named] of [[both, []], [both, both], [undefined, both]] as const) {
    const assertion = await server.idJag(provider, { resource: claimed, scope: "read" });
    const presented = { grant_type: jwtBearer, assertion };
    assertEquals((await audienceOf(provider, "wiki", presented, named)).aud, "400 invalid_target");
    assertEquals((await audienceOf(provider, "wiki", presented, both.slice(1))).aud, both[1]);
  }
  const first = await audienceOf(provider, "shop", redeemed, both.slice(1));
  assertEquals(first.aud, both[1]);
});
