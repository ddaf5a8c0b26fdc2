import { assert, assertEquals, assertObjectMatch, assertRejects } from "@std/assert";
import * as oauth from "oauth4webapi";
import type { Landing } from "../support/browser.ts";
import { aJourney, allow, api, type Journey, person, signIn } from "./journey.ts";

const http = { [oauth.allowInsecureRequests]: true };

/** A relying party: what it is registered as, and how it authenticates. */
interface RelyingParty {
  readonly client: oauth.Client;
  readonly authentication: oauth.ClientAuth;
  readonly redirectUri: string;
}

const forum: RelyingParty = {
  client: { client_id: "forum", id_token_signed_response_alg: "ES256" },
  authentication: oauth.ClientSecretBasic("the secret of forum"),
  redirectUri: "https://forum.example/callback",
};
const phone: RelyingParty = {
  client: { client_id: "phone", id_token_signed_response_alg: "EdDSA" },
  authentication: oauth.None(),
  redirectUri: "https://phone.example/callback",
};
const robot: RelyingParty = {
  client: { client_id: "robot" },
  authentication: oauth.ClientSecretPost("the secret of robot"),
  redirectUri: "",
};

async function discovered({ issuer }: Journey): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  return await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, http));
}

/** The URL of an authorization request, and what its answer is checked against. */
async function newRequest(
  as: oauth.AuthorizationServer,
  { client, redirectUri }: RelyingParty,
  parameters: Record<string, string> = {},
) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const query = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: "openid profile email offline_access",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...parameters,
  });
  return { url: `${as.authorization_endpoint}?${query}`, verifier, state, nonce };
}
type Request = Awaited<ReturnType<typeof newRequest>>;

/** Exchanges a code and validates what comes back, the ID token's signature too. */
async function exchanged(
  as: oauth.AuthorizationServer,
  { client, authentication, redirectUri }: RelyingParty,
  { verifier, state, nonce }: Request,
  callback: URL,
  resource?: string,
) {
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    authentication,
    oauth.validateAuthResponse(as, client, callback, state),
    redirectUri,
    verifier,
    { ...http, ...(resource === undefined ? {} : { additionalParameters: { resource } }) },
  );
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(as, response, http);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  assert(claims);
  return { ...tokens, claims };
}

async function refreshed(
  as: oauth.AuthorizationServer,
  { client, authentication }: RelyingParty,
  { refresh_token = "" }: { readonly refresh_token?: string },
) {
  const response = await oauth.refreshTokenGrantRequest(
    as,
    client,
    authentication,
    refresh_token,
    http,
  );
  return await oauth.processRefreshTokenResponse(as, client, response);
}

async function introspected(
  as: oauth.AuthorizationServer,
  { client, authentication }: RelyingParty,
  token: string,
) {
  const response = await oauth.introspectionRequest(as, client, authentication, token, http);
  return await oauth.processIntrospectionResponse(as, client, response);
}

async function allowed({ browser }: Journey, landing: Landing): Promise<URL> {
  return (await allow(browser, await signIn(browser, landing))).url;
}

/** What a resource server makes of the token that a request shows. */
function atResource(as: oauth.AuthorizationServer, accessToken: string, audience = api) {
  const headers = { authorization: `Bearer ${accessToken}` };
  return oauth.validateJwtAccessToken(as, new Request(api, { headers }), audience, http);
}

Deno.test("oauth4webapi: a whole journey, the process killed before each of its steps", async () => {
  await using journey = await aJourney();
  const { browser, crash } = journey;
  const { client, authentication } = forum;
  const as = await discovered(journey);
  const request = await newRequest(as, forum);

  await crash();
  const login = await browser.open(request.url);
  assertEquals(login.url.pathname, "/login");

  await crash();
  const consent = await signIn(browser, login);
  assertEquals(consent.url.pathname, "/consent");

  await crash();
  const { url: callback } = await allow(browser, consent);

  await crash();
  const first = await exchanged(as, forum, request, callback);

  await crash();
  const { sub } = first.claims;
  const answer = await oauth.userInfoRequest(as, client, first.access_token, http);
  const userinfo = await oauth.processUserInfoResponse(as, client, sub, answer);
  assertObjectMatch(userinfo, { sub, ...person.claims });

  await crash();
  const second = await refreshed(as, forum, first);
  assertEquals(oauth.getValidatedIdTokenClaims(second)?.sub, sub);

  await crash();
  assertObjectMatch(await introspected(as, forum, second.access_token), { active: true, sub });

  await crash();
  const token = second.refresh_token ?? "";
  const revocation = await oauth.revocationRequest(as, client, authentication, token, http);
  await oauth.processRevocationResponse(revocation);
  await revocation.body?.cancel();

  await crash();
  assertEquals((await introspected(as, forum, second.access_token)).active, false);
  const dead = await assertRejects(() => refreshed(as, forum, second), oauth.ResponseBodyError);
  assertEquals(dead.error, "invalid_grant");

  await crash();
  const logout = new URL(as.end_session_endpoint ?? "");
  logout.searchParams.set("id_token_hint", first.id_token ?? "");
  logout.searchParams.set("post_logout_redirect_uri", "https://forum.example/bye");
  assertEquals((await browser.open(logout.href)).url.href, "https://forum.example/bye");

  await crash();
  const silent = await newRequest(as, forum, { prompt: "none" });
  const { url: signedOut } = await browser.open(silent.url);
  const refused = await assertRejects(
    () => Promise.try(() => oauth.validateAuthResponse(as, client, signedOut, silent.state)),
    oauth.AuthorizationResponseError,
  );
  assertEquals(refused.error, "login_required");
});

Deno.test("oauth4webapi: an at+jwt of a person, which the resource server checks by itself", async () => {
  await using journey = await aJourney();
  const as = await discovered(journey);
  const request = await newRequest(as, phone, {
    scope: "openid offline_access orders:read",
    resource: api,
  });
  const callback = await allowed(journey, await journey.browser.open(request.url));
  const first = await exchanged(as, phone, request, callback, api);
  await journey.crash();
  const second = await refreshed(as, phone, first);

  for (const tokens of [first, second]) {
    const claims = await atResource(as, tokens.access_token);
    assertObjectMatch(claims, { sub: first.claims.sub, client_id: "phone" });
    assertEquals(claims.scope?.split(" ").includes("orders:read"), true);
    await assertRejects(() => atResource(as, tokens.access_token, "https://other.example/"));
  }
});

Deno.test("oauth4webapi: client_credentials and an at+jwt for the client itself", async () => {
  await using journey = await aJourney();
  const as = await discovered(journey);
  const { client, authentication } = robot;
  const response = await oauth.clientCredentialsGrantRequest(as, client, authentication, {
    scope: "orders:read",
    resource: api,
  }, http);
  const tokens = await oauth.processClientCredentialsResponse(as, client, response);
  await journey.crash();

  const claims = await atResource(as, tokens.access_token);
  assertObjectMatch(claims, { sub: "robot", client_id: "robot", scope: "orders:read" });
});
