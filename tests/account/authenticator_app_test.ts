import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { bob, isSignedIn, sessionCookie, withSessionCookie } from "../support/authorization.ts";
import type { Browser, Landing } from "../support/browser.ts";
import { anApp, giveApp, giveRecoveryCodes, signInFor, submitTo } from "../support/factors.ts";
import { sentMails } from "../support/mails.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, editUser, snapshot } from "../support/records.ts";

const path = "/account/security/authenticator-app";
const removePath = `${path}/remove`;

/** The app that scans the page. */
function scanned(provider: TestProvider, { body }: Landing) {
  const grouped = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(body)?.[1];
  assert(grouped !== undefined && /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/.test(grouped), body);
  return anApp(provider, grouped.replaceAll(" ", ""));
}

function confirm(browser: Browser, page: Landing, code: string) {
  return submitTo(browser, page, path, { code });
}

async function sessionOf(browser: Browser) {
  const response = await browser.send("/session");
  return await response.json();
}

Deno.test("an app is set up with a first code, and the session has two factors from then on", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  assertStringIncludes(page.body, '<svg class="qr"');
  const { auth_time } = await sessionOf(browser);
  const before = sessionCookie(browser);
  provider.clock.advance(60);
  const app = scanned(provider, page);

  const landing = await confirm(browser, page, app.code());
  // Without recovery codes, they are what comes next.
  assertEquals(landing.url.pathname, "/account/security/recovery-codes");
  assertStringIncludes(landing.body, "Your authenticator app is set up.");
  assertNotEquals(sessionCookie(browser), before);
  assertEquals(await isSignedIn(provider, before), false);
  const session = await sessionOf(browser);
  assertEquals([session.acr, session.amr], ["urn:latchkey:acr:2fa", ["pwd", "otp", "mfa"]]);
  assertEquals(session.auth_time, auth_time);
  assertEquals((await auditTrail(provider)).filter(({ type }) => type === "totp_added").length, 1);
  assertStringIncludes((await sentMails(provider))[0]?.subject ?? "", "authenticator app");
  // The code that set it up signs nobody in, and the key is nowhere to be read.
  const { user } = await provider.userOf("alice");
  assertEquals(user.totp?.lastStep, Math.floor(provider.clock.seconds() / 30));
  const stored = JSON.stringify([...await snapshot(provider.backend)]);
  assertEquals(stored.includes(app.secret), false);

  const other = provider.browser();
  provider.clock.advance(30);
  const there = await signInFor(other, "/account", { app });
  assertEquals(there.url.pathname, "/account");
});

Deno.test("the page shows the same key at each reload, and another key in another session", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const { secret } = scanned(provider, await signInFor(browser, path));
  assertEquals(scanned(provider, await browser.open(path)).secret, secret);
  const other = provider.browser();
  assertNotEquals(scanned(provider, await signInFor(other, path)).secret, secret);
  provider.clock.advance(200);
  assertEquals(scanned(provider, await browser.open(path)).secret, secret);
});

Deno.test("a key sets up one app, and none after the password was changed", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  const app = scanned(provider, page);
  await confirm(browser, page, app.code());
  const question = await browser.open(removePath);
  await submitTo(browser, question, removePath, {});
  provider.clock.advance(30);
  await confirm(browser, page, app.code()); // the very form of before
  assertEquals((await provider.userOf("alice")).user.totp, null);
  const next = await browser.open(path);
  const other = scanned(provider, next);
  assertNotEquals(other.secret, app.secret);

  const password = "a brand new password";
  const passwordPage = await browser.open("/account/security/password");
  await submitTo(browser, passwordPage, "/account/security/password", {
    current_password: alice.password,
    password,
    password_repeat: password,
  });
  const { response } = await confirm(browser, next, other.code());
  assertEquals(response.status, 200); // the page again, with another key
  assertEquals((await provider.userOf("alice")).user.totp, null);
  assertNotEquals(scanned(provider, await browser.open(path)).secret, other.secret);
});

Deno.test("a code of another key, another time or no code sets nothing up, and the page says so", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  const app = scanned(provider, page);
  const stranger = await signInFor(provider.browser(), path);
  const codes = [
    "",
    "12345",
    "abcdef",
    app.code(90),
    app.code(-90),
    scanned(provider, stranger).code(),
  ];
  for (const code of codes) {
    const { response, body } = await confirm(browser, page, code);
    assertEquals(response.status, 400, code);
    assertStringIncludes(body, "There is a problem");
    assertEquals(scanned(provider, { ...page, body }).secret, app.secret);
  }
  assertEquals((await provider.userOf("alice")).user.totp, null);
});

