import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { decodeJwt } from "jose";
import { strings } from "../../../src/language/languages.ts";
import {
  ask,
  bob,
  codeAt,
  isSignedIn,
  outcomeOf,
  sessionCookie,
  submitLogin,
} from "../../support/authorization.ts";
import { type Browser, formOf, type Landing } from "../../support/browser.ts";
import { aClient } from "../../support/clients.ts";
import {
  type AuthenticatorApp,
  enterCode,
  giveApp,
  giveRecoveryCodes,
  secondFactorPath,
  signInFor,
  submitTo,
} from "../../support/factors.ts";
import { sentMails } from "../../support/mails.ts";
import {
  inPage,
  requestOptions,
  sendCredential,
  usePasskey,
  withPasskey,
} from "../../support/passkeys.ts";
import { alice, aProvider, type TestProvider } from "../../support/provider.ts";
import { auditTrail, editUser } from "../../support/records.ts";
import { tokensOf, userinfo } from "../../support/tokens.ts";

/** A browser whose person has typed the right password, and is asked for a code. */
async function aHalfSignedIn(provider: TestProvider, browser = provider.browser()) {
  const page = await submitLogin(browser, await ask(provider, { browser }));
  assertEquals(page.url.pathname, secondFactorPath);
  return { browser, page };
}

/** A code of nobody's app, whatever the time. */
function wrongCode(app: AuthenticatorApp): string {
  const right = [-30, 0, 30].map((seconds) => app.code(seconds));
  return ["000000", "111111", "222222", "333333"].find((code) => !right.includes(code)) ?? "";
}

async function idTokenAt(provider: TestProvider, landing: Landing, browser: Browser) {
  const end = landing.url.pathname === "/consent"
    ? await browser.submit(landing, { decision: "allow" })
    : landing;
  const { id_token } = await tokensOf(await provider.exchange(codeAt(end)));
  const { acr, amr, auth_time } = decodeJwt(id_token);
  return { acr, amr, auth_time };
}

Deno.test("with an app, a sign-in needs the password and a code, and amr has both", async () => {
  await using provider = await aProvider();
  const app = await giveApp(provider);
  const { browser, page } = await aHalfSignedIn(provider);
  assertEquals(sessionCookie(browser), undefined);
  const landing = await enterCode(browser, page, app.code());
  assertEquals(await idTokenAt(provider, landing, browser), {
    acr: "urn:latchkey:acr:2fa",
    amr: ["pwd", "otp", "mfa"],
    auth_time: provider.clock.seconds(),
  });
  const types = (await auditTrail(provider)).map(({ type, reason }) => `${type} ${reason}`);
  assert(types.includes("first_factor_passed pwd"));
  assert(types.includes("signed_in pwd otp mfa"));
});

Deno.test("a code is accepted in its own time step and one on each side, once, and never an earlier one", async () => {
  await using provider = await aProvider();
  const app = await giveApp(provider);
  const tries: [seconds: number, taken: boolean][] = [
    [60, false],
    [-60, false],
    [-30, true],
    [-30, false], // used
    [30, true],
    [0, false], // before the one that was used last
    [30, false],
  ];
  for (const [seconds, taken] of tries) {
    const { browser, page } = await aHalfSignedIn(provider);
    const landing = await enterCode(browser, page, app.code(seconds));
    assertEquals(landing.response.status, taken ? 200 : 401, `${seconds}`);
    assertEquals(sessionCookie(browser) !== undefined, taken, `${seconds}`);
  }
});

Deno.test("codes are accepted in any spelling that people type", async () => {
  await using provider = await aProvider();
  const app = await giveApp(provider);
  const recoveryCodes = await giveRecoveryCodes(provider);
  const typed = [
    app.code().replace(/^.../, "$& "),
    ` ${recoveryCodes[0]} `,
    recoveryCodes[1]?.toUpperCase() ?? "",
    recoveryCodes[2]?.replaceAll("-", "") ?? "",
    recoveryCodes[3]?.replaceAll("0", "O").replaceAll("1", "l").replaceAll("-", " ") ?? "",
  ];
  for (const code of typed) {
    const { browser, page } = await aHalfSignedIn(provider);
    await enterCode(browser, page, code);
    assertNotEquals(sessionCookie(browser), undefined, code);
  }
});

