import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { ask, outcomeAt, outcomeOf, signedInBrowser } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { signIn, tokensOf, userinfo } from "../support/tokens.ts";

const users = [{
  ...alice,
  claims: { ...alice.claims, phone_number: "+49 30 123", birthdate: "1990-01-02" },
}];
const everything = JSON.stringify({
  userinfo: { email: { essential: true }, phone_number: null, birthdate: null },
  id_token: { email: null, phone_number: { essential: true }, birthdate: null },
});
const personal = ["email", "phone_number", "birthdate"];

/** The claims of the person in an ID token and at userinfo. */
async function told(provider: TestProvider, tokens: { id_token: string; access_token: string }) {
  const info = await (await userinfo(provider, tokens.access_token)).json();
  const known = (claims: Record<string, unknown>) => personal.filter((name) => name in claims);
  return [known(decodeJwt(tokens.id_token)), known(info)];
}

Deno.test("the claims parameter gives no claim beyond the scopes that the client is registered for", async () => {
  const table: [string, string[]][] = [
    ["openid", []],
    ["openid email", ["email"]],
    ["openid phone", ["phone_number"]],
    ["openid profile phone", ["phone_number", "birthdate"]],
  ];
  for (const [scope, expected] of table) {
    for (const skip_consent of [false, true]) {
      await using provider = await aProvider({
        users,
        clients: [aClient("shop", { scope, skip_consent })],
      });
      const parameters = { scope: "openid", claims: everything };
      const tokens = await signIn(provider, { parameters });
      assertEquals(await told(provider, tokens), [expected, expected], `${scope} ${skip_consent}`);
    }
  }
});

Deno.test("a pushed request gets the same claims as a request through the browser", async () => {
  await using provider = await aProvider({
    users,
    clients: [aClient("shop", { scope: "openid" })],
  });
  const url = new URL(
    provider.authorizeUrl({ parameters: { scope: "openid", claims: everything } }),
    issuer,
  );
  const pushed = await provider.post("/par", {
    ...Object.fromEntries(url.searchParams),
    ...provider.credentials(),
  });
  const { request_uri } = await pushed.json();
  const landed = await provider.browser().signInAndAllow(
    `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`,
    alice,
  );
  const code = landed.searchParams.get("code") ?? "";
  assertEquals(await told(provider, await tokensOf(await provider.exchange(code))), [[], []]);
});

Deno.test("the consent page shows exactly the claims that would be granted", async () => {
  await using provider = await aProvider({
    users,
    clients: [aClient("shop", { scope: "openid email" })],
  });
  const browser = await signedInBrowser(provider, { parameters: { scope: "openid" } });
  const parameters = { scope: "openid", claims: everything };
  const page = await ask(provider, { browser, parameters });
  assertEquals(outcomeOf(page), "consent");
  assert(page.body.includes("See your email address"));
  assert(!page.body.includes("phone") && !page.body.includes("See your profile"), page.body);
  assertEquals(outcomeOf(await browser.submit(page, { decision: "allow" })), "code");
  assertEquals(await outcomeAt(provider, browser, parameters), "code");
});

Deno.test("a refresh that names scopes gets only the claims of these scopes", async () => {
  await using provider = await aProvider({ users });
  const parameters = { scope: "openid email offline_access", claims: everything };
  let tokens = await signIn(provider, { parameters });
  const table: [string | undefined, string[], string[]][] = [
    [undefined, personal, personal],
    ["openid", [], []],
    ["openid email", ["email"], ["email"]],
    [undefined, personal, personal],
    ["openid email offline_access", ["email"], ["email"]],
  ];
  for (const [scope, inIdToken, atUserinfo] of table) {
    tokens = await tokensOf(
      await provider.refresh(tokens.refresh_token, { parameters: { scope } }),
    );
    assertEquals(await told(provider, tokens), [inIdToken, atUserinfo], scope ?? "all");
  }
});

Deno.test("an ID token has the claims of the scope where the client's metadata say so", async () => {
  await using provider = await aProvider({
    users,
    clients: [aClient("shop", { id_token_scope_claims: true })],
  });
  const parameters = { scope: "openid email offline_access" };
  const tokens = await signIn(provider, { parameters });
  const { email, email_verified, name } = decodeJwt(tokens.id_token);
  assertEquals([email, email_verified, name], ["alice@example.com", true, undefined]);
  const narrowed = await provider.refresh(tokens.refresh_token, {
    parameters: { scope: "openid" },
  });
  assertEquals(await told(provider, await tokensOf(narrowed)), [[], []]);
});