/** Who could try to make somebody else's account take an app of theirs, and with what. */
const attacks: Record<string, (provider: TestProvider) => Promise<void>> = {
  "with a key in the form": async (provider) => {
    const browser = provider.browser();
    const page = await signInFor(browser, path);
    const own = anApp(provider, "A".repeat(32));
    await submitTo(browser, page, path, {
      code: own.code(),
      secret: own.secret,
      sealedSecret: own.secret,
    });
  },
  "in another browser that has the session's cookie": async (provider) => {
    const browser = provider.browser();
    const app = scanned(provider, await signInFor(browser, path));
    const thief = withSessionCookie(provider, sessionCookie(browser) ?? "");
    await confirm(thief, await thief.open(path), app.code());
  },
  "in another person's session": async (provider) => {
    const browser = provider.browser();
    const page = await signInFor(browser, path);
    const other = provider.browser();
    await signInFor(other, path, { person: bob });
    await confirm(other, page, scanned(provider, page).code());
  },
  "without a session": async (provider) => {
    const page = await signInFor(provider.browser(), path);
    await confirm(provider.browser(), page, scanned(provider, page).code());
  },
  "ten minutes later": async (provider) => {
    const browser = provider.browser();
    const page = await signInFor(browser, path);
    const app = scanned(provider, page);
    provider.clock.advance(299);
    await signInFor(browser, "/account/security/password"); // recent again, by the password
    provider.clock.advance(301);
    await signInFor(browser, "/account/security/password");
    await confirm(browser, page, app.code());
  },
  "with a sign-in that is not recent": async (provider) => {
    const browser = provider.browser();
    const page = await signInFor(browser, path);
    const app = scanned(provider, page);
    provider.clock.advance(300);
    const landing = await confirm(browser, page, app.code());
    assertEquals(landing.url.pathname, "/login");
  },
  "after the person was signed out everywhere": async (provider) => {
    const browser = provider.browser();
    const page = await signInFor(browser, path);
    await editUser(provider, "alice", { sessionEpoch: 2 });
    await confirm(browser, page, scanned(provider, page).code());
  },
  "without Origin": async (provider) => {
    const browser = provider.browser();
    const page = await signInFor(browser, path);
    const { response } = await browser.open(path, {
      method: "POST",
      headers: { origin: "null" },
      body: new URLSearchParams({ code: scanned(provider, page).code() }),
    });
    assertEquals(response.status, 400);
  },
};

for (const [what, attack] of Object.entries(attacks)) {
  Deno.test(`nobody sets up an app ${what}`, async () => {
    await using provider = await aProvider({ users: [alice, bob] });
    await attack(provider);
    for (const name of ["alice", "bob"]) {
      assertEquals((await provider.userOf(name)).user.totp, null, name);
    }
  });
}

Deno.test("one of 50 concurrent confirmations sets the app up", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  const app = scanned(provider, page);
  await Promise.all(Array.from({ length: 50 }, () => confirm(browser, page, app.code())));
  const added = (await auditTrail(provider)).filter(({ type }) => type === "totp_added");
  assertEquals(added.length, 1);
});

Deno.test("removing the app requires a recent sign-in with two factors", async () => {
  await using provider = await aProvider();
  const old = provider.browser();
  await signInFor(old, "/account/security/password"); // recent, but from before there was an app
  const app = await giveApp(provider);
  assertEquals((await old.open(removePath)).url.pathname, "/login");

  const browser = provider.browser();
  const page = await signInFor(browser, removePath, { app });
  assertStringIncludes(page.body, "Remove the authenticator app?");
  provider.clock.advance(300);
  const late = await submitTo(browser, page, removePath, {});
  assertEquals(late.url.pathname, "/login");
  assertNotEquals((await provider.userOf("alice")).user.totp, null);

  const again = await signInFor(browser, removePath, { app });
  const done = await submitTo(browser, again, removePath, {});
  assertEquals(done.url.pathname, "/account/security");
  assertEquals((await provider.userOf("alice")).user.totp, null);
  const removed = (await auditTrail(provider)).filter(({ type }) => type === "totp_removed");
  assertEquals(removed.length, 1);
  assertStringIncludes((await sentMails(provider))[0]?.subject ?? "", "was removed");
  assertEquals((await signInFor(provider.browser(), "/account")).url.pathname, "/account");
});

Deno.test("a session from before the app must show both factors, and returns to its page", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  await signInFor(browser, "/account/security/password");
  const app = await giveApp(provider);
  await giveRecoveryCodes(provider);
  const page = await signInFor(browser, path, { app });
  assertEquals(page.url.pathname, path);
  assertStringIncludes(page.body, "Your app is set up");
});