Deno.test("one of 50 concurrent uses of one code signs in", async () => {
  await using provider = await aProvider();
  const app = await giveApp(provider);
  const recoveryCodes = await giveRecoveryCodes(provider);
  for (const code of [app.code(), recoveryCodes[0] ?? ""]) {
    const half = await Promise.all(Array.from({ length: 50 }, () => aHalfSignedIn(provider)));
    const landings = await Promise.all(
      half.map(({ browser, page }) => enterCode(browser, page, code)),
    );
    const signedIn = half.filter(({ browser }) => sessionCookie(browser) !== undefined);
    assertEquals(signedIn.length, 1, code);
    assertEquals(landings.filter(({ response }) => response.status === 401).length, 49);
  }
  const { user } = await provider.userOf("alice");
  assertEquals(user.recoveryCodes?.digests.length, 9);
});

Deno.test("a wrong code is reported and audited, and the first factor stays", async () => {
  await using provider = await aProvider();
  const app = await giveApp(provider);
  await giveRecoveryCodes(provider);
  const { browser, page } = await aHalfSignedIn(provider);
  for (const code of [wrongCode(app), "12345", "zzzzz-zzzzz-zzzzz", "x".repeat(64), "__proto__"]) {
    const { response, body } = await enterCode(browser, page, code);
    assertEquals(response.status, 401, code);
    assertStringIncludes(body, "There is a problem");
  }
  for (const code of ["", " ", "x".repeat(65)]) {
    assertEquals((await enterCode(browser, page, code)).response.status, 400, code);
  }
  const failed = (await auditTrail(provider)).filter(({ type }) => type === "sign_in_failed");
  assertEquals(failed.map(({ reason, actor }) => `${reason} ${actor}`).sort(), [
    "otp anonymous",
    ...Array(4).fill("recovery_code anonymous"),
  ]);
  assertEquals(outcomeOf(await enterCode(browser, page, app.code())), "consent");
});

Deno.test("a recovery code replaces the app once, is in amr, and is reported to the user by mail", async () => {
  await using provider = await aProvider();
  await giveApp(provider);
  const [code = ""] = await giveRecoveryCodes(provider);
  const { browser, page } = await aHalfSignedIn(provider);
  const other = await browser.open(`${secondFactorPath}${page.url.search}&with=recovery-code`);
  assertStringIncludes(other.body, "Recovery code");
  const landing = await enterCode(browser, other, code);
  assertEquals(await idTokenAt(provider, landing, browser), {
    acr: "urn:latchkey:acr:2fa",
    amr: ["pwd", "recovery_code", "mfa"],
    auth_time: provider.clock.seconds(),
  });
  const { user } = await provider.userOf("alice");
  assertEquals(user.recoveryCodes?.digests.length, 9);
  const used = (await auditTrail(provider)).filter(({ type }) => type === "recovery_code_used");
  assertEquals(used.length, 1);
  const [mail] = await sentMails(provider);
  assertStringIncludes(mail?.subject ?? "", "recovery code");

  const again = await aHalfSignedIn(provider);
  assertEquals((await enterCode(again.browser, again.page, code)).response.status, 401);
});

Deno.test("a sign-in with an app's code in another place changes no other session", async () => {
  await using provider = await aProvider();
  const told = async () => {
    const { access_token } = await tokensOf(await provider.exchange(await provider.authorize()));
    return (await (await userinfo(provider, access_token)).json()).updated_at;
  };
  const before = await told();
  provider.clock.advance(1000);
  const app = await giveApp(provider);
  const { browser, page } = await aHalfSignedIn(provider);
  await enterCode(browser, page, app.code());
  assertNotEquals(sessionCookie(browser), undefined);
  await editUser(provider, "alice", { totp: null });
  assertEquals(await told(), before);
});

