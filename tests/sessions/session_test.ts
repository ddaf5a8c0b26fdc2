import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import * as sessions from "../../stores/sessions.ts";
import {
  ask,
  bob,
  isSignedIn,
  outcomeAt,
  sessionCookie,
  signedInBrowser,
  signInAgain,
  submitLogin,
} from "../support/authorization.ts";
import { formOf } from "../support/browser.ts";
import { alice, aProvider } from "../support/provider.ts";
import { auditTrail, editUser } from "../support/records.ts";
import { signInOffline } from "../support/tokens.ts";

Deno.test("each sign-in changes the session's secret, and the old cookie is invalid", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const first = sessionCookie(browser);
  await signInAgain(provider, browser);
  const second = sessionCookie(browser);

  assertNotEquals(second, first);
  assertEquals(await isSignedIn(provider, first), false);
  assertEquals(await isSignedIn(provider, second), true);
});

Deno.test("a cookie that an attacker planted before the sign-in is useless after it", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const attacker = await signedInBrowser(provider, { user: bob });
  const planted = sessionCookie(attacker) ?? "";
  for (const value of ["", "x", `${planted.slice(0, -43)}${"A".repeat(43)}`, planted]) {
    assertEquals(await isSignedIn(provider, planted), true); // its id alone ends nothing
    const victim = provider.browser();
    victim.cookies.set("__Host-latchkey_session", value);
    await signInAgain(provider, victim);
    assertNotEquals(sessionCookie(victim), value);
    assertEquals(await isSignedIn(provider, sessionCookie(victim)), true);
  }
  assertEquals(await isSignedIn(provider, planted), false);
});

Deno.test("a cookie with exchanged ids is invalid", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const hers = sessionCookie(await signedInBrowser(provider))?.split(".") ?? [];
  const his = sessionCookie(await signedInBrowser(provider, { user: bob }))?.split(".") ?? [];
  for (const parts of [[his[0], hers[1], hers[2]], [hers[0], his[1], hers[2]], hers.toReversed()]) {
    assertEquals(await isSignedIn(provider, parts.join(".")), false);
  }
  assertEquals(await isSignedIn(provider, hers.join(".")), true);
});

Deno.test("a sign-in by another user ends the previous session of the browser", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const browser = await signedInBrowser(provider);
  const hers = sessionCookie(browser);
  await signInAgain(provider, browser, bob);
  assertEquals(await isSignedIn(provider, hers), false);
  assertEquals(await isSignedIn(provider, sessionCookie(browser)), true);
  const ended = (await auditTrail(provider)).filter(({ type }) => type === "session_ended");
  const { userId: bobsId } = await provider.userOf("bob");
  assertEquals(ended.map(({ reason, actor }) => [reason, actor]), [
    ["another_person", `person:${bobsId}`],
  ]);
});

Deno.test("the session cookie is only for this host, and hidden from scripts", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const { username, password } = alice;
  const body = new URLSearchParams({ ...formOf(page.body).hidden, username, password });
  const response = await browser.send("/login", { method: "POST", body });
  assertEquals(response.status, 303); // the browser must not post the password on
  const [cookie = ""] = response.headers.getSetCookie();
  assertMatch(cookie, /^__Host-latchkey_session=/);
  for (const attribute of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"]) {
    assert(cookie.includes(attribute), attribute);
  }
  assert(!cookie.includes("Domain"));
});

Deno.test("a session ends after its idle time, and in any case at its absolute end", async () => {
  await using provider = await aProvider({ lifetimes: { sessionIdle: 1000, sessionMax: 2500 } });
  const browser = await signedInBrowser(provider);
  const used: string[] = [];
  for (const wait of [900, 900, 600, 100]) {
    provider.clock.advance(wait);
    used.push(await outcomeAt(provider, browser, { prompt: "none" }));
  }
  assertEquals(used, ["code", "code", "code", "error login_required"]);

  const idle = await signedInBrowser(provider);
  provider.clock.advance(1000);
  assertEquals(await outcomeAt(provider, idle, { prompt: "none" }), "error login_required");
});

Deno.test("a suspension, and signing out everywhere, end all sessions of a user", async () => {
  await using provider = await aProvider();
  const changes = [{ status: "suspended" }, { sessionEpoch: 5 }, { epoch: 5 }] as const;
  for (const change of changes) {
    const browser = await signedInBrowser(provider);
    await editUser(provider, "alice", change);
    assertEquals(await outcomeAt(provider, browser, { prompt: "none" }), "error login_required");
    await editUser(provider, "alice", { status: "active" });
  }
});

Deno.test("a session restored by a signed-out tab replaces the other session", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const first = await ask(provider, { browser });
  await submitLogin(browser, first); // the consent page stays open
  await browser.submit(await browser.open("/logout"), {});
  await signInAgain(provider, browser);
  const second = sessionCookie(browser);

  await submitLogin(browser, first);
  assertEquals(await isSignedIn(provider, second), false);
  assertEquals(await isSignedIn(provider, sessionCookie(browser)), true);
});

Deno.test("a sign-in on a second device does not sign out the first one", async () => {
  await using provider = await aProvider();
  const phone = provider.browser();
  const tokens = await signInOffline(provider, { browser: phone });
  await signInOffline(provider);
  assertEquals(await isSignedIn(provider, sessionCookie(phone)), true);
  assertEquals((await provider.refresh(tokens.refresh_token)).status, 200);
});

Deno.test("a renewed session stays in its user's list until its own end", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  provider.clock.advance(86_000);
  await browser.signInAndAllow(provider.authorizeUrl({ parameters: { prompt: "login" } }), alice);
  const { userId } = await provider.userOf(alice.username);
  const { entries } = await provider.deps.kv.list({
    collection: sessions.byUser,
    prefix: [userId],
    limit: 10,
  });
  assertEquals(
    entries.map(({ value }) => value.expiresAt),
    [provider.clock.seconds() + provider.deps.config.lifetimes.sessionMax],
  );
});
