import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemRandom } from "../../src/crypto/random.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import { postAccount } from "../support/account.ts";
import { ask, bob, outcomeOf, submitLogin } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { enterCode, giveApp, secondFactorPath } from "../support/factors.ts";
import { askForMail, newestCode } from "../support/mail_sign_in.ts";
import { sentMails } from "../support/mails.ts";
import { alice, issuer, type TestProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { atOnce, countByStatus } from "./limiter.ts";
import {
  aKnownBrowser,
  aLimitedProvider,
  browserAt,
  browserWith,
  deviceCookie,
  flood,
  limits,
  tryPassword,
} from "./strangers.ts";

/** Whether a browser may guess while strangers have used up the account's limit. */
async function isKnown(provider: TestProvider, browser: Browser, password = alice.password) {
  const { response, url } = await tryPassword(provider, browser, password);
  assert(url.pathname !== "/login" || response.status === 429, `${url} ${response.status}`);
  return response.status !== 429;
}

Deno.test("strangers who guess at an account do not lock out a browser that has signed in to it", async () => {
  await using provider = await aLimitedProvider();
  const known = await aKnownBrowser(provider);
  await flood(provider);
  assertEquals(await isKnown(provider, browserAt(provider, "192.0.2.1")), false);
  assertEquals(await isKnown(provider, known), true);
  assertEquals(await isKnown(provider, browserWith(provider, deviceCookie(known))), true);
});

Deno.test("a known browser stays known after signing out", async () => {
  await using provider = await aLimitedProvider();
  const known = await aKnownBrowser(provider);
  const page = await known.open("/logout");
  await known.submit(page, {});
  await flood(provider);
  assertEquals(await isKnown(provider, known), true);
});

Deno.test("for 200 concurrent guesses with one device cookie, only the limit is verified", async () => {
  await using provider = await aLimitedProvider();
  const cookie = deviceCookie(await aKnownBrowser(provider));
  const browsers = await atOnce(20, async (n) => {
    const browser = browserWith(provider, cookie, `192.0.2.${n}`);
    return { browser, page: await ask(provider, { browser }) };
  });
  const guesses = await atOnce(200, (n) => {
    const { browser, page } = browsers[n % 20] ?? browsers[0]!;
    return submitLogin(browser, page, { username: "alice", password: `guess ${n}` });
  });
  const { count } = limits.signIn;
  assertEquals(countByStatus(guesses.map(({ response }) => response)), {
    401: count,
    429: 200 - count,
  });
  // What a stolen cookie uses up is its own: strangers have all of their places.
  provider.clock.advance(61);
  const stranger = await tryPassword(provider, browserAt(provider, "198.51.100.9"), "guess");
  assertEquals(stranger.response.status, 401);
});

Deno.test("a stolen device cookie also has an hourly limit", async () => {
  await using provider = await aLimitedProvider();
  const thief = browserWith(provider, deviceCookie(await aKnownBrowser(provider)));
  const statuses: number[] = [];
  for (let n = 0; n < 9; n++) {
    if (n % 3 === 0) provider.clock.advance(61);
    statuses.push((await tryPassword(provider, thief, `guess ${n}`)).response.status);
  }
  assertEquals(statuses, [...Array(6).fill(401), ...Array(3).fill(429)]);
});

Deno.test("a device cookie that is forged, changed or for another account does not make a browser known", async () => {
  await using provider = await aLimitedProvider({ users: [alice, bob] });
  const hers = deviceCookie(await aKnownBrowser(provider));
  const his = deviceCookie(await aKnownBrowser(provider, bob));
  const elsewhere = await masterKey(new Uint8Array(32).fill(9), null, systemRandom);
  const { userId, user } = await provider.userOf("alice");
  const contents = [[userId, "A".repeat(22), user.epoch, user.sessionEpoch, 4_000_000_000]];
  const { masterKey: ours } = provider.deps;
  const flipped = (at: number) =>
    hers.slice(0, at) + (hers[at] === "A" ? "B" : "A") + hers.slice(at + 1);
  const forged: [string, string][] = [
    ["none", ""],
    ["bob's", his],
    ["the user's id", userId],
    ["plain JSON", JSON.stringify(contents)],
    ["sealed by another key", await elsewhere.seal(JSON.stringify(contents), "device_cookie")],
    ["sealed for another purpose", await ours.seal(JSON.stringify(contents), "users/x/totp")],
    ["sealed, but not a device cookie", await ours.seal("[]", "device_cookie")],
    ["cut", hers.slice(0, -1)],
    ["longer", `${hers}A`],
    ["very long", "A".repeat(8000)],
    ["the first character changed", flipped(0)],
    ["a character changed", flipped(Math.floor(hers.length / 2))],
    ["the last character but one changed", flipped(hers.length - 2)],
  ];
  await flood(provider);
  for (const [what, cookie] of forged) {
    assertEquals(await isKnown(provider, browserWith(provider, cookie)), false, what);
  }
  assertEquals(await isKnown(provider, browserWith(provider, hers)), true);
});

Deno.test("a device cookie reveals nothing about the account, is only for this host, and is hidden from scripts", async () => {
  await using provider = await aLimitedProvider({ users: [alice, bob] });
  const browser = browserAt(provider, "203.0.113.7");
  const page = await ask(provider, { browser });
  const answer = await browser.send("/login", {
    method: "POST",
    body: new URLSearchParams({
      ...Object.fromEntries(new URLSearchParams(hiddenOf(page.body))),
      username: "alice",
      password: alice.password,
    }),
  });
  const line = answer.headers.getSetCookie().find((one) => one.includes("latchkey_device=")) ?? "";
  assertMatch(line, issuer.startsWith("https:") ? /^__Host-latchkey_device=/ : /^latchkey_device=/);
  for (const attribute of ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=15552000"]) {
    assertStringIncludes(line, attribute);
  }
  const { userId } = await provider.userOf("alice");
  const cookie = deviceCookie(browser);
  assert(!cookie.includes(userId) && !cookie.includes("alice"));
  const his = deviceCookie(await aKnownBrowser(provider, bob));
  assertEquals(his.length, cookie.length, "its length is the same for all accounts");
});

function hiddenOf(body: string): string {
  const fields = [...body.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)].map(([tag]) => [
    /name="([^"]*)"/.exec(tag)?.[1] ?? "",
    /value="([^"]*)"/.exec(tag)?.[1] ?? "",
  ]);
  return new URLSearchParams(fields).toString();
}

