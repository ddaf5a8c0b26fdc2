import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import { accountBrowser, people, postAccount } from "../support/account.ts";
import { ask, bob, outcomeAt, outcomeOf, signedInBrowser } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshot } from "../support/records.ts";
import {
  answerOf,
  introspect,
  signIn,
  signInOffline,
  tokensOf,
  userinfo,
} from "../support/tokens.ts";

const path = "/account/applications";
const withdraw = `${path}/withdraw`;

function aHouse(options: ProviderOptions = {}) {
  const clients = [
    aClient("shop", { client_uri: "https://shop.example/start" }),
    aClient("books"),
    aClient("ours", { skip_consent: true }),
  ];
  return aProvider({ clients, users: people, ...options });
}

/** Adds grants as earlier sign-ins would have left them; their ids come before all others. */
async function addGrants(provider: TestProvider, count: number) {
  const { userId, user } = await provider.userOf("alice");
  const { epoch: providerEpoch } = await provider.providerRecord();
  for (let n = 0; n < count; n += 100) {
    await provider.deps.kv.step(systemOrigin, (tx) => {
      for (let m = n; m < Math.min(count, n + 100); m++) {
        grants.add(tx, `-${String(m).padStart(21, "0")}`, {
          clientId: "shop",
          clientCreatedAt: null,
          userId,
          sessionId: null,
          clientEpoch: 0,
          redirectUri: null,
          resourceScopes: [{ resource: null, scope: ["openid", "offline_access"] }],
          claims: { userinfo: [], idToken: [] },
          refreshable: true,
          sid: null,
          authTime: tx.now,
          amr: ["pwd"],
          acr: null,
          epoch: user.epoch,
          providerEpoch,
          withdrawal: null,
          createdAt: tx.now,
          expiresAt: tx.now + 86_400,
        });
      }
    });
  }
}

async function grantsLeft(provider: TestProvider): Promise<number> {
  const keys = [...(await snapshot(provider.backend)).keys()];
  return keys.filter((key) => key.startsWith('["grants"') || key.startsWith('["grants_by_user"'))
    .length;
}

/** Asks for a code with the session that there is, without a page. */
async function silentCode(provider: TestProvider, browser: Browser, client = "shop") {
  const landing = await ask(provider, { browser, client, parameters: { scope: "openid" } });
  const code = landing.url.searchParams.get("code");
  if (code === null) throw new Error(`no code at ${landing.url}`);
  return code;
}

Deno.test("the list shows what an application may do, since when, and whether it has offline access", async () => {
  await using provider = await aHouse();
  const browser = await accountBrowser(provider);
  assertStringIncludes((await browser.open(path)).body, "No app has access to your account.");
  await signInOffline(provider, { browser, client: "shop" });
  await signIn(provider, { browser, client: "ours", parameters: { scope: "openid" } });
  const { body } = await browser.open(path);
  for (const words of ["The shop", "at shop.example", "Stays connected", "See your profile"]) {
    assertStringIncludes(body, words);
  }
  assertStringIncludes(body, "The ours");
  assert(!body.includes("The books"), "an app that was never let in is on the list");
  assert(!/<img/.test(body));
});

Deno.test("the last use of an application is the last refresh of its token", async () => {
  await using provider = await aHouse();
  const browser = await accountBrowser(provider);
  const tokens = await signInOffline(provider, { browser, client: "shop" });
  const lastUsed = async () =>
    /Last signed in or renewed <time datetime="([^"]*)"/.exec((await browser.open(path)).body)?.[1];
  const first = await lastUsed();
  provider.clock.advance(7200);
  assertEquals(await lastUsed(), first);
  await tokensOf(await provider.refresh(tokens.refresh_token));
  assertEquals(Date.parse(await lastUsed() ?? "") - Date.parse(first ?? ""), 7_200_000);
});

