import { assertEquals, assertStringIncludes } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { ask, bob, outcomeAt, outcomeOf, submitLogin, toldTo } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { answerOf, introspect, signInOffline, userinfo } from "../support/tokens.ts";

const groups = ["staff", "board"];
const inner = aClient("inner", { allowed_groups: groups });
const users = [alice, bob];

Deno.test("a user in none of a client's groups reads why, and the client hears access_denied", async () => {
  await using api = await anAdminApi({ clients: [inner], users });
  const { provider } = api;
  const browser = provider.browser();
  const login = await ask(provider, { browser, client: "inner" });
  const refused = await submitLogin(browser, login, bob);
  assertEquals(outcomeOf(refused), "consent");
  assertStringIncludes(refused.body, "You may not use <bdi>The inner</bdi>");
  assertEquals(refused.body.includes("consent-allow"), false);

  // Another account can go on with the same request.
  assertStringIncludes(refused.body, 'value="another_account"');
  const other = await browser.submit(refused, { decision: "another_account" });
  assertEquals(outcomeOf(other), "login");

  // Also an "allow", which the page does not offer, is no way in.
  for (const decision of ["allow", "deny"]) {
    const page = await ask(provider, { browser, client: "inner" });
    const answer = await browser.submit(page, { decision });
    assertEquals(toldTo(answer).error, "access_denied");
  }
  const silent = { prompt: "none" };
  assertEquals(await outcomeAt(provider, browser, silent, "inner"), "error access_denied");
  const events = await api.events();
  const refusals = events.filter((event) => event === "authorization_refused user_not_in_group");
  assertEquals(refusals.length, 3);

  await editUser(provider, "bob", { groups: ["board"] });
  const asked = await ask(provider, { browser, client: "inner" });
  assertStringIncludes(asked.body, "consent-allow");
});

Deno.test("the access that a user gave a client is invalid from the moment that they leave its groups", async () => {
  await using provider = await aProvider({ clients: [inner], users });
  await editUser(provider, "alice", { groups: ["staff", "chess"] });
  const tokens = await signInOffline(provider);
  const states = async () => [
    await answerOf(await userinfo(provider, tokens.access_token)),
    (await introspect(provider, tokens.access_token)).active,
    (await introspect(provider, tokens.refresh_token ?? "")).active,
  ];
  assertEquals(await states(), ["200", true, true]);
  const code = await provider.authorize();
  await editUser(provider, "alice", { groups: ["chess"] });
  assertEquals(await states(), ["401 invalid_token", false, false]);
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_grant");
  const refresh = await provider.refresh(tokens.refresh_token ?? "");
  assertEquals(await answerOf(refresh), "400 invalid_grant");
  // The refusals spent nothing: who is let in again goes on.
  await editUser(provider, "alice", { groups: ["board"] });
  assertEquals(await states(), ["200", true, true]);
  assertEquals((await provider.refresh(tokens.refresh_token ?? "")).status, 200);
});

Deno.test("an empty list of groups lets nobody in, and no list everybody", async () => {
  const clients = [aClient("nobody", { allowed_groups: [] }), aClient("everybody")];
  await using provider = await aProvider({ clients, users });
  await editUser(provider, "alice", { groups });
  const browser = provider.browser();
  const login = await ask(provider, { browser, client: "nobody" });
  const refused = await submitLogin(browser, login, alice);
  assertStringIncludes(refused.body, "You may not use");
  assertEquals(await outcomeAt(provider, browser, {}, "everybody"), "consent");
});

Deno.test("a page of a client learns nothing of a user who may not use it", async () => {
  const shop = aClient("shop", {
    allowed_groups: groups,
    skip_consent: true,
    web_origins: ["https://shop.example"],
  });
  await using provider = await aProvider({ clients: [shop, aClient("first")], users });
  const browser = provider.browser();
  await provider.authorize({ browser, client: "first" });
  const headers = { origin: "https://shop.example" };
  const ofShop = async () =>
    await (await browser.send("/session?client_id=shop", { headers })).json();
  assertEquals("sub" in await ofShop(), false);
  await editUser(provider, "alice", { groups });
  assertEquals("sub" in await ofShop(), true);
});
