import type * as OAuth from "oauth4webapi";
import type { DemoTokens, Exchange, PendingSignIn } from "../../stores/demo_sessions.ts";
import { demoClientId, demoClientSecret } from "../boot/development.ts";
import { randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import type { Recorder } from "./recorder.ts";

/** The path of the demo, below the issuer. */
export const demoPath = "/dev/app";

/**
 * A normal client of this server. It knows the issuer's URL and its own credentials, and uses the
 * public endpoints through a library of others. All its functions throw the errors of the library.
 */
export interface RelyingParty {
  /** @returns where to send the browser, and what to remember until it comes back */
  beginSignIn(recorder: Recorder): Promise<{ url: string; pending: PendingSignIn }>;
  /** Checks the authorization response, exchanges the code, checks the ID token, and calls userinfo. */
  finishSignIn(recorder: Recorder, callback: URL, pending: PendingSignIn): Promise<DemoTokens>;
  refresh(recorder: Recorder, tokens: DemoTokens): Promise<DemoTokens>;
  /** @returns whether the access token is active */
  introspect(recorder: Recorder, tokens: DemoTokens): Promise<boolean>;
  /**
   * Revokes the refresh token, which ends the grant, or without one the access token. Then calls
   * userinfo.
   */
  revoke(recorder: Recorder, tokens: DemoTokens): Promise<DemoTokens>;
  beginSignOut(recorder: Recorder, tokens: DemoTokens): Promise<{ url: string; state: string }>;
}

/** The options of each request of the library. */
interface Connection {
  readonly oauth: typeof OAuth;
  readonly as: OAuth.AuthorizationServer;
  readonly client: OAuth.Client;
  readonly secret: OAuth.ClientAuth;
}

export function relyingParty(deps: Deps): RelyingParty {
  const { issuer } = deps.config;
  const redirectUri = `${issuer}${demoPath}/callback`;
  let discovered: Connection | null = null;

  return {
    async beginSignIn(recorder) {
      // The page shows discovery too, so each sign-in begins with it.
      const { oauth, as } = discovered = await discover(recorder);
      const pending = {
        state: randomSecret(deps.random),
        nonce: randomSecret(deps.random),
        codeVerifier: randomSecret(deps.random),
      };
      const url = endpoint(as, "authorization_endpoint", {
        client_id: demoClientId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: "openid profile email address phone offline_access",
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(pending.codeVerifier),
        code_challenge_method: "S256",
      });
      recorder.note("authorization", url);
      return { url, pending };
    },

    async finishSignIn(recorder, callback, { state, nonce, codeVerifier }) {
      recorder.note("callback", callback.href);
      const { oauth, as, client, secret } = await connection(recorder);
      const parameters = oauth.validateAuthResponse(as, client, callback, state);
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        secret,
        parameters,
        redirectUri,
        codeVerifier,
        options(oauth, recorder, "token"),
      );
      const answer = await oauth.processAuthorizationCodeResponse(as, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      const keySet = options(oauth, recorder, "discovery");
      await oauth.validateApplicationLevelSignature(as, response, keySet);
      const { sub: subject } = oauth.getValidatedIdTokenClaims(answer) ?? {};
      if (subject === undefined || answer.id_token === undefined) throw new Error("no ID token");
      const tokens = {
        subject,
        name: subject,
        idToken: answer.id_token,
        accessToken: answer.access_token,
        refreshToken: answer.refresh_token ?? null,
        userinfo: null,
      };
      return { ...tokens, ...await userinfo(recorder, tokens) };
    },

    async refresh(recorder, tokens) {
      if (tokens.refreshToken === null) throw new Error("there is no refresh token");
      const { oauth, as, client, secret } = await connection(recorder);
      const response = await oauth.refreshTokenGrantRequest(
        as,
        client,
        secret,
        tokens.refreshToken,
        options(oauth, recorder, "refresh"),
      );
      const answer = await oauth.processRefreshTokenResponse(as, client, response);
      if (answer.id_token !== undefined) {
        const keySet = options(oauth, recorder, "discovery");
        await oauth.validateApplicationLevelSignature(as, response, keySet);
        // OpenID Connect Core section 12.2: it must be about the same user, otherwise it is refused.
        if (oauth.getValidatedIdTokenClaims(answer)?.sub !== tokens.subject) {
          throw new Error("the new ID token is about another person");
        }
      }
      const refreshed = {
        ...tokens,
        idToken: answer.id_token ?? tokens.idToken,
        accessToken: answer.access_token,
        refreshToken: answer.refresh_token ?? tokens.refreshToken,
      };
      return { ...refreshed, ...await userinfo(recorder, refreshed) };
    },

    async introspect(recorder, { accessToken }) {
      const { oauth, as, client, secret } = await connection(recorder);
      const http = options(oauth, recorder, "introspection");
      const response = await oauth.introspectionRequest(as, client, secret, accessToken, http);
      return (await oauth.processIntrospectionResponse(as, client, response)).active;
    },

    async revoke(recorder, tokens) {
      const { oauth, as, client, secret } = await connection(recorder);
      const token = tokens.refreshToken ?? tokens.accessToken;
      const http = options(oauth, recorder, "revocation");
      const response = await oauth.revocationRequest(as, client, secret, token, http);
      await oauth.processRevocationResponse(response);
      return { ...tokens, ...await userinfo(recorder, tokens) };
    },

    async beginSignOut(recorder, { idToken }) {
      const { as } = await connection(recorder);
      const state = randomSecret(deps.random);
      const url = endpoint(as, "end_session_endpoint", {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${issuer}${demoPath}`,
        state,
      });
      recorder.note("logout", url);
      return { url, state };
    },
  };

  async function connection(recorder: Recorder): Promise<Connection> {
    return discovered ??= await discover(recorder);
  }

  async function discover(recorder: Recorder): Promise<Connection> {
    const oauth = await import("oauth4webapi");
    const expected = new URL(issuer);
    const response = await oauth.discoveryRequest(expected, options(oauth, recorder, "discovery"));
    return {
      oauth,
      as: await oauth.processDiscoveryResponse(expected, response),
      client: {
        client_id: demoClientId,
        // The library uses the system's clock, but the server's clock counts here.
        [oauth.clockSkew]: deps.clock.seconds() - Math.floor(Date.now() / 1000),
      },
      secret: oauth.ClientSecretBasic(await demoClientSecret(deps)),
    };
  }

  /** An error is an answer too: a revoked token gets one. */
  async function userinfo(
    recorder: Recorder,
    tokens: DemoTokens,
  ): Promise<Pick<DemoTokens, "userinfo"> & { name?: string }> {
    const { oauth, as, client } = await connection(recorder);
    const http = options(oauth, recorder, "userinfo");
    const response = await oauth.userInfoRequest(as, client, tokens.accessToken, http);
    const text = await response.clone().text();
    const kept = { userinfo: text.length <= 16_000 ? text : null };
    if (!response.ok) return kept;
    const claims = await oauth.processUserInfoResponse(as, client, tokens.subject, response);
    return claims.name === undefined ? kept : { ...kept, name: claims.name };
  }

  function options(oauth: typeof OAuth, recorder: Recorder, step: Exchange["step"]) {
    return {
      [oauth.customFetch]: recorder.fetch(step),
      [oauth.allowInsecureRequests]: issuer.startsWith("http:"),
      signal: AbortSignal.timeout(10_000),
    };
  }
}

function endpoint(
  as: OAuth.AuthorizationServer,
  name: "authorization_endpoint" | "end_session_endpoint",
  parameters: Readonly<Record<string, string>>,
): string {
  const address = as[name];
  if (address === undefined) throw new Error(`the discovery document has no ${name}`);
  const url = new URL(address);
  for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value);
  return url.href;
}
