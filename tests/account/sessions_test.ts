import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { methodsOf } from "../../src/claims/sign_in_methods.ts";
import { type Amr, amrValues } from "../../src/protocol/amr.ts";
import { methodsText } from "../../src/ui/account/words.tsx";
import { supportedLanguages } from "../../src/language/supported_languages.ts";
import { accountBrowser, people, postAccount, rowFields } from "../support/account.ts";
import { bob, isSignedIn, sessionCookie, signedInBrowser } from "../support/authorization.ts";
import { newBrowser } from "../support/browser.ts";
import { enterCode, giveApp, giveRecoveryCodes, signInFor } from "../support/factors.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshot } from "../support/records.ts";
import { answerOf, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";

const path = "/account/sessions";
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 " +
  "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

/** A browser that says what it is, somewhere. */
function aDevice(provider: TestProvider, userAgent: string, address: string) {
  return newBrowser((to, init) => {
    const headers = new Headers(init?.headers);
    headers.set("user-agent", userAgent);
    return provider.request(to, { ...init, headers, address });
  }, issuer);
}

/** The session of a browser, by its cookie. */
function sessionIdOf(cookie: string | undefined): string {
  return cookie?.split(".")[1] ?? "";
}

Deno.test("the list of sessions shows device, place and sign-in method, and marks the present one", async () => {
  await using provider = await aProvider();
  const places: [string, string, string][] = [
    [iphone, "192.168.1.7", "From the local network"],
    [firefox, "127.0.0.1", "From this computer"],
    [firefox, "2001:db8::7", "From 2001:db8::7"],
    ["<b>Robot</b>/1", "::ffff:203.0.113.9", "From 203.0.113.9"],
  ];
  for (const [userAgent, address] of places) {
    await accountBrowser(provider, alice, aDevice(provider, userAgent, address));
  }
  const own = await accountBrowser(provider, alice, aDevice(provider, firefox, "fd00::1"));
  const { body } = await own.open(path);
  for (const [, , words] of places) assertStringIncludes(body, words);
  for (const words of ["Safari on iOS", "Firefox on Linux", "Unknown device", "with password"]) {
    assertStringIncludes(body, words);
  }
  assert(!body.includes("Robot"), "a header's own words are on the page");
  assertEquals(body.split("This browser").length, 2);
  const ids = rowFields(body).flatMap(({ session }) => session ?? []);
  assertEquals(ids.length, 4, "the own session has no button");
});

Deno.test("a sign-in with a recovery code is shown as such, in the list and under activity", async () => {
  await using provider = await aProvider();
  await giveApp(provider);
  const [code = ""] = await giveRecoveryCodes(provider);
  const browser = provider.browser();
  await enterCode(browser, await signInFor(browser, "/account"), code);
  for (
    const [language, words] of [
      ["en", "password and recovery code"],
      ["de", "Passwort und Wiederherstellungscode"],
    ]
  ) {
    const headers = { "accept-language": language ?? "" };
    for (const page of [path, "/account/activity"]) {
      assertStringIncludes((await browser.open(page, { headers })).body, words ?? "");
    }
  }
});

Deno.test("every sign-in method in amr has a word in each language", () => {
  const properties: readonly Amr[] = ["user", "mfa"];
  const kinds: readonly (readonly Amr[])[] = [["hwk", "swk"]]; // one word for both
  for (const language of supportedLanguages) {
    const words = amrValues.map((amr) => methodsText(methodsOf([amr]), language));
    const wordless = amrValues.filter((_, n) => words[n] === null);
    assertEquals(wordless, properties, language);
    const told = new Set(words.filter((word) => word !== null));
    const same = properties.length + kinds.reduce((sum, kind) => sum + kind.length - 1, 0);
    assertEquals(told.size, amrValues.length - same, language);
  }
});

Deno.test("an ended session is invalid at once, with everything that depends on it; others stay valid", async () => {
  await using provider = await aProvider();
  const phone = await signedInBrowser(provider);
  const bound = await tokensOf(
    await provider.exchange(await provider.authorize({ browser: phone })),
  );
  const offline = await signInOffline(provider, { browser: phone });
  const laptop = await accountBrowser(provider);
  const tablet = await accountBrowser(provider);
  const ended = sessionIdOf(sessionCookie(phone));

  const landing = await postAccount(laptop, `${path}/end`, { session: ended });
  assertStringIncludes(landing.body, "The session has ended.");
  assertEquals(await isSignedIn(provider, sessionCookie(phone)), false);
  assertEquals((await userinfo(provider, bound.access_token)).status, 401);
  assertEquals((await userinfo(provider, offline.access_token)).status, 200);
  await tokensOf(await provider.refresh(offline.refresh_token));
  for (const browser of [laptop, tablet]) {
    assertEquals(await isSignedIn(provider, sessionCookie(browser)), true);
  }
  const events = (await auditTrail(provider)).filter(({ type }) => type === "session_ended");
  assertEquals(events.map(({ reason, sessionId }) => [reason, sessionId]), [
    ["ended_elsewhere", ended],
  ]);
});

Deno.test("another user's session cannot be ended: its id is refused like an unknown one", async () => {
  await using provider = await aProvider({ users: people });
  const hers = sessionCookie(await accountBrowser(provider));
  const his = await accountBrowser(provider, bob);
  const before = await snapshot(provider.backend);
  const answers = [];
  for (const session of [sessionIdOf(hers), "A".repeat(22), "", "../x", "x".repeat(3000)]) {
    const { response, body } = await postAccount(his, `${path}/end`, { session });
    answers.push([response.status, body.replaceAll(/nonce-\w+/g, "")]);
  }
  for (const answer of answers) assertEquals(answer, answers[0]);
  assertEquals(answers[0]?.[0], 404);
  assertEquals(await isSignedIn(provider, hers), true);
  assertEquals([...await snapshot(provider.backend)].length, before.size);
});

Deno.test("all other sessions end in one write, and grants of the present one stay valid", async () => {
  await using provider = await aProvider();
  const kept = await signedInBrowser(provider);
  const tokens = await tokensOf(
    await provider.exchange(await provider.authorize({ browser: kept })),
  );
  const others = [];
  for (let n = 0; n < 3; n++) others.push(await signedInBrowser(provider));
  const lost = await tokensOf(
    await provider.exchange(await provider.authorize({ browser: others[0] ?? kept })),
  );
  const before = (await provider.userOf("alice")).user.sessionEpoch;

  const landing = await postAccount(kept, `${path}/end-others`);
  assertStringIncludes(landing.body, "All other sessions have ended.");
  assertEquals((await provider.userOf("alice")).user.sessionEpoch, before + 1);
  for (const browser of others) {
    assertEquals(await isSignedIn(provider, sessionCookie(browser)), false);
  }
  assertEquals((await userinfo(provider, lost.access_token)).status, 401);
  assertEquals(await isSignedIn(provider, sessionCookie(kept)), true);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 200);
  // What they told of devices and places goes too.
  const left = [...(await snapshot(provider.backend)).keys()].filter((key) =>
    key.startsWith('["sessions')
  );
  assertEquals(left.length, 2, "one session and its entry");
});