Deno.test("a device cookie is revoked by a new password, a reset, signing out everywhere and a suspension", async () => {
  type End = (provider: TestProvider, own: Browser) => Promise<string | void>;
  const password = "quite another password";
  const ends: Record<string, { readonly end: End; readonly ownStays: boolean }> = {
    "the password is changed": {
      ownStays: true,
      async end(_, own) {
        const fields = { current_password: alice.password, password, password_repeat: password };
        const done = await postAccount(own, "/account/security/password", fields);
        assertEquals(done.url.search, "?changed=yes");
        return password;
      },
    },
    "the other sessions are ended": {
      ownStays: true,
      async end(_, own) {
        await postAccount(own, "/account/sessions/end-others");
      },
    },
    "an administrator ends all sessions": {
      ownStays: false,
      async end(provider) {
        const { user } = await provider.userOf("alice");
        await editUser(provider, "alice", { sessionEpoch: user.sessionEpoch + 1 });
      },
    },
    "the account is suspended, and active again": {
      ownStays: false,
      async end(provider) {
        const { user } = await provider.userOf("alice");
        await editUser(provider, "alice", { epoch: user.epoch + 1 });
      },
    },
  };
  for (const [what, { end, ownStays }] of Object.entries(ends)) {
    await using provider = await aLimitedProvider();
    const other = await aKnownBrowser(provider);
    const own = await aKnownBrowser(provider);
    const now = await end(provider, own) ?? alice.password;
    await flood(provider);
    assertEquals(await isKnown(provider, other, now), false, what);
    assertEquals(await isKnown(provider, own, now), ownStays, what);
  }
});

Deno.test("a browser that has reset the password by mail is known", async () => {
  await using provider = await aLimitedProvider();
  await flood(provider);
  await sentMails(provider); // the owner was told of that; the next mail is then the newest
  const browser = browserAt(provider, "192.0.2.1");
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });
  // The mail that tells of the guesses may be newer.
  const mail = (await sentMails(provider)).find(({ text }) => text.includes("/confirm?token="));
  const page = await browser.open(/\/password-reset\/confirm\S+/.exec(mail?.text ?? "")?.[0] ?? "");
  const password = "quite another password";
  await browser.submit(page, { password, password_repeat: password });
  assertEquals(await isKnown(provider, browser, password), true);
});