Deno.test("another user's code is refused", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  await giveApp(provider);
  const bobsApp = await giveApp(provider, "bob");
  await giveRecoveryCodes(provider);
  const [bobsCode = ""] = await giveRecoveryCodes(provider, "bob");
  const { browser, page } = await aHalfSignedIn(provider);
  for (const code of [bobsApp.code(), bobsCode]) {
    assertEquals((await enterCode(browser, page, code)).response.status, 401);
  }
  assertEquals(sessionCookie(browser), undefined);
});

/** What there is between the first factor and the right code, and that nobody gets in by it. */
const skips: Record<
  string,
  (provider: TestProvider, half: { browser: Browser; page: Landing }) => Promise<{
    browser: Browser;
    page: Landing;
  }>
> = {
  "without the first factor": async (provider) => {
    const browser = provider.browser();
    const login = await ask(provider, { browser });
    return { browser, page: { ...login, body: asSecondFactorForm(login.body) } };
  },
  "from another browser": (provider, { page }) =>
    Promise.resolve({ browser: provider.browser(), page }),
  "for another request of the same browser": async (provider, { browser }) => {
    const login = await ask(provider, { browser });
    return { browser, page: { ...login, body: asSecondFactorForm(login.body) } };
  },
  "with another request's id in the form": async (provider, { browser, page }) => {
    const login = await ask(provider, { browser });
    const own = page.url.searchParams.get("interaction") ?? "";
    const others = login.url.searchParams.get("interaction") ?? "";
    return { browser, page: { ...page, body: page.body.replaceAll(own, others) } };
  },
  "ten minutes later": (provider, half) => {
    provider.clock.advance(600);
    return Promise.resolve(half);
  },
  "after a suspension": async (provider, half) => {
    await editUser(provider, "alice", { status: "suspended" });
    return half;
  },
  "after a password reset": async (provider, half) => {
    const { user } = await provider.userOf("alice");
    await editUser(provider, "alice", { epoch: user.epoch + 1 });
    return half;
  },
  "after somebody has begun anew": async (_, half) => {
    const { browser, page } = half;
    const login = await submitTo(browser, page, `${secondFactorPath}/restart`, {});
    assertEquals(login.url.pathname, "/login");
    return half;
  },
};

function asSecondFactorForm(login: string): string {
  return login.replaceAll('action="/login"', `action="${secondFactorPath}"`);
}

for (const [what, skip] of Object.entries(skips)) {
  Deno.test(`the second factor signs nobody in ${what}`, async () => {
    await using provider = await aProvider();
    const app = await giveApp(provider);
    const half = await aHalfSignedIn(provider);
    const { browser, page } = await skip(provider, half);
    const landing = await enterCode(browser, page, app.code());
    assertEquals(sessionCookie(browser), undefined);
    assert(["/login", secondFactorPath].includes(landing.url.pathname));
    assertNotEquals(outcomeOf(landing), "consent");
    // The code was not even looked at: it is still good.
    const { user } = await provider.userOf("alice");
    assertEquals(user.totp?.lastStep, 0);
  });
}

Deno.test("the page is refused without Origin and without its token", async () => {
  await using provider = await aProvider();
  const app = await giveApp(provider);
  const { browser, page } = await aHalfSignedIn(provider);
  const interaction = page.url.searchParams.get("interaction") ?? "";
  for (const path of [secondFactorPath, `${secondFactorPath}/restart`]) {
    const forged = { interaction, code: app.code(), form_token: "A".repeat(43) };
    const landing = await browser.open(path, { method: "POST", body: new URLSearchParams(forged) });
    assertEquals(outcomeOf(landing), "page invalid_request");
  }
  const foreign = await browser.open(secondFactorPath, {
    method: "POST",
    headers: { origin: "https://evil.example" },
    body: new URLSearchParams({ interaction, code: app.code() }),
  });
  assertEquals(outcomeOf(foreign), "page invalid_request");
  assertEquals(outcomeOf(await enterCode(browser, page, app.code())), "consent");
});

