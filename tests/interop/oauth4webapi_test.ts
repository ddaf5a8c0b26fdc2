import { assertEquals, assertObjectMatch, assertRejects } from "@std/assert";
import * as oauth from "oauth4webapi";
import { aJourney, allow, api, person, signIn } from "./journey.ts";
import {
  allowed,
  atResource,
  discovered,
  exchanged,
  forum,
  http,
  introspected,
  newRequest,
  phone,
  refreshed,
  robot,
} from "./oauth4webapi.ts";

Deno.test("oauth4webapi: a whole journey works, from sign-in to sign-out", async () => {
  await using journey = await aJourney();
  const { browser } = journey;
  const { client, authentication } = forum;
  const as = await discovered(journey);
  const request = await newRequest(as, forum);

  const login = await browser.open(request.url);
  assertEquals(login.url.pathname, "/login");

  const consent = await signIn(browser, login);
  assertEquals(consent.url.pathname, "/consent");

  const { url: callback } = await allow(browser, consent);

  const first = await exchanged(as, forum, request, callback);

  const { sub } = first.claims;
  const answer = await oauth.userInfoRequest(as, client, first.access_token, http);
  const userinfo = await oauth.processUserInfoResponse(as, client, sub, answer);
  assertObjectMatch(userinfo, { sub, ...person.claims });

  const second = await refreshed(as, forum, first);
  assertEquals(oauth.getValidatedIdTokenClaims(second)?.sub, sub);

  assertObjectMatch(await introspected(as, forum, second.access_token), { active: true, sub });

  const token = second.refresh_token ?? "";
  const revocation = await oauth.revocationRequest(as, client, authentication, token, http);
  await oauth.processRevocationResponse(revocation);
  await revocation.body?.cancel();

  assertEquals((await introspected(as, forum, second.access_token)).active, false);
  const dead = await assertRejects(() => refreshed(as, forum, second), oauth.ResponseBodyError);
  assertEquals(dead.error, "invalid_grant");

  const logout = new URL(as.end_session_endpoint ?? "");
  logout.searchParams.set("id_token_hint", first.id_token ?? "");
  logout.searchParams.set("post_logout_redirect_uri", "https://forum.example/bye");
  assertEquals((await browser.open(logout.href)).url.href, "https://forum.example/bye");

  const silent = await newRequest(as, forum, { prompt: "none" });
  const { url: signedOut } = await browser.open(silent.url);
  const refused = await assertRejects(
    () => Promise.try(() => oauth.validateAuthResponse(as, client, signedOut, silent.state)),
    oauth.AuthorizationResponseError,
  );
  assertEquals(refused.error, "login_required");
});

Deno.test("oauth4webapi: a resource server verifies the at+jwt of a user by itself", async () => {
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
