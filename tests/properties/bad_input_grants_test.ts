import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ciba, deviceCode, jwtBearer, tokenExchange } from "../../stores/grant_types.ts";
import { accountBrowser } from "../support/account.ts";
import { type GoodRequest, headerText } from "../support/bad_input.ts";
import { formOf } from "../support/browser.ts";
import { answerBackchannel, beginBackchannel } from "../support/backchannel.ts";
import { aCertificate, behindProxy } from "../support/certificate.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { answerDevice, beginDevice, typeCode } from "../support/devices.ts";
import {
  assertHarmless,
  assertProtocolAnswer,
  begun,
  changes,
  cookieOf,
  lasting,
  runs,
  seed,
} from "../support/harmless.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { accessTokenType, idTokenType } from "../support/token_exchange.ts";
import { signInOffline, tokensOf } from "../support/tokens.ts";
import { aTrustedIssuer } from "../support/trusted_issuer.ts";

const chat = "https://chat.example";
const who = ["client_id", "client_secret"];

Deno.test("bad input at each further grant and its endpoints gets a protocol error and spends nothing", async (t) => {
  const idp = await aTrustedIssuer();
  const key = await aClientKey();
  const certificate = await aCertificate();
  const trusted = idp.trusted({ clients: ["shop"], usernameClaim: "sub" });
  await using provider = await aProvider({
    clients: [
      aClient("shop", {
        grant_types: [
          ...["authorization_code", "refresh_token"],
          ...[tokenExchange, jwtBearer, deviceCode, ciba],
        ],
        backchannel_token_delivery_mode: "poll",
        scope: "openid profile email offline_access read",
        id_jag_audiences: [{ audience: chat, client_id: "at-chat" }],
      }),
      aKeyClient("signer", {
        grant_types: ["client_credentials"],
        jwks: { keys: [key.publicJwk] },
      }),
      aKeyClient("tls", {
        token_endpoint_auth_method: "self_signed_tls_client_auth",
        grant_types: ["client_credentials"],
        jwks: { keys: [certificate.publicJwk] },
      }),
    ],
    resources: [{ resource: "https://api.example", scopes: ["read"] }],
    config: { trustedIssuers: [trusted], rateLimits: false, ...behindProxy },
  });
  const credentials = provider.credentials("shop");
  const { access_token, id_token } = await signInOffline(provider);
  const browser = await accountBrowser(provider);
  const device = await beginDevice(provider, "shop");
  await answerDevice(browser, device.user_code);
  const elsewhere = await beginBackchannel(provider, {}, "shop");
  await answerBackchannel(provider, "allow", browser);
  const waiting = await beginDevice(provider, "shop");
  const page = await browser.open("/device");
  const confirm = await typeCode(browser, waiting.user_code);
  const assertion = await idp.idJag(provider, { client_id: "shop", scope: "openid" });
  const cookie = cookieOf(browser);

  const token = (parameters: Record<string, string>, essential: string[]): GoodRequest => ({
    method: "POST",
    path: "/token",
    parameters: { ...parameters, ...credentials },
    essential: ["grant_type", ...essential, ...who],
  });
  const form = (path: string, body: string, more: Record<string, string>): GoodRequest => {
    const { action, hidden } = formOf(body);
    return {
      method: "POST",
      path: action === "" ? path : action,
      parameters: { ...hidden, ...more },
      essential: Object.keys({ ...hidden, ...more }),
      headers: { cookie, origin: issuer },
    };
  };
  const asked = {
    scope: "openid email",
    claims: "{}",
    max_age: "10",
    acr_values: "urn:latchkey:acr:1fa",
    ui_locales: "en",
    resource: "https://api.example",
    ...credentials,
  };
  const requests: Record<string, GoodRequest> = {
    "/device_authorization": {
      method: "POST",
      path: "/device_authorization",
      parameters: { ...asked, scope: "openid read" },
      essential: ["scope", "claims", "max_age", "acr_values", "resource", ...who],
    },
    "/backchannel_authentication": {
      method: "POST",
      path: "/backchannel_authentication",
      parameters: {
        ...asked,
        scope: "openid read",
        login_hint: "alice",
        binding_message: "4711",
        requested_expiry: "60",
      },
      essential: ["login_hint", "binding_message", "requested_expiry", "claims", "scope", ...who],
    },
    "/token with a device code": token(
      { grant_type: deviceCode, device_code: device.device_code },
      ["device_code"],
    ),
    "/token with an auth_req_id": token(
      { grant_type: ciba, auth_req_id: elsewhere.auth_req_id },
      ["auth_req_id"],
    ),
    "/token with a token to exchange": token({
      grant_type: tokenExchange,
      subject_token: access_token,
      subject_token_type: accessTokenType,
      requested_token_type: accessTokenType,
      scope: "openid",
    }, ["subject_token", "subject_token_type"]),
    "/token with an ID token for another server": token({
      grant_type: tokenExchange,
      subject_token: id_token,
      subject_token_type: idTokenType,
      requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
      audience: chat,
    }, ["subject_token", "subject_token_type", "audience"]),
    "/token with an assertion about a user": token(
      { grant_type: jwtBearer, assertion, scope: "openid" },
      ["assertion"],
    ),
    "/token with a signature": {
      method: "POST",
      path: "/token",
      parameters: { grant_type: "client_credentials", ...await key.form(provider, "signer") },
      essential: ["grant_type", "client_assertion", "client_assertion_type"],
    },
    "/device": form("/device", page.body, { user_code: waiting.user_code }),
    "/device/confirm": form("/device/confirm", confirm.body, { decision: "allow" }),
  };
  for (const [name, request] of Object.entries(requests)) {
    const also = name.includes("/token") ? [] : begun;
    await t.step(name, () => assertHarmless(provider, request, { also, numRuns: 60 }));
  }

  await t.step("certificates and proofs of every kind", async () => {
    const before = await lasting(provider);
    const proof = `${btoa('{"typ":"dpop+jwt","alg":"ES256","jwk":{}}')}.${btoa("{}")}.`;
    const text = fc.oneof(
      headerText,
      fc.base64String().map((one) => `:${one}:`),
      // Of 1 to 3 characters less, only the padding may be missing.
      fc.integer({ min: 4, max: certificate.base64.length }).map((n) =>
        `:${certificate.base64.slice(0, -n)}:`
      ),
      fc.constantFrom(`:${certificate.base64}:, :x:`, certificate.escapedPem, proof, ".."),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("client-cert", "dpop"), text, async (name, value) => {
        const sent = { grant_type: "client_credentials", client_id: "tls" };
        const answer = await provider.post("/token", sent, {
          [name]: value.replaceAll(/\s+$/g, ""),
        });
        assertEquals(answer.status >= 400, true, value);
        await assertProtocolAnswer(answer);
        assertEquals(changes(before, await lasting(provider)), []);
      }),
      { seed, numRuns: runs },
    );
  });

  await t.step("afterwards what was held is still good", async () => {
    const goods = Object.entries(requests).filter(([name]) => name.startsWith("/token"));
    for (const [name, { parameters }] of goods) {
      const response = await provider.post("/token", parameters);
      assertEquals(response.status, 200, `${name}: ${await response.clone().text()}`);
    }
    const sent = { grant_type: "client_credentials", client_id: "tls" };
    await tokensOf(await provider.post("/token", sent, certificate.header));
    const done = await browser.submit(confirm, { decision: "allow" });
    assertEquals(done.response.status, 200);
  });
});
