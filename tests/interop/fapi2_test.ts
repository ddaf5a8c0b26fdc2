import { assert, assertEquals } from "@std/assert";
import * as oauth from "oauth4webapi";
import { aClientKey } from "../support/client_assertion.ts";
import { aKeyClient } from "../support/clients.ts";
import { alice, aProvider, issuer } from "../support/provider.ts";

const redirectUri = "https://bank.example/callback";

Deno.test("oauth4webapi signs a user in by the FAPI 2.0 Security Profile, with and without nonces", async () => {
  for (const [alg, dpopNonce] of [["ES256", false], ["PS256", true]] as const) {
    const key = await aClientKey(alg);
    const bank = aKeyClient("bank", {
      profile: "fapi2",
      jwks: { keys: [key.publicJwk] },
      grant_types: ["authorization_code", "refresh_token"],
      scope: "openid email offline_access",
    });
    await using provider = await aProvider({ clients: [bank], config: { dpopNonce } });
    const skew = provider.clock.seconds() - Math.floor(Date.now() / 1000);
    const client = { client_id: "bank", [oauth.clockSkew]: skew };
    const found = await oauth.processDiscoveryResponse(
      new URL(issuer),
      await provider.request("/.well-known/openid-configuration"),
    );
    const dpop = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
    const options = {
      DPoP: dpop,
      [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) =>
        provider.request(new URL(url).pathname + new URL(url).search, {
          method: init.method,
          headers: init.headers,
          ...(init.body === undefined ? {} : { body: init.body as BodyInit }),
        }),
    };
    // Checked beside Node's types, the library's CryptoKey is no type at all.
    const authentication = oauth.PrivateKeyJwt({ key: key.privateKey as never, kid: "1" });
    /** Once more, if the server wanted its nonce in the proof. */
    const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        assert(dpopNonce && oauth.isDPoPNonceError(error), String(error));
        return await work();
      }
    };

    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const parameters = {
      response_type: "code",
      redirect_uri: redirectUri,
      scope: "openid email offline_access",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    };
    const { request_uri, expires_in } = await patiently(async () =>
      await oauth.processPushedAuthorizationResponse(
        found,
        client,
        await oauth.pushedAuthorizationRequest(found, client, authentication, parameters, options),
      )
    );
    assertEquals(expires_in < 600, true);
    const query = new URLSearchParams({ client_id: "bank", request_uri });
    const landed = await provider.browser().signInAndAllow(`/authorize?${query}`, alice);
    const answer = oauth.validateAuthResponse(found, client, landed, state); // iss too
    const tokens = await patiently(async () =>
      await oauth.processAuthorizationCodeResponse(
        found,
        client,
        await oauth.authorizationCodeGrantRequest(
          found,
          client,
          authentication,
          answer,
          redirectUri,
          verifier,
          options,
        ),
        { expectedNonce: nonce, requireIdToken: true },
      )
    );
    assertEquals(tokens.token_type, "dpop");
    const { sub = "" } = oauth.getValidatedIdTokenClaims(tokens) ?? {};
    const refreshed = await patiently(async () =>
      await oauth.processRefreshTokenResponse(
        found,
        client,
        await oauth.refreshTokenGrantRequest(
          found,
          client,
          authentication,
          tokens.refresh_token ?? "",
          options,
        ),
      )
    );
    assertEquals(refreshed.refresh_token, tokens.refresh_token);
    const claims = await patiently(async () =>
      await oauth.processUserInfoResponse(
        found,
        client,
        sub,
        await oauth.userInfoRequest(found, client, refreshed.access_token, options),
      )
    );
    assertEquals(claims.email, "alice@example.com");
  }
});
