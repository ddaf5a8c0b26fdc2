import { assertEquals } from "@std/assert";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as client from "openid-client";
import type { Browser } from "../../support/browser.ts";
import {
  api,
  arrived,
  encrypted,
  keyOf,
  type Modes,
  publish,
  redirectUri,
  secretOf,
  type World,
} from "./world.ts";

interface Options {
  readonly authentication?: client.ClientAuth;
  readonly metadata?: Partial<client.ClientMetadata>;
  /** What the proxy in front of the server adds. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A relying party that knows what discovery says, and checks the signatures of ID tokens. */
export async function configured(
  { issuer }: World,
  id: string,
  { authentication = client.ClientSecretPost(secretOf(id)), metadata = {}, headers = {} }: Options =
    {},
): Promise<client.Configuration> {
  const reach: client.CustomFetch = async (url, { body, ...init }) => {
    const sent = body instanceof Uint8Array ? body.slice() : body;
    const all = { ...init.headers, ...headers };
    const answer = await fetch(url, { ...init, headers: all, body: sent as BodyInit });
    // Users answer before the first poll, so there is nothing to wait for.
    const text = (await answer.text()).replace(/"interval":\d+/, '"interval":0.01');
    return new Response(text === "" ? null : text, answer);
  };
  const options = { execute: [client.allowInsecureRequests], [client.customFetch]: reach };
  const config = await client.discovery(new URL(issuer), id, metadata, authentication, options);
  client.enableNonRepudiationChecks(config);
  return config;
}

/** The parameters of a request, and what its answer is checked against. */
export async function newRequest(id: string, more: Record<string, string> = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  return {
    checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
    parameters: {
      redirect_uri: redirectUri(id),
      scope: "openid profile email offline_access",
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
      nonce: expectedNonce,
      ...more,
    },
  };
}

/** Signs in by code, plainly. */
export async function signedIn(
  world: World,
  browser: Browser,
  config: client.Configuration,
  more: Record<string, string> = {},
  options?: client.DPoPOptions,
) {
  const { checks, parameters } = await newRequest(config.clientMetadata().client_id, more);
  const { href } = client.buildAuthorizationUrl(config, parameters);
  const callback = arrived(world, await browser.open(href));
  const resource = new URLSearchParams(more.resource ? { resource: more.resource } : {});
  const tokens = await client.authorizationCodeGrant(config, callback, checks, resource, options);
  return { ...tokens, sub: tokens.claims()?.sub ?? "" };
}

/** Signs in, refreshes, and asks each endpoint. */
async function wholeLife(world: World, browser: Browser, id: string, options: Options = {}) {
  const config = await configured(world, id, options);
  const tokens = await signedIn(world, browser, config);
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, tokens.sub);
  assertEquals(userinfo.name, "Alice Adams");
  const { access_token, refresh_token = "" } = await client.refreshTokenGrant(
    config,
    tokens.refresh_token ?? "",
  );
  if (id !== "phone") {
    const seen = await client.tokenIntrospection(config, access_token);
    assertEquals([seen.active, seen.sub], [true, tokens.sub]);
  }
  await client.tokenRevocation(config, refresh_token);
  return tokens;
}

async function signing({ signingKey }: World) {
  // Checked beside Node's types, the libraries' CryptoKey is no type at all.
  return { key: await keyOf(signingKey) as never, kid: "1" };
}

/** A code that came by a URL or a form, and the tokens for it. */
async function redeemed(
  world: World,
  browser: Browser,
  config: client.Configuration,
  url: URL,
  checks: client.AuthorizationCodeGrantChecks,
) {
  let callback = arrived(world, await browser.open(url.href));
  if (callback instanceof URL && callback.hash.startsWith("#response=")) {
    // A page hands its fragment on as a query.
    callback = new URL(`?${callback.hash.slice(1)}`, callback);
  }
  const tokens = await client.authorizationCodeGrant(config, callback, checks);
  const { name } = await client.fetchUserInfo(
    config,
    tokens.access_token,
    tokens.claims()?.sub ?? "",
  );
  assertEquals(name, "Alice Adams");
  return tokens;
}

/** The claims of a JWT that the server has signed for this audience. */
export async function verified(
  { issuer }: World,
  config: client.Configuration,
  jwt: string,
  { audience, typ }: { readonly audience: string; readonly typ: string },
) {
  const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri ?? ""));
  return (await jwtVerify(jwt, keys, { issuer, audience, typ })).payload;
}

