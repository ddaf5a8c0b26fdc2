import { assert } from "@std/assert";
import * as oauth from "oauth4webapi";
import type { Landing } from "../support/browser.ts";
import { allow, api, type Journey, signIn } from "./journey.ts";

export const http = { [oauth.allowInsecureRequests]: true };

/** A relying party: what it is registered as, and how it authenticates. */
export interface RelyingParty {
  readonly client: oauth.Client;
  readonly authentication: oauth.ClientAuth;
  readonly redirectUri: string;
}

export const forum: RelyingParty = {
  client: { client_id: "forum", id_token_signed_response_alg: "ES256" },
  authentication: oauth.ClientSecretBasic("the secret of forum"),
  redirectUri: "https://forum.example/callback",
};
export const phone: RelyingParty = {
  client: { client_id: "phone", id_token_signed_response_alg: "EdDSA" },
  authentication: oauth.None(),
  redirectUri: "https://phone.example/callback",
};
export const robot: RelyingParty = {
  client: { client_id: "robot" },
  authentication: oauth.ClientSecretPost("the secret of robot"),
  redirectUri: "",
};

export async function discovered({ issuer }: Journey): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  return await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, http));
}

/** The URL of an authorization request, and what its answer is checked against. */
export async function newRequest(
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
export type AuthorizationRequest = Awaited<ReturnType<typeof newRequest>>;

/** Exchanges a code and validates what comes back, the ID token's signature too. */
export async function exchanged(
  as: oauth.AuthorizationServer,
  { client, authentication, redirectUri }: RelyingParty,
  { verifier, state, nonce }: AuthorizationRequest,
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

export async function refreshed(
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

export async function introspected(
  as: oauth.AuthorizationServer,
  { client, authentication }: RelyingParty,
  token: string,
) {
  const response = await oauth.introspectionRequest(as, client, authentication, token, http);
  return await oauth.processIntrospectionResponse(as, client, response);
}

export async function allowed({ browser }: Journey, landing: Landing): Promise<URL> {
  return (await allow(browser, await signIn(browser, landing))).url;
}

/** The check of a resource server for the token of a request. */
export function atResource(as: oauth.AuthorizationServer, accessToken: string, audience = api) {
  const headers = { authorization: `Bearer ${accessToken}` };
  return oauth.validateJwtAccessToken(as, new Request(api, { headers }), audience, http);
}