Deno.test("a user without a second factor is no longer asked for one", async () => {
  await using provider = await aProvider();
  await giveApp(provider);
  const { browser, page } = await aHalfSignedIn(provider);
  await editUser(provider, "alice", { totp: null });
  const login = await browser.open(`${secondFactorPath}${page.url.search}`);
  assertEquals(login.url.pathname, "/login");
  assertEquals(outcomeOf(await submitLogin(browser, login)), "consent");
});

Deno.test("a code that is sent twice by a double click signs in, and both lead to the same page", async () => {
  await using provider = await aProvider();
  const app = await giveApp(provider);
  const { browser, page } = await aHalfSignedIn(provider);
  await Promise.all([1, 2].map(() => enterCode(browser, page, app.code())));
  assertEquals(await isSignedIn(provider, sessionCookie(browser)), true);
  const resumed = await browser.open(`/authorize/resume${page.url.search}`);
  assertEquals(outcomeOf(resumed), "consent");
});

Deno.test("a password reset leaves the app in place", async () => {
  await using provider = await aProvider();
  await giveApp(provider);
  const browser = provider.browser();
  const page = await browser.open("/password-reset");
  await browser.submit(page, { username: "alice" });
  const [mail] = await sentMails(provider);
  const link = mail?.text.match(/https:\/\/op\.example(\/password-reset\/confirm\S+)/)?.[1] ?? "";
  const password = "a quite new password";
  await browser.submit(await browser.open(link), { password, password_repeat: password });
  const login = await ask(provider, { browser });
  const next = await submitLogin(browser, login, { ...alice, password });
  assertEquals(next.url.pathname, secondFactorPath);
});

Deno.test("a user who lost their passkey can step up by a recovery code, if two factors are enough", async () => {
  const shop = aClient("shop", { skip_consent: true });
  await using provider = await aProvider({ clients: [shop] });
  const browser = provider.browser();
  await signInFor(browser, "/account");
  const signedInAt = provider.clock.seconds();
  provider.clock.advance(100);
  const [code = ""] = await giveRecoveryCodes(provider);
  await editUser(provider, "alice", { passkeys: ["a-lost-one"] });

  const phr = await ask(provider, { browser, parameters: { acr_values: "phr" } });
  const none = await browser.open(`${secondFactorPath}${phr.url.search}`);
  assertNotEquals(none.url.pathname, secondFactorPath);

  const parameters = { acr_values: "urn:latchkey:acr:2fa" };
  const { url } = await ask(provider, { browser, parameters });
  const page = await browser.open(`${secondFactorPath}${url.search}`);
  assertStringIncludes(page.body, "Enter one of your recovery codes.");
  assertEquals((await enterCode(browser, page, "123456")).response.status, 401);
  const landing = await enterCode(browser, page, code);
  assertEquals(await idTokenAt(provider, landing, browser), {
    acr: "urn:latchkey:acr:2fa",
    amr: ["pwd", "recovery_code", "mfa"],
    auth_time: signedInAt,
  });

  await editUser(provider, "alice", { recoveryCodes: { digests: [], createdAt: 1 } });
  const other = provider.browser();
  await signInFor(other, "/account");
  const again = await ask(provider, { browser: other, parameters });
  const nothing = await other.open(`${secondFactorPath}${again.url.search}`);
  assertNotEquals(nothing.url.pathname, secondFactorPath);
});

