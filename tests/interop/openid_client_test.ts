import { assert, assertEquals, assertNotEquals, assertObjectMatch } from "@std/assert";
import * as client from "openid-client";
import { formOf } from "../support/browser.ts";
import { aJourney, allow, api, person, signIn } from "./journey.ts";
import { newRequest } from "./modes/openid_client.ts";
import { redirectUri } from "./modes/world.ts";
import { discovered, open, refusal, signedIn } from "./openid_client.ts";

Deno.test("openid-client: a whole journey works if the process is killed before each step", async () => {
  await using journey = await aJourney();
  const { browser, crash } = journey;
  const config = await discovered(
    journey,
    "shop",
    client.ClientSecretPost("the secret of shop"),
  );
  const request = await newRequest("shop", { max_age: "600" });

  await crash();
  const login = await open(journey, config, request.parameters);
  assertEquals(login.url.pathname, "/login");

  await crash();
  const consent = await signIn(browser, login);
  assertEquals(consent.url.pathname, "/consent");

  await crash();
  const { url: callback } = await allow(browser, consent);
  assertEquals(callback.origin + callback.pathname, redirectUri("shop"));

  await crash();
  const first = await client.authorizationCodeGrant(config, callback, {
    ...request.checks,
    maxAge: 600,
  });
  const claims = first.claims();
  assert(claims);
  assertEquals(claims.iss, journey.issuer);

  await crash();
  const userinfo = await client.fetchUserInfo(config, first.access_token, claims.sub);
  assertObjectMatch(userinfo, { sub: claims.sub, ...person.claims });

  await crash();
  const second = await client.refreshTokenGrant(config, first.refresh_token ?? "");
  assertNotEquals(second.access_token, first.access_token);
  assertEquals(second.claims()?.sub, claims.sub);
  assertEquals(second.claims()?.auth_time, claims.auth_time);

  await crash();
  const introspection = await client.tokenIntrospection(config, second.access_token);
  assertEquals([introspection.active, introspection.sub], [true, claims.sub]);

  await crash();
  await client.tokenRevocation(config, second.access_token);

  await crash();
  const revoked = await client.tokenIntrospection(config, second.access_token);
  assertEquals(revoked.active, false);
  const third = await client.refreshTokenGrant(config, second.refresh_token ?? "");

  await crash();
  await client.tokenRevocation(config, third.refresh_token ?? "");

  await crash();
  assertEquals(
    await refusal(client.refreshTokenGrant(config, third.refresh_token ?? "")),
    "invalid_grant",
  );
  const ended = await client.tokenIntrospection(config, third.access_token);
  assertEquals(ended.active, false);

  await crash();
  const silent = await newRequest("shop", { prompt: "none", scope: "openid profile" });
  const { url: silentCallback } = await open(journey, config, silent.parameters);
  const again = await client.authorizationCodeGrant(config, silentCallback, silent.checks);
  assertEquals(again.claims()?.sid, claims.sid);

  await crash();
  const { url: bye } = await browser.open(
    client.buildEndSessionUrl(config, {
      id_token_hint: first.id_token ?? "",
      post_logout_redirect_uri: "https://shop.example/bye",
      state: "the end",
    }).href,
  );
  assertEquals(bye.href, "https://shop.example/bye?state=the%20end");

  await crash();
  const { url: signedOut } = await open(journey, config, silent.parameters);
  assertEquals(signedOut.searchParams.get("error"), "login_required");
  assertEquals((await client.tokenIntrospection(config, again.access_token)).active, false);
});

Deno.test("openid-client: a public client with EdDSA and response_mode=form_post", async () => {
  await using journey = await aJourney();
  const metadata = { id_token_signed_response_alg: "EdDSA" };
  const config = await discovered(journey, "phone", client.None(), metadata);
  const { checks, parameters } = await newRequest("phone", { response_mode: "form_post" });

  const landing = await signedIn(journey, await open(journey, config, parameters));
  const { action, hidden } = formOf(landing.body);
  assertEquals(action, redirectUri("phone"));
  const posted = new Request(action, { method: "POST", body: new URLSearchParams(hidden) });
  const tokens = await client.authorizationCodeGrant(config, posted, checks);
  const sub = tokens.claims()?.sub ?? "";
  await journey.crash();

  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? "");
  assertEquals((await client.fetchUserInfo(config, refreshed.access_token, sub)).sub, sub);
});

Deno.test("openid-client: a code that is used again after a kill is refused and ends its grant", async () => {
  await using journey = await aJourney();
  const config = await discovered(
    journey,
    "forum",
    client.ClientSecretBasic("the secret of forum"),
    {
      id_token_signed_response_alg: "ES256",
    },
  );
  const { checks, parameters } = await newRequest("forum");
  const { url: callback } = await signedIn(journey, await open(journey, config, parameters));
  const tokens = await client.authorizationCodeGrant(config, callback, checks);

  await journey.crash();
  const replay = client.authorizationCodeGrant(config, callback, checks);
  assertEquals(await refusal(replay), "invalid_grant");

  await journey.crash();
  const refresh = client.refreshTokenGrant(config, tokens.refresh_token ?? "");
  assertEquals(await refusal(refresh), "invalid_grant");
  const { active } = await client.tokenIntrospection(config, tokens.access_token);
  assertEquals(active, false);
});

Deno.test("openid-client: a refresh token that is used again after a kill ends its grant", async () => {
  await using journey = await aJourney();
  const config = await discovered(journey, "shop", client.ClientSecretPost("the secret of shop"));
  const { checks, parameters } = await newRequest("shop");
  const { url: callback } = await signedIn(journey, await open(journey, config, parameters));
  const first = await client.authorizationCodeGrant(config, callback, checks);
  const second = await client.refreshTokenGrant(config, first.refresh_token ?? "");

  await journey.crash();
  for (const { refresh_token = "" } of [first, second]) {
    assertEquals(await refusal(client.refreshTokenGrant(config, refresh_token)), "invalid_grant");
  }
});

Deno.test("openid-client: client_credentials for a resource, and for an unknown resource", async () => {
  await using journey = await aJourney();
  const secret = client.ClientSecretPost("the secret of robot");
  const config = await discovered(journey, "robot", secret);
  const grant = (resource: string) =>
    client.clientCredentialsGrant(config, { scope: "orders:read", resource });

  const tokens = await grant(api);
  assertEquals([tokens.token_type, tokens.scope], ["bearer", "orders:read"]);
  assertEquals(tokens.refresh_token, undefined);
  await journey.crash();
  assertEquals((await client.tokenIntrospection(config, tokens.access_token)).client_id, "robot");
  assertEquals(await refusal(grant("https://unknown.example/")), "invalid_target");
});
