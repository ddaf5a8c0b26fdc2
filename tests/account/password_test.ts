import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { isSignedIn, sessionCookie } from "../support/authorization.ts";
import type { Browser, Landing } from "../support/browser.ts";
import { giveApp, signInFor, submitTo } from "../support/factors.ts";
import { sentMails } from "../support/mails.ts";
import { alice, aProvider } from "../support/provider.ts";
import { auditTrail, editUser } from "../support/records.ts";
import { answerOf, signInOffline, userinfo } from "../support/tokens.ts";

const path = "/account/security/password";
const removePath = `${path}/remove`;
const next = "a brand new password";

function change(browser: Browser, page: Landing, fields: Record<string, string> = {}) {
  return submitTo(browser, page, path, {
    current_password: alice.password,
    password: next,
    password_repeat: next,
    ...fields,
  });
}

async function types(provider: Parameters<typeof auditTrail>[0]) {
  return (await auditTrail(provider)).map(({ type }) => type);
}

Deno.test("a changed password ends everything except this session, which gets a new cookie", async () => {
  await using provider = await aProvider();
  const tokens = await signInOffline(provider);
  const elsewhere = provider.browser();
  await signInFor(elsewhere, "/account");
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  const before = sessionCookie(browser);

  const done = await change(browser, page);
  assertStringIncludes(done.body, "Your password is set.");
  assertEquals(await isSignedIn(provider, before), false);
  assertEquals(await isSignedIn(provider, sessionCookie(browser)), true);
  assertEquals(await isSignedIn(provider, sessionCookie(elsewhere)), false);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertEquals(await answerOf(await provider.refresh(tokens.refresh_token)), "400 invalid_grant");
  assertEquals((await types(provider)).includes("password_changed"), true);
  assertStringIncludes((await sentMails(provider))[0]?.subject ?? "", "was changed");

  const old = await signInFor(provider.browser(), "/account");
  assertEquals([old.url.pathname, old.response.status], ["/login", 401]);
  const fresh = await signInFor(provider.browser(), "/account", {
    person: { ...alice, password: next },
  });
  assertEquals(fresh.url.pathname, "/account");
});

Deno.test("an invalid password change shows the error and changes nothing", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  const cases: [fields: Record<string, string>, status: number, says: string][] = [
    [{ current_password: "not it" }, 401, "That is not your current password"],
    [{ current_password: "" }, 401, "That is not your current password"],
    [{ current_password: "x".repeat(5000) }, 401, "That is not your current password"],
    [{ password: "short", password_repeat: "short" }, 400, "8 to 128 characters"],
    [{ password: "x".repeat(129), password_repeat: "x".repeat(129) }, 400, "8 to 128 characters"],
    [{ password: "Password1", password_repeat: "Password1" }, 400, "is easy to guess"],
    [{ password_repeat: "another one" }, 400, "the same password both times"],
    [{ password: "" }, 400, "8 to 128 characters"],
  ];
  for (const [fields, status, says] of cases) {
    const { response, body } = await change(browser, page, fields);
    assertEquals(response.status, status, JSON.stringify(fields));
    assertStringIncludes(body, says);
  }
  assertEquals((await types(provider)).includes("password_changed"), false);
  assertEquals((await signInFor(provider.browser(), "/account")).url.pathname, "/account");
});

Deno.test("a user without a password can set one without entering a current one", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  await editUser(provider, "alice", { passwordHash: null, passkeys: ["a-passkey"] });
  const set = await browser.open(path);
  assertStringIncludes(set.body, "Set the password");
  const { response } = await submitTo(browser, page, path, {
    password: next,
    password_repeat: next,
  });
  assertEquals(response.status, 200);
  const fresh = await signInFor(provider.browser(), "/account", {
    person: { ...alice, password: next },
  });
  assertEquals(fresh.url.pathname, "/account");
});

Deno.test("the password can be removed only if a passkey is left", async () => {
  await using provider = await aProvider();
  const elsewhere = provider.browser();
  await signInFor(elsewhere, "/account");
  const browser = provider.browser();
  const only = await signInFor(browser, path);
  assertStringIncludes(only.body, "as soon as you have a passkey");
  assertEquals((await browser.open(removePath)).url.pathname, path);

  await editUser(provider, "alice", { passkeys: ["a-passkey"] });
  const question = await browser.open(removePath);
  await editUser(provider, "alice", { passkeys: [] });
  await submitTo(browser, question, removePath, {});
  assertNotEquals((await provider.userOf("alice")).user.passwordHash, null);

  await editUser(provider, "alice", { passkeys: ["a-passkey"] });
  const done = await submitTo(browser, question, removePath, {});
  assertEquals(done.url.pathname, "/account/security");
  assertEquals((await provider.userOf("alice")).user.passwordHash, null);
  assertEquals(await isSignedIn(provider, sessionCookie(elsewhere)), false);
  assertEquals((await types(provider)).filter((type) => type === "password_removed").length, 1);
  assertStringIncludes((await sentMails(provider))[0]?.subject ?? "", "was removed");
});

Deno.test("one of two concurrent removals of the passkey and the password is refused", async () => {
  await using provider = await aProvider();
  await editUser(provider, "alice", { passkeys: ["a-passkey"] });
  const browser = provider.browser();
  const question = await signInFor(browser, removePath);
  // What removing the last passkey does: on the condition that a password is there.
  await Promise.all([submitTo(browser, question, removePath, {}), removeLastPasskey(provider)]);
  const { user } = await provider.userOf("alice");
  assertEquals(user.passwordHash !== null || user.passkeys.length > 0, true);
});

async function removeLastPasskey(provider: Parameters<typeof auditTrail>[0]) {
  const { userId } = await provider.userOf("alice");
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { found } = await tx.read({ found: users.ref(userId) });
    if (found.value === null || found.value.passwordHash === null) return;
    users.replace(tx, found, { passkeys: [] });
  });
}

Deno.test("changing or removing the password requires a recent sign-in with all factors", async () => {
  await using provider = await aProvider();
  await editUser(provider, "alice", { passkeys: ["a-passkey"] });
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  const question = await browser.open(removePath);
  provider.clock.advance(300);
  for (const [action, form] of [[path, page], [removePath, question]] as const) {
    const fields = { current_password: alice.password, password: next, password_repeat: next };
    const landing = await submitTo(browser, form, action, fields);
    assertEquals(landing.url.pathname, "/login");
  }
  await signInFor(browser, path);
  await giveApp(provider);
  assertEquals((await browser.open(path)).url.pathname, "/login");
  const forged = new URLSearchParams({ form_token: "A".repeat(43), password: next });
  for (const action of [path, removePath]) {
    const { response } = await browser.open(action, { method: "POST", body: forged });
    assertEquals(response.status, 400);
  }
  assertEquals((await types(provider)).some((type) => type.startsWith("password_")), false);
});

Deno.test("one of 50 concurrent changes with one current password succeeds", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  await Promise.all(Array.from({ length: 50 }, (_, i) => {
    const password = `a brand new password ${i}`;
    return change(browser, page, { password, password_repeat: password });
  }));
  assertEquals((await types(provider)).filter((type) => type === "password_changed").length, 1);
});