Deno.test("a sign-in by one user does not refresh another user's auth_time", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const browser = provider.browser();
  await signInFor(browser, "/account");
  const cookie = sessionCookie(browser) ?? "";
  const app = await giveApp(provider);
  provider.clock.advance(200);
  const claims = JSON.stringify({
    id_token: { acr: { essential: true, value: "urn:latchkey:acr:2fa" } },
  });
  const { username, password } = bob;
  // Somebody at alice's browser keeps her session, signs in as bob, and comes back as her.
  browser.cookies.delete("__Host-latchkey_session");
  const page = await ask(provider, { browser, parameters: { max_age: "300", claims } });
  const body = new URLSearchParams({ ...formOf(page.body).hidden, username, password });
  assertEquals((await browser.send("/login", { method: "POST", body })).status, 303);
  browser.cookies.set("__Host-latchkey_session", cookie);
  const step = await browser.open(`/login${page.url.search}`);
  const consent = await enterCode(browser, step, app.code());
  assertEquals(outcomeOf(consent), "consent");

  provider.clock.advance(101);
  assertEquals(outcomeOf(await browser.submit(consent, { decision: "allow" })), "login");
});

Deno.test("a user who lost the app can use a passkey where its code is asked for", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  await giveApp(provider);
  const { browser, page } = await aHalfSignedIn(provider);
  assertStringIncludes(page.body, "Use a passkey instead");
  assertMatch(page.body, /<div id="passkey" hidden/, "without a script it is not to be seen");
  const options = await requestOptions(browser, page);
  assertEquals([options.userVerification, options.allowCredentials], ["required", undefined]);

  // One that has not verified the person is no more than they have shown already.
  const unverified = await authenticator.get(options, { userVerified: false });
  const again = await sendCredential(browser, page, unverified);
  assertEquals([again.url.pathname, again.response.status], ["/login/second-factor", 401]);
  assertStringIncludes(again.body, inPage(strings("en").passkeys.refused.passkey_unverified));
  assertStringIncludes(again.body, "second-factor-submit");
  assertEquals(sessionCookie(browser), undefined);

  const landing = await usePasskey(browser, again, authenticator);
  const { acr, amr } = await idTokenAt(provider, landing, browser);
  assertEquals([acr, amr], ["phr", ["hwk", "user", "mfa"]]);
});

Deno.test("a signed-in user who lost the app can step up with their own passkey", async () => {
  const shop = aClient("shop", { skip_consent: true });
  await using provider = await aProvider({ clients: [shop], users: [alice, bob] });
  const authenticator = await withPasskey(provider);
  const browser = provider.browser();
  await signInFor(browser, "/account");
  await giveApp(provider);
  const parameters = { acr_values: "urn:latchkey:acr:2fa" };
  const page = await ask(provider, { browser, parameters });
  assertEquals(page.url.pathname, secondFactorPath);
  const { allowCredentials = [] } = await requestOptions(browser, page);
  assertEquals(allowCredentials.map(({ id }) => id), authenticator.credentials.map(({ id }) => id));
  const landing = await usePasskey(browser, page, authenticator);
  const { acr, amr } = await idTokenAt(provider, landing, browser);
  assertEquals([acr, amr], ["urn:latchkey:acr:2fa", ["hwk", "user", "mfa"]]);
});

Deno.test("a user without a passkey is offered none beside the code", async () => {
  await using provider = await aProvider();
  await giveApp(provider);
  const { page } = await aHalfSignedIn(provider);
  assert(!/passkey/i.test(page.body.replace(/<footer[\s\S]*/, "")), page.body);
});

Deno.test("the page about account recovery is the same for everybody, in the browser that signs in", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const login = await ask(provider, { browser });
  const link = /href="(\/login\/help[^"]*)"/.exec(login.body)?.[1] ?? "";
  const help = await browser.open(link);
  assertStringIncludes(help.body, "Your authenticator app is lost");
  assertStringIncludes(help.body, `/login${login.url.search}`);
  assertEquals((await provider.browser().open(link)).response.status, 400);
});