export const codeModes: Modes = {
  "client_secret_basic": async (world, browser) => {
    await wholeLife(world, browser, "basic", {
      authentication: client.ClientSecretBasic(secretOf("basic")),
    });
  },
  "client_secret_post": async (world, browser) => void await wholeLife(world, browser, "post"),
  "client_secret_jwt": async (world, browser) => {
    const authentication = client.ClientSecretJwt(secretOf("hmac"));
    await wholeLife(world, browser, "hmac", { authentication });
  },
  "private_key_jwt": async (world, browser) => {
    const authentication = client.PrivateKeyJwt(await signing(world));
    await wholeLife(world, browser, "key", { authentication });
  },
  "a public client": async (world, browser) => {
    await wholeLife(world, browser, "phone", { authentication: client.None() });
  },
  "certificates behind a proxy": async (world, browser) => {
    for (const id of ["tls", "self"]) {
      const { certificate: headers } = world;
      // Both certificates say CN=tls, one is known by its name and one by its key.
      const options = { authentication: client.TlsClientAuth(), headers };
      const { access_token } = await wholeLife(world, browser, id, options);
      const stolen = await fetch(`${world.issuer}/userinfo`, {
        headers: { authorization: `Bearer ${access_token}` },
      });
      await stolen.body?.cancel();
      assertEquals(stolen.status, 401, id);
    }
  },
  "DPoP, with the server's nonces": async (world, browser) => {
    const config = await configured(world, "bound");
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
    const tokens = await signedIn(world, browser, config, {}, { DPoP });
    assertEquals(tokens.token_type, "dpop");
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? "", {}, { DPoP });
    const told = await client.fetchUserInfo(config, next.access_token, tokens.sub, { DPoP });
    assertEquals(told.email, "alice@example.com");
  },
  "pushed requests": async (world, browser) => {
    const config = await configured(world, "post");
    const { checks, parameters } = await newRequest("post");
    const url = await client.buildAuthorizationUrlWithPAR(config, parameters);
    assertEquals([...url.searchParams.keys()].toSorted(), ["client_id", "request_uri"]);
    await redeemed(world, browser, config, url, checks);
  },
  "request objects: by value, pushed, and by reference": async (world, browser) => {
    const config = await configured(world, "signer");
    const key = await signing(world);
    for (const way of ["value", "pushed", "reference"]) {
      const { checks, parameters } = await newRequest("signer");
      let url = await client.buildAuthorizationUrlWithJAR(config, parameters, key);
      if (way === "pushed") {
        url = await client.buildAuthorizationUrlWithPAR(config, url.searchParams);
      }
      if (way === "reference") {
        const object = url.searchParams.get("request") ?? "";
        const request_uri = await publish(world, "object-openid", object);
        url = client.buildAuthorizationUrl(config, { request_uri });
      }
      await redeemed(world, browser, config, url, checks);
    }
  },
  "an encrypted request object": async (world, browser) => {
    const config = await configured(world, "hider");
    const { checks, parameters } = await newRequest("hider");
    const key = await signing(world);
    const signed = await client.buildAuthorizationUrlWithJAR(config, parameters, key);
    const request = await encrypted(world, signed.searchParams.get("request") ?? "");
    const url = client.buildAuthorizationUrl(config, { request });
    await redeemed(world, browser, config, url, checks);
  },
  "signed responses in each mode": async (world, browser) => {
    const config = await configured(world, "signer", {
      metadata: { authorization_signed_response_alg: "ES256" },
    });
    client.useJwtResponseMode(config);
    for (const response_mode of ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"]) {
      const { checks, parameters } = await newRequest("signer", { response_mode });
      const url = await client.buildAuthorizationUrlWithJAR(
        config,
        parameters,
        await signing(world),
      );
      const tokens = await redeemed(world, browser, config, url, checks);
      assertEquals(tokens.claims()?.aud, "signer", response_mode);
    }
  },
  "an API's token, which it verifies by the keys of the server": async (world, browser) => {
    const config = await configured(world, "partner");
    const scope = "openid orders:read";
    const tokens = await signedIn(world, browser, config, { scope, resource: api });
    const expected = { audience: api, typ: "at+jwt" };
    const payload = await verified(world, config, tokens.access_token, expected);
    assertEquals([payload.sub, payload.client_id, payload.scope], [
      tokens.sub,
      "partner",
      "orders:read",
    ]);
  },
};
