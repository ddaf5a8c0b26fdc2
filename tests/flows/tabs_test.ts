import { assert, assertEquals } from "@std/assert";
import {
  ask,
  bob,
  codeAt,
  outcomeOf,
  signedInBrowser,
  submitLogin,
  toldTo,
} from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { answerOf, tokensOf, userinfo } from "../support/tokens.ts";

const clients = [aClient("shop"), aClient("desk")];

Deno.test("two tabs with two clients get two codes, in any order", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const shop = await ask(provider, { browser, client: "shop", parameters: { state: "a" } });
  const desk = await ask(provider, { browser, client: "desk", parameters: { state: "b" } });

  const deskConsent = await submitLogin(browser, desk);
  const shopConsent = await submitLogin(browser, shop); // still shows the password form
  const atShop = await browser.submit(shopConsent, { decision: "allow" });
  const atDesk = await browser.submit(deskConsent, { decision: "allow" });

  assertEquals([toldTo(atShop).state, toldTo(atDesk).state], ["a", "b"]);
  const shopTokens = await tokensOf(await provider.exchange(codeAt(atShop), { client: "shop" }));
  const deskTokens = await tokensOf(await provider.exchange(codeAt(atDesk), { client: "desk" }));
  for (const { access_token } of [shopTokens, deskTokens]) {
    assertEquals((await userinfo(provider, access_token)).status, 200);
  }
});

Deno.test("all sign-ins that a new browser opens at the same moment can be finished", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const paths = ["shop", "desk"].map((client) => provider.authorizeUrl({ client }));
  // Neither request has a cookie yet, and each answer brings one.
  const answers = await Promise.all(paths.map((path) => browser.send(path)));
  const pages = answers.map((answer) => answer.headers.get("location") ?? "");
  const [shop, desk] = await Promise.all(pages.map((path) => browser.open(path)));
  assert(shop && desk);
  for (const [client, page] of [["shop", shop], ["desk", desk]] as const) {
    const consent = await submitLogin(browser, page);
    const code = codeAt(await browser.submit(consent, { decision: "allow" }));
    assertEquals(await answerOf(await provider.exchange(code, { client })), "200");
  }
});

Deno.test("a known browser gets no cookie for a single interaction", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const first = await ask(provider, { browser, client: "shop" });
  const names = () =>
    [...browser.cookies.keys()].map((name) => name.replace(/(?<=_browser_).*/, "ID"));
  const known = [
    "__Host-latchkey_browser",
    "__Host-latchkey_requests",
    "__Host-latchkey_browser_ID",
  ];
  assertEquals(names(), known);
  await ask(provider, { browser, client: "desk" });
  assertEquals(names(), known);
  await submitLogin(browser, first);
  const signedIn = ["session", "session_state", "device"].map((name) => `__Host-latchkey_${name}`);
  assertEquals(names(), [...known, ...signedIn]);
});

Deno.test("the cookie of one interaction does not open another", async () => {
  await using provider = await aProvider({ clients });
  const [hers, his] = [provider.browser(), provider.browser()];
  const page = await ask(provider, { browser: hers, client: "shop" });
  await ask(provider, { browser: his, client: "shop" });
  const [name = "", secret = ""] = [...his.cookies].find(([name]) => name.length > 40) ?? [];
  assertEquals(name.length > 40, true);
  const id = page.url.searchParams.get("interaction") ?? "";
  // Named for her interaction, it is still not her secret.
  his.cookies.set(`__Host-latchkey_browser_${id}`, secret);
  assertEquals(
    outcomeOf(await his.open(page.url.pathname + page.url.search)),
    "page invalid_request",
  );
  assertEquals(outcomeOf(await hers.open(page.url.pathname + page.url.search)), "login");
});

Deno.test("a second tab that shows the sign-in page may be reloaded once signed in", async () => {
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const shop = await ask(provider, { browser, client: "shop" });
  const desk = await ask(provider, { browser, client: "desk" });
  await submitLogin(browser, shop);
  assertEquals(outcomeOf(await browser.open(`/authorize/resume${desk.url.search}`)), "consent");
});

Deno.test("if two users sign in in two tabs of one browser, the last one is signed in for both", async () => {
  await using provider = await aProvider({ clients, users: [alice, bob] });
  const browser = provider.browser();
  const hers = await ask(provider, { browser, client: "shop" });
  const his = await ask(provider, { browser, client: "desk" });
  const herConsent = await submitLogin(browser, hers, alice);
  const hisConsent = await submitLogin(browser, his, bob);

  // Her page cannot be answered any more: it is he who is asked now.
  const asked = await browser.submit(herConsent, { decision: "allow" });
  assertEquals(outcomeOf(asked), "consent");
  assertEquals(asked.body.includes("bob"), true);
  const code = codeAt(await browser.submit(hisConsent, { decision: "allow" }));
  const { access_token } = await tokensOf(await provider.exchange(code, { client: "desk" }));
  const info = await (await userinfo(provider, access_token)).json();
  assertEquals(info.preferred_username, "bob");
});

Deno.test("a sign-in form that is sent twice at once leads to one valid code", async () => {
  for (let round = 0; round < 5; round++) {
    await using provider = await aProvider();
    const browser = await signedInBrowser(provider);
    const page = await ask(provider, { browser, parameters: { prompt: "login" } });
    const before = (await auditTrail(provider)).filter(({ type }) => type === "code_issued").length;

    const landings = await Promise.all([1, 2].map(() => submitLogin(browser, page)));

    const codes = landings.filter((landing) => outcomeOf(landing) === "code").map(codeAt);
    const answers = await Promise.all(
      codes.map(async (code) => await answerOf(await provider.exchange(code))),
    );
    assertEquals(answers.filter((answer) => answer === "200").length, 1, answers.join());
    const issued = (await auditTrail(provider)).filter(({ type }) => type === "code_issued");
    assertEquals(issued.length - before, 1);
  }
});

Deno.test("if two tabs share an interaction, the second tab repeats the answer of the first", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await submitLogin(browser, await ask(provider, { browser }));
  const first = codeAt(await browser.submit(page, { decision: "allow" }));
  const second = codeAt(await browser.submit(page, { decision: "allow" }));
  assertEquals(await answerOf(await provider.exchange(first)), "400 invalid_grant");
  assertEquals(await answerOf(await provider.exchange(second)), "200");
});
