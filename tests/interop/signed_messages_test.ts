import { assert, assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair } from "jose";
import * as client from "openid-client";
import { responseTypes } from "../../stores/response_types.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";

const redirect_uri = "https://shop.example/callback";
const secret = "the secret of shop";

/** A relying party that finds everything by discovery, and reaches the provider without a network. */
async function relyingParty(
  provider: TestProvider,
  metadata: Partial<client.ClientMetadata> = {},
): Promise<client.Configuration> {
  const offset = provider.clock.seconds() - Math.floor(Date.now() / 1000);
  const reach: client.CustomFetch = (url, { body, ...init }) => {
    const { pathname, search } = new URL(url);
    const sent = body instanceof Uint8Array ? body.slice() : body;
    return provider.request(pathname + search, { ...init, body: sent as BodyInit });
  };
  const config = await client.discovery(
    new URL(issuer),
    "shop",
    { [client.clockSkew]: offset, ...metadata },
    client.ClientSecretPost(secret),
    { [client.customFetch]: reach },
  );
  config[client.customFetch] = reach;
  client.enableNonRepudiationChecks(config);
  return config;
}

async function newRequest(parameters: Record<string, string> = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  return {
    checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
    parameters: {
      redirect_uri,
      scope: "openid profile email",
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
      nonce: expectedNonce,
      ...parameters,
    },
  };
}

async function callbackOf(browser: Browser, url: URL): Promise<URL | Request> {
  return answered(await browser.open(url.pathname + url.search));
}

function answered({ url, body }: Landing): URL | Request {
  if (url.origin !== issuer) return url;
  const { action, hidden } = formOf(body);
  return new Request(action, { method: "POST", body: new URLSearchParams(hidden) });
}

async function aSignedIn(provider: TestProvider): Promise<Browser> {
  const browser = provider.browser();
  await browser.signInAndAllow(provider.authorizeUrl(), alice);
  return browser;
}

Deno.test("openid-client: signed requests, plain and pushed, with signed responses in each mode", async () => {
  const key = await aClientKey();
  await using provider = await aProvider({
    clients: [
      aClient("shop", {
        skip_consent: true,
        jwks: { keys: [key.publicJwk] },
        request_object_signing_alg: "ES256",
        authorization_signed_response_alg: "EdDSA",
      }),
    ],
  });
  const browser = await aSignedIn(provider);
  const config = await relyingParty(provider, { authorization_signed_response_alg: "EdDSA" });
  client.useJwtResponseMode(config);
  // Checked beside Node's types, the library's CryptoKey is no type at all.
  const signing = { key: key.privateKey as never, kid: "1" };
  for (const response_mode of ["jwt", "query.jwt"]) {
    const { checks, parameters } = await newRequest({ response_mode });
    const url = await client.buildAuthorizationUrlWithJAR(config, parameters, signing);
    const tokens = await client.authorizationCodeGrant(
      config,
      await callbackOf(browser, url),
      checks,
    );
    assertEquals(tokens.claims()?.aud, "shop");
  }
  const { checks, parameters } = await newRequest();
  const signed = await client.buildAuthorizationUrlWithJAR(config, parameters, signing);
  const pushed = await client.buildAuthorizationUrlWithPAR(config, signed.searchParams);
  const tokens = await client.authorizationCodeGrant(
    config,
    await callbackOf(browser, pushed),
    checks,
  );
  assertEquals(
    (await client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? "")).name,
    "Alice Adams",
  );
});

Deno.test("openid-client: hybrid and implicit answers are accepted", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { skip_consent: true, response_types: responseTypes })],
    config: { implicit: true },
  });
  const browser = await aSignedIn(provider);
  const hybrid = await relyingParty(provider);
  client.useCodeIdTokenResponseType(hybrid);
  for (const response_mode of ["fragment", "form_post"]) {
    const { checks, parameters } = await newRequest({ response_mode });
    const url = client.buildAuthorizationUrl(hybrid, parameters);
    assertEquals(url.searchParams.get("response_type"), "code id_token");
    const tokens = await client.authorizationCodeGrant(
      hybrid,
      await callbackOf(browser, url),
      checks,
    );
    assert(tokens.claims()?.sub);
  }
  const implicit = await relyingParty(provider);
  client.useIdTokenResponseType(implicit);
  const { checks, parameters } = await newRequest();
  const url = client.buildAuthorizationUrl(implicit, parameters);
  const claims = await client.implicitAuthentication(
    implicit,
    await callbackOf(browser, url),
    checks.expectedNonce,
    { expectedState: checks.expectedState },
  );
  assertEquals(claims.name, "Alice Adams");
});

Deno.test("openid-client: encrypted ID tokens, userinfo and responses are opened", async () => {
  const pair = await generateKeyPair("ECDH-ES", { extractable: true });
  const jwk = { ...await exportJWK(pair.publicKey), kid: "enc", use: "enc", alg: "ECDH-ES" };
  const encrypted = (answer: string) => ({
    [`${answer}_encrypted_response_alg`]: "ECDH-ES",
    [`${answer}_encrypted_response_enc`]: "A256GCM",
  });
  const members = {
    ...encrypted("id_token"),
    ...encrypted("userinfo"),
    ...encrypted("authorization"),
    userinfo_signed_response_alg: "ES256",
  };
  await using provider = await aProvider({
    clients: [aClient("shop", { skip_consent: true, jwks: { keys: [jwk] }, ...members })],
  });
  const browser = await aSignedIn(provider);
  const config = await relyingParty(provider, { userinfo_signed_response_alg: "ES256" });
  client.useJwtResponseMode(config);
  const key = { key: pair.privateKey as never, kid: "enc", alg: "ECDH-ES" };
  client.enableDecryptingResponses(config, ["A256GCM"], key);
  const { checks, parameters } = await newRequest();
  const url = client.buildAuthorizationUrl(config, parameters);
  const tokens = await client.authorizationCodeGrant(
    config,
    await callbackOf(browser, url),
    checks,
  );
  const sub = tokens.claims()?.sub ?? "";
  const told = await client.fetchUserInfo(config, tokens.access_token, sub);
  assertEquals(told.name, "Alice Adams");
});