Deno.test("if two browsers end each other at the same moment, exactly one stays signed in", async () => {
  await using provider = await aProvider();
  const browsers = [await accountBrowser(provider), await accountBrowser(provider)];
  await Promise.all(browsers.map((browser) => postAccount(browser, `${path}/end-others`)));
  const live = await Promise.all(
    browsers.map((browser) => isSignedIn(provider, sessionCookie(browser))),
  );
  assertEquals(live.filter(Boolean).length, 1);
});

Deno.test("a user who ends the present session is signed out", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const cookie = sessionCookie(browser);
  const landing = await postAccount(browser, `${path}/end`, { session: sessionIdOf(cookie) });
  assertEquals(landing.url.pathname, "/login");
  assertEquals(sessionCookie(browser), undefined);
  assertEquals(await isSignedIn(provider, cookie), false);
});

Deno.test("a form of an ended session ends nothing more", async () => {
  await using provider = await aProvider();
  const stale = await accountBrowser(provider);
  const page = await stale.open("/account/data");
  const other = await accountBrowser(provider);
  await postAccount(other, `${path}/end`, { session: sessionIdOf(sessionCookie(stale)) });
  const { form_token = "" } = rowFields(page.body)[0] ?? {};
  const body = new URLSearchParams({ form_token });
  const landing = await stale.open(`${path}/end-others`, { method: "POST", body });
  assertEquals(landing.url.pathname, "/login");
  assertEquals(await isSignedIn(provider, sessionCookie(other)), true);
  assertEquals(await answerOf(await stale.send("/account/sessions")), "303");
});