Deno.test("a browser is known for eight accounts, and for half a year after the last sign-in", async () => {
  const users = Array.from({ length: 10 }, (_, n) => ({
    username: `user${n}`,
    password: `the password of user ${n}`,
  }));
  await using provider = await aLimitedProvider({ users });
  const browser = browserAt(provider, "203.0.113.7");
  for (const { username, password } of users) {
    await tryPassword(provider, browser, password, username);
  }
  const cookie = deviceCookie(browser);
  assert(cookie.length < 1500, `${cookie.length} characters`);
  const knownFor = async () => {
    const known: number[] = [];
    for (const [n, { username }] of users.entries()) {
      await flood(provider, username);
      const copy = browserWith(provider, cookie);
      const { response } = await tryPassword(provider, copy, "guess", username);
      if (response.status === 401) known.push(n);
    }
    return known;
  };
  assertEquals(await knownFor(), [2, 3, 4, 5, 6, 7, 8, 9]);
  provider.clock.advance(180 * 86_400);
  assertEquals(await knownFor(), []);
});

Deno.test("an attacker who knows the password and guesses codes does not lock out a known browser", async () => {
  await using provider = await aLimitedProvider();
  const known = await aKnownBrowser(provider);
  const app = await giveApp(provider);
  const wrong = app.code() === "000000" ? "111111" : "000000";
  const enter = async (browser: Browser, code: string) => {
    const page = await tryPassword(provider, browser, alice.password);
    assertEquals(page.url.pathname, secondFactorPath);
    return await enterCode(browser, page, code);
  };
  for (let n = 0; n < 7; n++) {
    const { response } = await enter(browserAt(provider, `198.51.100.${n}`), wrong);
    assertEquals(response.status, n < 6 ? 401 : 429);
  }
  const fresh = await enter(browserAt(provider, "192.0.2.1"), app.code());
  assertEquals(fresh.response.status, 429);
  const pages = [];
  for (let n = 0; n < 5; n++) pages.push(await tryPassword(provider, known, alice.password));
  const guesses = await Promise.all(pages.map((page) => enterCode(known, page, wrong)));
  const statuses = guesses.map(({ response }) => response.status);
  assertEquals(statuses.filter((status) => status === 401).length, limits.signIn.count);
  provider.clock.advance(61);
  assertEquals(outcomeOf(await enter(known, app.code())), "consent");
});

Deno.test("strangers who request mails do not keep a known browser from getting one", async () => {
  for (const way of ["link", "reset"] as const) {
    await using provider = await aLimitedProvider();
    const known = await aKnownBrowser(provider);
    const askFor = async (browser: Browser, identifier: string) => {
      if (way === "link") {
        return (await askForMail(provider, "link", {
          browser,
          address: identifier,
          authorize: { parameters: { prompt: "login" } },
        })).page;
      }
      return await browser.submit(await browser.open("/password-reset"), { username: identifier });
    };
    const statusOf = async (browser: Browser, identifier = "alice@example.com") =>
      (await askFor(browser, identifier)).response.status;
    for (let n = 0; n < 4; n++) {
      const status = await statusOf(browserAt(provider, `198.51.100.${n}`));
      assertEquals(status, n < 3 ? 200 : 429);
    }
    const before = (await sentMails(provider)).length;
    assertEquals(await statusOf(browserAt(provider, "192.0.2.1")), 429, way);
    // By the name too: it is the same account, and the same three places.
    const statuses = [];
    for (let n = 0; n < 4; n++) {
      statuses.push(await statusOf(known, way === "reset" && n === 1 ? "alice" : undefined));
    }
    assertEquals(statuses, [200, 200, 200, 429], way);
    assertEquals((await sentMails(provider)).length - before, 3, way);
  }
});

Deno.test("a known browser can sign in by a mailed code, whatever others at its address did", async () => {
  await using provider = await aLimitedProvider({
    config: { rateLimits: true, limits: { ...limits, codeAddress: { count: 1, seconds: 600 } } },
  });
  const known = await aKnownBrowser(provider);
  const neighbour = browserAt(provider, "203.0.113.7");
  const page = await askForMail(provider, "code", { browser: neighbour });
  await neighbour.submit(page.page, { code: "BBBB-BBBB" });
  assertEquals((await neighbour.submit(page.page, { code: "BBBB-BBBB" })).response.status, 429);
  await sentMails(provider); // the next one is then the newest
  const own = await askForMail(provider, "code", {
    browser: known,
    authorize: { parameters: { prompt: "login" } },
  });
  const landed = await known.submit(own.page, { code: await newestCode(provider) });
  assertEquals(outcomeOf(landed), "consent");
});
