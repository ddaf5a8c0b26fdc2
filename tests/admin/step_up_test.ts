import { assertEquals } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import { challengeAlgs } from "../../src/tokens/dpop_algorithms.ts";
import { ask, codeAt, outcomeOf } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { enterCode, giveApp, secondFactorPath } from "../support/factors.ts";
import { issuer } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { signIn, tokensOf, userinfo } from "../support/tokens.ts";
import { type AdminApi, anAdminApi, problemOf, read, resource, scope } from "./api.ts";

const console = aClient("console", { scope: `openid ${scope}`, skip_consent: true });
const asking = { client: "console", parameters: { scope: `openid ${scope}`, resource } };

async function anApi(admin: Config["admin"]) {
  const api = await anAdminApi({ clients: [console], config: { admin } });
  await editUser(api.provider, "alice", { administrator: true });
  return api;
}

/** What an answer asks a client to bring. */
function challengeOf({ headers }: { headers: Headers }) {
  return headers.get("www-authenticate");
}

/** What a client does with such a challenge. */
function askFor(api: AdminApi, browser: Browser, demand: Record<string, string>) {
  const parameters = { ...asking.parameters, ...demand };
  return ask(api.provider, { ...asking, browser, parameters });
}

/** Every challenge of the admin API also says where its metadata are. @see RFC 9728 section 5.1 */
const metadata = `, resource_metadata="${issuer}/.well-known/oauth-protected-resource/api/v1"`;

Deno.test("an administrator with a too weak sign-in is told the required acr, and gets access with it", async () => {
  await using api = await anApi({ acr: "urn:latchkey:acr:2fa", maxAge: null });
  const browser = api.provider.browser();
  const { access_token: weak } = await signIn(api.provider, { ...asking, browser });
  const reply = await api.call("GET", "/users", { token: weak });
  assertEquals(problemOf(reply), "401 insufficient-user-authentication");
  assertEquals(
    challengeOf(reply),
    'Bearer error="insufficient_user_authentication", ' +
      'error_description="a stronger sign-in is needed", acr_values="urn:latchkey:acr:2fa"' +
      metadata,
  );
  const posted = await api.call("POST", "/clients", { token: weak, body: {} });
  assertEquals(posted.status, 401);
  // Userinfo asks for no more than a token.
  const { access_token } = await signIn(api.provider, {
    ...asking,
    parameters: { scope: "openid" },
    browser,
  });
  assertEquals((await userinfo(api.provider, access_token)).status, 200);

  const app = await giveApp(api.provider);
  const page = await askFor(api, browser, { acr_values: "urn:latchkey:acr:2fa" });
  assertEquals(page.url.pathname, secondFactorPath);
  const code = codeAt(await enterCode(browser, page, app.code()));
  const { access_token: token } = await tokensOf(
    await api.provider.exchange(code, { client: "console" }),
  );
  assertEquals((await api.call("GET", "/users", { token })).status, 200);
});

Deno.test("an administrator with a too old sign-in is told so, even if the token was refreshed", async () => {
  await using api = await anApi({ acr: null, maxAge: 600 });
  const { access_token: token } = await signIn(api.provider, asking);
  api.provider.clock.advance(599);
  assertEquals((await api.call("GET", "/users", { token })).status, 200);
  api.provider.clock.advance(1);
  const reply = await api.call("GET", "/users", { token });
  assertEquals(problemOf(reply), "401 insufficient-user-authentication");
  assertEquals(
    challengeOf(reply),
    'Bearer error="insufficient_user_authentication", ' +
      'error_description="a more recent sign-in is needed", max_age="600"' +
      metadata,
  );
  const browser = api.provider.browser();
  const login = await askFor(api, browser, { max_age: "600" });
  assertEquals(outcomeOf(login), "login");
});

Deno.test("the sign-in rules do not apply to a client that acts for itself", async () => {
  await using api = await anApi({ acr: "phr", maxAge: 1 });
  api.provider.clock.advance(100);
  assertEquals((await api.get("/users")).status, 200);
});

Deno.test("the challenge names both requirements, in the scheme of a bound token", async () => {
  await using api = await anApi({ acr: "phr", maxAge: 60 });
  const key = await aDpopKey(api.provider);
  const code = await api.provider.authorize(asking);
  const { access_token: accessToken } = await tokensOf(
    await api.provider.exchange(code, { client: "console" }, {
      dpop: await key.proof({ path: "/token" }),
    }),
  );
  const proof = await key.proof({ method: "GET", path: "/api/v1/users", accessToken });
  const headers = { authorization: `DPoP ${accessToken}`, dpop: proof };
  const reply = await read(await api.provider.request("/api/v1/users", { headers }));
  assertEquals(
    challengeOf(reply),
    'DPoP error="insufficient_user_authentication", ' +
      'error_description="a stronger sign-in is needed", acr_values="phr", max_age="60"' +
      `${metadata}, ${challengeAlgs}`,
  );
});

Deno.test("a user who is not an administrator gets 403 and no demand to sign in again", async () => {
  await using api = await anApi({ acr: "phr", maxAge: null });
  const { access_token: token } = await signIn(api.provider, asking);
  await editUser(api.provider, "alice", { administrator: false });
  assertEquals(problemOf(await api.call("GET", "/users", { token })), "403 insufficient-scope");
});
