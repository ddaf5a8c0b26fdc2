import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { accountBrowser } from "../support/account.ts";
import {
  aCallCentre,
  answerBackchannel,
  askBackchannel,
  beginBackchannel,
  pollBackchannel,
  signedBackchannel,
} from "../support/backchannel.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { enterCode, giveApp } from "../support/factors.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf, introspect, tokensOf } from "../support/tokens.ts";

const [one, two] = ["urn:latchkey:acr:1fa", "urn:latchkey:acr:2fa"];
const api = { resource: "https://api.example", scopes: ["read"], clients: "any" };
const forApi = { scope: "openid read", resource: api.resource };

Deno.test("acr_values are a wish of the client, and with a resource they must be met", async () => {
  const clients = [aCallCentre("bank", { scope: "openid profile read" })];
  await using provider = await aProvider({ clients, resources: [api] });
  const browser = await accountBrowser(provider);
  const begin = async (parameters: Record<string, string>) => {
    provider.clock.advance(6);
    const { auth_req_id } = await beginBackchannel(provider, parameters);
    const landing = await answerBackchannel(provider, "allow", browser);
    return { landing, poll: () => pollBackchannel(provider, auth_req_id) };
  };
  const acrOf = async (response: Response) => {
    const { id_token, access_token } = await tokensOf(response);
    return [decodeJwt(id_token).acr, (await introspect(provider, access_token, "bank")).acr];
  };

  // She has nothing but a password.
  for (const acr_values of [two, "phr", "urn:example:gold", `urn:example:gold ${two}`]) {
    const { landing, poll } = await begin({ acr_values });
    assertStringIncludes(landing.body, "You have allowed it", acr_values);
    assertEquals((await acrOf(await poll()))[0], one, acr_values);
  }
  const refused = await begin({ ...forApi, acr_values: two });
  assertStringIncludes(refused.landing.body, "not allowed it");
  assertEquals(await answerOf(await refused.poll()), "400 access_denied");
  const enough = await begin({ ...forApi, acr_values: `${two} ${one}` });
  assertEquals(await acrOf(await enough.poll()), [one, one]);
  const unknown = { login_hint: "alice", ...forApi, acr_values: "urn:example:gold" };
  const answer = await answerOf(await askBackchannel(provider, unknown));
  assertEquals(answer, "400 unmet_authentication_requirements");

  // With an app both kinds lead to the second factor, and once is enough.
  const app = await giveApp(provider);
  const { landing, poll } = await begin({ ...forApi, acr_values: two });
  assertEquals(landing.url.pathname, "/login/second-factor");
  assertEquals(await answerOf(await poll()), "400 authorization_pending");
  const back = await enterCode(browser, landing, app.code());
  await browser.submit(back, { decision: "allow" });
  provider.clock.advance(6);
  assertEquals(await acrOf(await poll()), [two, two]);
  const next = await begin({ acr_values: two });
  assertStringIncludes(next.landing.body, "You have allowed it");
  assertEquals((await acrOf(await next.poll()))[0], two);
  // The value that was asked for is told, where the sign-in is stronger.
  assertEquals((await acrOf(await (await begin({ acr_values: one })).poll()))[0], one);
});

Deno.test("acr_values in a signed request count, and beside it they are refused", async () => {
  const key = await aClientKey();
  const members = {
    backchannel_authentication_request_signing_alg: "ES256",
    jwks: { keys: [key.publicJwk] },
    scope: "openid read",
  };
  await using provider = await aProvider({
    clients: [aCallCentre("bank", members)],
    resources: [api],
  });
  const send = async (claims: Record<string, unknown>, beside: Record<string, string> = {}) => {
    const request = await signedBackchannel(provider, key, { claims });
    const form = { request, ...provider.credentials("bank"), ...beside };
    return await answerOf(await provider.post("/backchannel_authentication", form));
  };
  const gold = { ...forApi, acr_values: "urn:example:gold" };
  assertEquals(await send(gold), "400 unmet_authentication_requirements");
  assertEquals(await send({ ...gold, acr_values: `urn:example:gold ${two}` }), "200");
  assertEquals(await send(forApi, { acr_values: two }), "400 invalid_request");
});
