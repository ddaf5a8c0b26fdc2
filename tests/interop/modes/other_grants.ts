import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import * as client from "openid-client";
import type { Browser } from "../../support/browser.ts";
import { configured, newRequest, signedIn, verified } from "./openid_client.ts";
import {
  aBrowser,
  api,
  assertionFor,
  type Modes,
  otherServer,
  received,
  redirectUri,
  stock,
  types,
  type World,
} from "./world.ts";

/** The user allows what the device or the call centre asks. */
export async function allowDevice(browser: Browser, user_code: string) {
  const page = await browser.submit(await browser.open("/device"), { user_code });
  await browser.submit(page, { decision: "allow" });
}
export async function allowRequest(browser: Browser, auth_req_id: string) {
  const [id = ""] = auth_req_id.split(".");
  const page = await browser.open("/account/requests");
  await browser.submit(page, { id, decision: "allow" });
}

export async function signedInBrowser(world: World): Promise<Browser> {
  const browser = aBrowser(world);
  const { username, password } = world.user;
  const page = await browser.open("/account");
  await browser.submit(page, { username, password });
  return browser;
}

export const grantModes: Modes = {
  "device flow": async (world, browser) => {
    const config = await configured(world, "tv");
    const begun = await client.initiateDeviceAuthorization(config, { scope: "openid profile" });
    await allowDevice(browser, begun.user_code);
    const tokens = await client.pollDeviceAuthorizationGrant(config, begun);
    assert(tokens.claims()?.sub);
  },
  "CIBA by polling": async (world, browser) => {
    const config = await configured(world, "poller");
    const begun = await client.initiateBackchannelAuthentication(config, {
      scope: "openid profile",
      login_hint: world.user.username,
      binding_message: "Transfer 4711",
    });
    await allowRequest(browser, begun.auth_req_id);
    const tokens = await client.pollBackchannelAuthenticationGrant(config, begun);
    assert(tokens.claims()?.sub);
  },
  "CIBA with a ping": async (world, browser) => {
    const id = "pinged";
    const config = await configured(world, id);
    const token = client.randomState();
    const begun = await client.initiateBackchannelAuthentication(config, {
      scope: "openid",
      login_hint: world.user.username,
      client_notification_token: token,
    });
    await allowRequest(browser, begun.auth_req_id);
    const ping = await received(world, id);
    assertEquals(ping.authorization, `Bearer ${token}`);
    assertEquals(JSON.parse(ping.body), { auth_req_id: begun.auth_req_id });
    const tokens = await client.pollBackchannelAuthenticationGrant(config, begun);
    assert(tokens.claims()?.sub);
  },
  "token exchange": async (world, browser) => {
    const config = await configured(world, "partner");
    const forApi = { scope: "openid orders:read", resource: api };
    const { access_token, sub } = await signedIn(world, browser, config, forApi);
    const answer = await client.genericGrantRequest(config, types.tokenExchange, {
      subject_token: access_token,
      subject_token_type: types.accessToken,
      resource: stock,
      scope: "orders:read",
    });
    assertEquals(answer.issued_token_type, types.accessToken);
    const { aud, sub: subject, scope } = decodeJwt(answer.access_token);
    assertEquals([aud, subject, scope], [stock, sub, "orders:read"]);
  },
  "an ID-JAG for another server": async (world, browser) => {
    const config = await configured(world, "partner");
    const { id_token = "", sub } = await signedIn(world, browser, config);
    const answer = await client.genericGrantRequest(config, types.tokenExchange, {
      subject_token: id_token,
      subject_token_type: types.idToken,
      requested_token_type: types.idJag,
      audience: otherServer,
      scope: "read",
    });
    assertEquals([answer.issued_token_type, answer.token_type], [types.idJag, "n_a"]);
    const expected = { audience: otherServer, typ: "oauth-id-jag+jwt" };
    const payload = await verified(world, config, answer.access_token, expected);
    assertEquals([payload.sub, payload.client_id], [sub, "partner-at-chat"]);
  },
  "assertions of another server: an ID-JAG and a JWT": async (world) => {
    const config = await configured(world, "partner");
    for (const kind of ["id-jag", "jwt"] as const) {
      const assertion = await assertionFor(world, "partner", kind);
      const form = { assertion, scope: "openid email" };
      const { access_token } = await client.genericGrantRequest(config, types.jwtBearer, form);
      const told = await client.fetchUserInfo(config, access_token, client.skipSubjectCheck);
      assertEquals(told.email, "alice@example.com", kind);
    }
  },
  "registration, and what follows it": async (world, browser) => {
    const id = "own";
    const config = await client.dynamicClientRegistration(
      new URL(world.issuer),
      {
        client_name: "An app",
        redirect_uris: [redirectUri(id)],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_basic",
        scope: "openid profile email",
      },
      undefined,
      { execute: [client.allowInsecureRequests] },
    );
    client.enableNonRepudiationChecks(config);
    const { checks, parameters } = await newRequest(id, { scope: "openid email" });
    const url = client.buildAuthorizationUrl(config, parameters);
    const landed = await browser.signInAndAllow(url.href, world.user);
    await client.authorizationCodeGrant(config, landed, checks);
    const { client_secret: _, ...metadata } = config.clientMetadata();
    const { registration_client_uri, registration_access_token, ...members } = metadata;
    let token = String(registration_access_token);
    const own = async (method: string, body?: unknown) => {
      const authorization = `Bearer ${token}`;
      const headers = { authorization, "content-type": "application/json" };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(String(registration_client_uri), { method, headers, ...sent });
      const text = await response.text();
      const told = text === "" ? {} : JSON.parse(text);
      token = told.registration_access_token ?? token; // each answer brings the next
      return { status: response.status, told };
    };
    assertEquals((await own("GET")).told.client_name, "An app");
    const { client_id_issued_at: _at, client_secret_expires_at: _end, ...sent } = members;
    const changed = await own("PUT", { ...sent, client_name: "Another" });
    assertEquals([changed.status, changed.told.client_name], [200, "Another"]);
    assertEquals((await own("DELETE")).status, 204);
    assertEquals((await own("GET")).status, 401);
  },
  "sign-out by the relying party, which its other clients are told of": async (world) => {
    const id = "told";
    const config = await configured(world, id);
    const browser = await signedInBrowser(world);
    const tokens = await signedIn(world, browser, config);
    const { sid } = decodeJwt(tokens.id_token ?? "");
    const signOut = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? "",
      post_logout_redirect_uri: `https://${id}.example/bye`,
      state: "a state",
    });
    const { url } = await browser.open(signOut.href);
    assertEquals(url.href, `https://${id}.example/bye?state=a%20state`);
    const { body } = await received(world, id);
    const logoutToken = new URLSearchParams(body).get("logout_token") ?? "";
    const payload = await verified(world, config, logoutToken, { audience: id, typ: "logout+jwt" });
    assertEquals([payload.sub, payload.sid, payload.nonce], [tokens.sub, sid, undefined]);
    const event = "http://schemas.openid.net/event/backchannel-logout";
    assertEquals(payload.events, { [event]: {} });
    const silent = await newRequest(id, { prompt: "none" });
    const asked = client.buildAuthorizationUrl(config, silent.parameters);
    const refused = await browser.open(asked.href);
    assertEquals(refused.url.searchParams.get("error"), "login_required");
  },
  "sign-out with the frames of the front channel": async (world) => {
    const config = await configured(world, "framed");
    const browser = await signedInBrowser(world);
    const { id_token = "" } = await signedIn(world, browser, config);
    const url = client.buildEndSessionUrl(config, { id_token_hint: id_token });
    const { body } = await browser.open(url.href);
    const query = new URLSearchParams({ iss: world.issuer, sid: String(decodeJwt(id_token).sid) });
    const source = `https://framed.example/frontchannel?${query}`.replaceAll("&", "&amp;");
    assert(body.includes(`src="${source}"`), body);
  },
};