Deno.test("a withdrawal ends everything of the application, and nothing else", async () => {
  await using provider = await aHouse();
  const browser = await accountBrowser(provider);
  const offline = await signInOffline(provider, { browser, client: "shop" });
  const bound = await signIn(provider, { browser, client: "shop" });
  const code = await silentCode(provider, browser);
  const other = await signInOffline(provider, { browser, client: "books" });

  const page = await browser.open(`${withdraw}?client=shop`);
  assertStringIncludes(page.body, "Withdraw the access of The shop?");
  const landing = await browser.submit(page, {});
  assertStringIncludes(landing.body, "The app has no access any more.");
  assert(!landing.body.includes("The shop"));

  for (const token of [offline.access_token, bound.access_token]) {
    assertEquals((await userinfo(provider, token)).status, 401);
    assertEquals(await introspect(provider, token), { active: false });
  }
  assertEquals(await introspect(provider, offline.refresh_token), { active: false });
  assertEquals(await answerOf(await provider.refresh(offline.refresh_token)), "400 invalid_grant");
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_grant");
  assertEquals((await userinfo(provider, other.access_token)).status, 200);
  await tokensOf(await provider.refresh(other.refresh_token, { client: "books" }));

  assertEquals(await outcomeAt(provider, browser, { prompt: "none" }), "error consent_required");
  assertEquals(await outcomeAt(provider, browser, {}), "consent");
  const again = await signIn(provider, { browser, client: "shop" });
  assertEquals((await userinfo(provider, again.access_token)).status, 200);
  const types = (await auditTrail(provider)).map(({ type, reason }) => `${type} ${reason}`);
  assertEquals(types.filter((one) => one.startsWith("application_withdrawn")).length, 1);
  assertEquals(types.filter((one) => one === "grant_ended withdrawn").length, 3);
});

Deno.test("an app that needs no consent is withdrawn like any other", async () => {
  await using provider = await aHouse();
  const browser = await accountBrowser(provider);
  const parameters = { scope: "openid offline_access" };
  const tokens = await signIn(provider, { browser, client: "ours", parameters });
  await postAccount(browser, withdraw, { client: "ours" });
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  const refused = await provider.refresh(tokens.refresh_token, { client: "ours" });
  assertEquals(await answerOf(refused), "400 invalid_grant");
  const landing = await ask(provider, { browser, client: "ours", parameters: { scope: "openid" } });
  assertEquals(outcomeOf(landing), "code");
});

Deno.test("a second withdrawal ends the grants between the two, and no later ones", async () => {
  await using provider = await aHouse();
  const browser = await accountBrowser(provider);
  const generations = [];
  for (let n = 0; n < 3; n++) {
    generations.push(await signInOffline(provider, { browser, client: "shop" }));
    if (n < 2) await postAccount(browser, withdraw, { client: "shop" });
  }
  const statuses = await Promise.all(
    generations.map(async ({ access_token }) => (await userinfo(provider, access_token)).status),
  );
  assertEquals(statuses, [401, 401, 200]);
  const { user } = await provider.userOf("alice");
  assertEquals(user.withdrawals.map(({ clientId }) => clientId), ["shop"]);
});

Deno.test("after a withdrawal all grants are invalid, also if they do not fit into one commit", async () => {
  let commitsLeft = Infinity;
  await using provider = await aHouse({
    wrap: (backend) => ({
      ...backend,
      commit(batch) {
        if (commitsLeft-- <= 0) return Promise.reject(new Error("the store is gone"));
        return backend.commit(batch);
      },
    }),
  });
  const browser = await accountBrowser(provider);
  const live = [];
  for (let n = 0; n < 3; n++) {
    live.push(await signInOffline(provider, { browser, client: "shop" }));
  }
  await addGrants(provider, 250);
  const token = await postToken(browser);
  // The door is shut by the first commit, however far the sweep gets after it.
  commitsLeft = 1;
  const body = new URLSearchParams({ form_token: token, client: "shop" });
  const cut = await browser.send(withdraw, { method: "POST", body });
  assert(cut.status >= 500, `${cut.status}`);
  commitsLeft = Infinity;
  assert(await grantsLeft(provider) > 200, "nothing was left to be swept");
  for (const { access_token, refresh_token } of live) {
    assertEquals((await userinfo(provider, access_token)).status, 401);
    assertEquals(await answerOf(await provider.refresh(refresh_token)), "400 invalid_grant");
  }
  assertStringIncludes((await browser.open(path)).body, "No app has access to your account.");

  // It can be asked for again, and then takes what was left.
  assertEquals((await postAccount(browser, withdraw, { client: "shop" })).response.status, 200);
  assertEquals(await grantsLeft(provider), 0);
});

