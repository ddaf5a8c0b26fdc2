import { assertEquals } from "@std/assert";
import { compactDecrypt } from "jose";
import * as oauth from "oauth4webapi";
import type { Browser } from "../../support/browser.ts";
import { keyOf, redirectUri, secretOf, told, type World } from "./world.ts";

export const insecure = { [oauth.allowInsecureRequests]: true };
const scope = "openid profile email offline_access";

interface Options {
  readonly authentication?: oauth.ClientAuth;
  readonly metadata?: Partial<oauth.Client>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether its answers are encrypted. */
  readonly isSealed?: boolean;
}

/** A relying party, with what it does at each endpoint. */
export async function relyingParty(
  world: World,
  client_id: string,
  {
    authentication = oauth.ClientSecretPost(secretOf(client_id)),
    metadata = {},
    headers = {},
    isSealed = false,
  }: Options = {},
) {
  const url = new URL(world.issuer);
  const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
  const client: oauth.Client = { client_id, ...metadata };
  const options = { ...insecure, headers: new Headers(headers) };
  /** Opens what is encrypted. */
  const opened = isSealed ? { [oauth.jweDecrypt]: await decrypting(world) } : {};
  return { world, as, client, authentication, options, isSealed, opened };
}
type Party = Awaited<ReturnType<typeof relyingParty>>;

export async function newRequest(
  { as, client: { client_id } }: Party,
  more: Record<string, string> = {},
) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const parameters = {
    response_type: "code",
    client_id,
    redirect_uri: redirectUri(client_id),
    scope,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...more,
  };
  const urlOf = (query: Record<string, string>) =>
    `${as.authorization_endpoint}?${new URLSearchParams(query)}`;
  return { verifier, state, nonce, parameters, urlOf, url: urlOf(parameters) };
}

/** Exchanges a code that was validated. */
export async function exchanged(
  { as, client, authentication, options, isSealed, opened }: Party,
  { verifier, nonce, parameters: { redirect_uri } }: Awaited<ReturnType<typeof newRequest>>,
  callback: URLSearchParams,
  proof: { readonly DPoP?: oauth.DPoPHandle } = {},
) {
  const attempt = async () => {
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      authentication,
      callback,
      redirect_uri,
      verifier,
      { ...options, ...proof },
    );
    const checks = { expectedNonce: nonce, requireIdToken: true, ...opened };
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, checks);
    if (!isSealed) await oauth.validateApplicationLevelSignature(as, response, insecure);
    return tokens;
  };
  const tokens = await attempt().catch((error) => {
    if (oauth.isDPoPNonceError(error)) return attempt();
    throw error;
  });
  return { ...tokens, sub: oauth.getValidatedIdTokenClaims(tokens)?.sub ?? "" };
}

/** Signs in by code, plainly. */
export async function signedIn(party: Party, browser: Browser, more: Record<string, string> = {}) {
  const request = await newRequest(party, more);
  const callback = await told(party.world, await browser.open(request.url));
  const valid = oauth.validateAuthResponse(party.as, party.client, callback, request.state);
  return await exchanged(party, request, valid);
}

export async function wholeLife(party: Party, browser: Browser) {
  const { as, client, authentication, options } = party;
  const { access_token, refresh_token = "", sub } = await signedIn(party, browser);
  const answer = await oauth.userInfoRequest(as, client, access_token, options);
  const { name } = await oauth.processUserInfoResponse(as, client, sub, answer);
  assertEquals(name, "Alice Adams");
  const again = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, authentication, refresh_token, options),
  );
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, authentication, again.access_token, options),
  );
}

export async function introspected(party: Party, token: string) {
  const { as, client, authentication, options, opened } = party;
  const response = await oauth.introspectionRequest(as, client, authentication, token, options);
  return await oauth.processIntrospectionResponse(as, client, response, opened);
}

// Checked beside Node's types, the libraries' CryptoKey is no type at all.
export const signing = async (world: World) => ({
  key: await keyOf(world.signingKey) as never,
  kid: "1",
});

async function decrypting(world: World): Promise<oauth.JweDecryptFunction> {
  const key = await keyOf(world.encryptionKey);
  return async (jwe) => new TextDecoder().decode((await compactDecrypt(jwe, key)).plaintext);
}

export async function generic(party: Party, grantType: string, form: Record<string, string>) {
  const { as, client, authentication, options } = party;
  const response = await oauth.genericTokenEndpointRequest(
    as,
    client,
    authentication,
    grantType,
    form,
    options,
  );
  return await oauth.processGenericTokenEndpointResponse(as, client, response, {
    recognizedTokenTypes: { n_a: () => {} },
  });
}
