import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import { jwtBearer } from "../../stores/grant_types.ts";
import { digest } from "../../src/crypto/digest.ts";
import { formOf } from "../support/browser.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { deviceGrant } from "../support/devices.ts";
import { tokensOf } from "../support/tokens.ts";
import { accountThings } from "./account_things.ts";
import { ownForm, type SingleUse, won } from "./attempt.ts";
import { linkThings } from "./link_things.ts";
import { logoutThings } from "./logout_things.ts";
import { pingThings } from "./ping_things.ts";
import { redirectThings } from "./redirect_things.ts";
import { registrationThings } from "./registration_things.ts";
import { passkeyThings } from "./passkey_things.ts";
import { signInThings } from "./sign_in_things.ts";
import {
  ann,
  authorization,
  authorizePath,
  bank,
  cookieOf,
  credentials,
  gail,
  job,
  jobIssuer,
  partner,
  patiently,
  robot,
  signer,
  signerKey,
  teller,
  told,
  trusted,
  tv,
  webOrigin,
} from "./world.ts";

/**
 * Each is raced by `races.ts`. Whatever else opens once is added here, with the answer that who comes
 * too late must get.
 */
export const singleUseThings: readonly SingleUse[] = [
  {
    name: "authorization code",
    refusals: ["400 invalid_grant"],
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const code = await world.code(browser);
        return async (n) => await won(200)(await world.exchange(n, code));
      };
    },
  },
  {
    name: "refresh token that rotates",
    refusals: ["400 invalid_grant"],
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const code = await world.code(browser);
        const { refresh_token } = await tokensOf(
          await patiently(() => world.exchange(0, code)),
        );
        const form = { grant_type: "refresh_token", refresh_token, ...credentials };
        return async (n) => await won(200)(await world.post(n, "/token", form));
      };
    },
  },
  {
    name: "`request_uri` of a pushed request",
    refusals: ["400 invalid_request_uri"],
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const form = { ...authorization, ...credentials };
        const pushed = await patiently(() => world.post(0, "/par", form));
        const { request_uri } = await pushed.json();
        const path = `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`;
        return async (n) => {
          const answer = await world.request(n, path, { headers: { cookie: cookieOf(browser) } });
          return answer.headers.get("location")?.includes("code=") ? "won" : await told(answer);
        };
      };
    },
  },
  {
    name: "device code",
    refusals: ["400 invalid_grant"],
    every: 2, // a form and a page come before each
    async prepare(world) {
      const browser = await world.signedIn();
      const { client_id, client_secret = "" } = tv;
      const own = { client_id, client_secret };
      return async () => {
        const form = { ...own, scope: "openid offline_access" };
        const begun = await patiently(() => world.post(0, "/device_authorization", form));
        const { device_code, user_code } = await begun.json();
        const asking = await browser.submit(await browser.open("/device"), { user_code });
        await browser.submit(asking, { decision: "allow" });
        const poll = { grant_type: deviceGrant, device_code, ...own };
        return async (n) => await won(200)(await world.post(n, "/token", poll));
      };
    },
  },
  {
    name: "`auth_req_id`",
    refusals: ["400 invalid_grant"],
    every: 2, // a form and a page come before each
    prepare(world) {
      const { client_id, client_secret = "" } = bank;
      const own = { client_id, client_secret };
      return Promise.resolve(async () => {
        const browser = await world.signedIn(); // recently
        const form = { ...own, scope: "openid offline_access", login_hint: "ann" };
        const begun = await patiently(() => world.post(0, "/backchannel_authentication", form));
        const { auth_req_id } = await begun.json();
        // Other rounds wait beside it: its form is that of any of them, with its own id.
        const [id = ""] = String(auth_req_id).split(".");
        const page = await browser.open("/account/requests");
        await browser.submit(page, { id, decision: "allow" });
        const poll = { grant_type: cibaGrant, auth_req_id, ...own };
        return async (n) => await won(200)(await world.post(n, "/token", poll));
      });
    },
  },
  {
    name: "DPoP proof at userinfo",
    refusals: ["401 invalid_dpop_proof"],
    async prepare(world) {
      const proofOf = await aProver(world.issuer);
      const code = await world.code(await world.signedIn(), { dpop_jkt: proofOf.thumbprint });
      const exchanged = await world.exchange(0, code, { dpop: await proofOf("POST", "/token") });
      const { access_token } = await tokensOf(exchanged);
      return async () => {
        const dpop = await proofOf("GET", "/userinfo", await digest(access_token));
        const headers = { authorization: `DPoP ${access_token}`, dpop };
        return async (n) => await won(200)(await world.request(n, "/userinfo", { headers }));
      };
    },
  },
  {
    name: "DPoP proof at the token endpoint",
    refusals: ["400 invalid_dpop_proof"],
    async prepare(world) {
      const proofOf = await aProver(world.issuer);
      const { client_id, client_secret = "" } = robot;
      const form = { grant_type: "client_credentials", client_id, client_secret };
      return async () => {
        const dpop = await proofOf("POST", "/token");
        return async (n) => await won(200)(await world.post(n, "/token", form, { dpop }));
      };
    },
  },
  {
    name: "client assertion",
    refusals: ["401 invalid_client"],
    async prepare(world) {
      const key = await importJWK(signerKey, "EdDSA");
      const { client_id } = signer;
      return async () => {
        const form = {
          grant_type: "client_credentials",
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: await new SignJWT({ jti: crypto.randomUUID() })
            .setProtectedHeader({ alg: "EdDSA" })
            .setIssuer(client_id).setSubject(client_id).setAudience(world.issuer)
            .setExpirationTime("1m").sign(key),
        };
        return async (n) => await won(200)(await world.post(n, "/token", form));
      };
    },
  },
  {
    name: "token of a workload",
    refusals: ["401 invalid_client"],
    async prepare(world) {
      const key = await importJWK(signerKey, "EdDSA");
      const { client_id } = job;
      return async () => {
        const form = {
          grant_type: "client_credentials",
          client_id,
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          // Without a jti, so that the token itself is what is remembered.
          client_assertion: await new SignJWT({ nonce: crypto.randomUUID() })
            .setProtectedHeader({ alg: "EdDSA" })
            .setIssuer(jobIssuer).setSubject("nightly").setAudience(world.issuer)
            .setExpirationTime("1m").sign(key),
        };
        return async (n) => await won(200)(await world.post(n, "/token", form));
      };
    },
  },
  {
    name: "request object with a jti",
    refusals: ["400 invalid_request_object"],
    async prepare(world) {
      const key = await importJWK(signerKey, "EdDSA");
      const { client_id } = credentials;
      return async () => {
        const inside = { ...authorization, client_id, jti: crypto.randomUUID() };
        const request = await new SignJWT(inside)
          .setProtectedHeader({ alg: "EdDSA", typ: "oauth-authz-req+jwt" })
          .setIssuer(client_id).setAudience(world.issuer).setExpirationTime("1m").sign(key);
        const form = { request, ...credentials };
        return async (n) => await won(201)(await world.post(n, "/par", form));
      };
    },
  },
  {
    name: "signed request to a user who is elsewhere",
    refusals: ["400 invalid_request"],
    async prepare(world) {
      const key = await importJWK(signerKey, "EdDSA");
      const { client_id, client_secret = "" } = teller;
      return async () => {
        const inside = { scope: "openid", login_hint: gail.username };
        const request = await new SignJWT({ ...inside, jti: crypto.randomUUID() })
          .setProtectedHeader({ alg: "EdDSA" })
          .setIssuer(client_id).setAudience(world.issuer)
          .setIssuedAt().setNotBefore("0s").setExpirationTime("1m").sign(key);
        const form = { request, client_id, client_secret };
        return async (n) =>
          await won(200)(await world.post(n, "/backchannel_authentication", form));
      };
    },
  },
  {
    name: "assertion of another server",
    refusals: ["400 invalid_grant"],
    async prepare(world) {
      const key = await importJWK(signerKey, "EdDSA");
      const { client_id, client_secret = "" } = partner;
      return async () => {
        const form = {
          grant_type: jwtBearer,
          client_id,
          client_secret,
          assertion: await new SignJWT({ jti: crypto.randomUUID(), client_id, scope: "openid" })
            .setProtectedHeader({ alg: "EdDSA", typ: "oauth-id-jag+jwt" })
            .setIssuer(trusted.issuer).setSubject(ann.username).setAudience(world.issuer)
            .setIssuedAt().setExpirationTime("1m").sign(key),
        };
        return async (n) => await won(200)(await world.post(n, "/token", form));
      };
    },
  },
  {
    name: "consent page (one grant, one code that works)",
    // All clicks are answered with a code, but each code takes the place of the one before.
    refusals: ["400 invalid_grant"],
    every: 4, // fifty writes in a row, not one
    mayRepeat: true,
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const page = await browser.open(authorizePath({ prompt: "consent" }));
        const { action, hidden } = formOf(page.body);
        const form = { ...hidden, decision: "allow" };
        return async (n) => {
          const answer = await world.post(n, action, form, ownForm(world, browser));
          const location = answer.headers.get("location");
          const code = location && new URL(location, world.issuer).searchParams.get("code");
          if (!code) return await told(answer);
          return async () => await won(200)(await world.exchange(n, code));
        };
      };
    },
  },
  {
    name: "interaction (resumed and exchanged at once)",
    // Each resumption gives a code for as long as none has been used, and takes back the one before.
    refusals: ["400 invalid_grant", "400 invalid_request"],
    every: 2, // two requests an attempt, and many writes
    mayRepeat: true,
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const page = await browser.open(authorizePath({ prompt: "select_account" }));
        const { action, hidden } = formOf(page.body);
        // The choice names the account that the page has shown.
        const [, account = ""] = /name="account"[^>]* value="([^"]*)"/.exec(page.body) ?? [];
        const body = new URLSearchParams({ ...hidden, account, choice: "continue" });
        const chosen = await browser.send(action, { method: "POST", body });
        await chosen.body?.cancel();
        const path = chosen.headers.get("location") ?? "";
        return async (n) => {
          const answer = await world.request(n, path, { headers: { cookie: cookieOf(browser) } });
          const location = answer.headers.get("location");
          const code = location && new URL(location, world.issuer).searchParams.get("code");
          return code ? await won(200)(await world.exchange(n + 1, code)) : await told(answer);
        };
      };
    },
  },
  {
    name: "session token",
    refusals: ["400 invalid_grant"],
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const { client_id } = credentials;
        const headers = { cookie: cookieOf(browser), origin: webOrigin };
        const issued = await patiently(() =>
          world.post(0, "/session/token", { client_id }, headers)
        );
        const form = { token: (await issued.json()).token, ...credentials };
        return async (n) => await won(200)(await world.post(n, "/session/token/verify", form));
      };
    },
  },
  ...redirectThings,
  ...passkeyThings,
  ...signInThings,
  ...linkThings,
  ...registrationThings,
  ...logoutThings,
  ...pingThings,
  ...accountThings,
];

/** Makes proofs of one key, each with a `jti` of its own. @see RFC 9449 section 4.2 */
async function aProver(issuer: string) {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  const prove = (htm: string, path: string, ath?: string) =>
    new SignJWT({ htm, htu: issuer + path, jti: crypto.randomUUID(), ...(ath ? { ath } : {}) })
      .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
      .setIssuedAt()
      .sign(privateKey);
  return Object.assign(prove, { thumbprint: await calculateJwkThumbprint(jwk, "sha256") });
}