async function postToken(browser: Browser): Promise<string> {
  const { body } = await browser.open("/account/data");
  return /name="form_token" value="([^"]*)"/.exec(body)?.[1] ?? "";
}

Deno.test("no code exchange and no refresh at the same moment survives the withdrawal", async () => {
  for (let round = 0; round < 4; round++) {
    await using provider = await aHouse();
    const browser = await accountBrowser(provider);
    const offline = await signInOffline(provider, { browser, client: "shop" });
    const codes = [];
    for (let n = 0; n < 6; n++) codes.push(await silentCode(provider, browser));
    const form_token = await postToken(browser);
    const body = () => new URLSearchParams({ form_token, client: "shop" });

    const [, ...answers] = await Promise.all([
      browser.send(withdraw, { method: "POST", body: body() }),
      ...codes.map((code) => provider.exchange(code)),
      provider.refresh(offline.refresh_token),
      browser.send(provider.authorizeUrl({ client: "shop", parameters: { scope: "openid" } })),
    ]);
    const issued = await Promise.all(
      answers.filter(({ status }) => status === 200).map((answer) => answer.json()),
    );
    const redirect = answers.at(-1)?.headers.get("location") ?? "";
    const late = new URL(redirect, "https://op.example").searchParams.get("code");
    for (const { access_token, refresh_token } of issued.filter((one) => one.access_token)) {
      assertEquals((await userinfo(provider, access_token)).status, 401);
      if (refresh_token) {
        assertEquals(await answerOf(await provider.refresh(refresh_token)), "400 invalid_grant");
      }
    }
    if (late !== null) {
      assertEquals(await answerOf(await provider.exchange(late)), "400 invalid_grant");
    }
    assertEquals(await grantsLeft(provider), 0);
  }
});

Deno.test("a session token from before the withdrawal is refused, also after a new consent", async () => {
  for (const client of ["shop", "ours"]) {
    await using provider = await aHouse();
    const browser = await signedInBrowser(provider, { client });
    const token = await sessionToken(browser, client);
    const good = await sessionToken(browser, client);
    assertEquals((await verify(provider, client, good)).status, 200);
    await postAccount(browser, withdraw, { client });
    assertEquals(await answerOf(await verify(provider, client, token)), "400 invalid_grant");
    await signIn(provider, { browser, client });
    assertEquals(await answerOf(await verify(provider, client, token)), "400 invalid_grant");
    const fresh = await sessionToken(browser, client);
    assertEquals((await verify(provider, client, fresh)).status, 200);
  }
});

async function sessionToken(browser: Browser, client: string): Promise<string> {
  const body = new URLSearchParams({ client_id: client });
  const response = await browser.send("/session/token", { method: "POST", body });
  return (await response.json()).token;
}

function verify(provider: TestProvider, client: string, token: string) {
  return provider.post("/session/token/verify", { token, ...provider.credentials(client) });
}

Deno.test("another user's consent, or a consent that was never given, cannot be withdrawn", async () => {
  await using provider = await aHouse();
  const hers = await signInOffline(provider, { client: "shop" });
  const his = await accountBrowser(provider, bob);
  for (const client of ["shop", "books", "stranger", "", "x".repeat(300)]) {
    const { response } = await postAccount(his, withdraw, { client });
    assertEquals(response.status, 404, client);
    assertEquals((await his.open(`${withdraw}?client=${client}`)).response.status, 404);
  }
  assertEquals((await userinfo(provider, hers.access_token)).status, 200);
  assertEquals((await provider.userOf("bob")).user.withdrawals, []);
});

Deno.test("a user's record stays small: the oldest withdrawals are completed and removed", async () => {
  const names = Array.from({ length: 24 }, (_, n) => `app-${n}`);
  await using provider = await aProvider({ clients: names.map((name) => aClient(name)) });
  const browser = await accountBrowser(provider);
  const first = await signInOffline(provider, { browser, client: "app-0" });
  for (const client of names) {
    if (client !== "app-0") await signIn(provider, { browser, client });
    await postAccount(browser, withdraw, { client });
    provider.clock.advance(301);
  }
  assertEquals((await provider.userOf("alice")).user.withdrawals.length, 20);
  assertEquals((await userinfo(provider, first.access_token)).status, 401);
});
