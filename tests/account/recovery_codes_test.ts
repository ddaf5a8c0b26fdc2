import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { enterCode, giveApp, secondFactorPath, signInFor, submitTo } from "../support/factors.ts";
import type { Landing } from "../support/browser.ts";
import { sentMails } from "../support/mails.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, editUser, snapshot } from "../support/records.ts";

const path = "/account/security/recovery-codes";

function codesOn({ body }: Landing): string[] {
  return [...body.matchAll(/<code>([0-9a-z]{4}(?:-[0-9a-z]{4}){5})<\/code>/g)]
    .map(([, code = ""]) => code);
}

async function somebodyWithAnApp(provider: TestProvider) {
  const app = await giveApp(provider);
  const browser = provider.browser();
  const page = await signInFor(browser, path, { app });
  assertEquals(page.url.pathname, path);
  return { app, browser, page };
}

Deno.test("ten codes are shown once, stored only as digests, and reported by mail", async () => {
  await using provider = await aProvider();
  const { browser, page } = await somebodyWithAnApp(provider);
  const shown = await submitTo(browser, page, path, {});
  const codes = codesOn(shown);
  assertEquals(new Set(codes).size, 10);
  assert(!/[ilou]/.test(codes.join("")));
  assertEquals(shown.response.headers.get("cache-control"), "no-store");
  const file = /href="data:text\/plain[^,]*,([^"]+)"/.exec(shown.body)?.[1] ?? "";
  for (const code of codes) assertStringIncludes(decodeURIComponent(file), code);

  const later = await browser.open(path);
  assertEquals(codesOn(later), []);
  assertStringIncludes(later.body, "10 of 10 are left");
  const stored = JSON.stringify([...await snapshot(provider.backend)]);
  for (const code of codes) {
    assertEquals(stored.includes(code) || stored.includes(code.replaceAll("-", "")), false);
  }
  const made = (await auditTrail(provider)).filter(({ type }) => type === "recovery_codes_made");
  assertEquals(made.length, 1);
  assertStringIncludes((await sentMails(provider))[0]?.subject ?? "", "recovery codes");
});

Deno.test("new codes replace the earlier ones, and each signs in once", async () => {
  await using provider = await aProvider();
  const { browser, page } = await somebodyWithAnApp(provider);
  const [earlier = ""] = codesOn(await submitTo(browser, page, path, {}));
  const [one = "", two = ""] = codesOn(await submitTo(browser, page, path, {}));
  const statuses: Record<string, number> = {};
  for (const [what, code] of Object.entries({ earlier, one, again: one, two })) {
    const other = provider.browser();
    const asked = await signInFor(other, "/account");
    assertEquals(asked.url.pathname, secondFactorPath);
    statuses[what] = (await enterCode(other, asked, code)).response.status;
  }
  assertEquals(statuses, { earlier: 401, one: 200, again: 401, two: 200 });
  assertStringIncludes((await browser.open("/account/security")).body, "8 of 10 codes are left");
});

Deno.test("recovery codes require an app or a passkey", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await signInFor(browser, path);
  assertStringIncludes(page.body, "You need recovery codes only once");
  await editUser(provider, "alice", { passkeys: ["a-passkey"] });
  const useful = await browser.open(path);
  assertStringIncludes(useful.body, "You have no recovery codes yet");
  await editUser(provider, "alice", { passkeys: [] });
  const refused = await submitTo(browser, useful, path, {});
  assertEquals(codesOn(refused), []);
  assertEquals((await provider.userOf("alice")).user.recoveryCodes, null);
  await editUser(provider, "alice", { passkeys: ["a-passkey"] });
  assertEquals(codesOn(await submitTo(browser, useful, path, {})).length, 10);
});

Deno.test("creating codes requires a recent sign-in with all factors, and the form of the own page", async () => {
  await using provider = await aProvider();
  const { browser, page } = await somebodyWithAnApp(provider);
  const forged = new URLSearchParams({ form_token: "A".repeat(43) });
  const refused = await browser.open(path, { method: "POST", body: forged });
  assertEquals(refused.response.status, 400);
  const stranger = await submitTo(provider.browser(), page, path, {});
  assertEquals(stranger.response.status, 400);
  provider.clock.advance(300);
  assertEquals((await submitTo(browser, page, path, {})).url.pathname, "/login");
  assertEquals((await provider.userOf("alice")).user.recoveryCodes, null);
});

Deno.test("a reload of new codes that needs a newer sign-in comes back to the codes", async () => {
  await using provider = await aProvider();
  const { app, browser, page } = await somebodyWithAnApp(provider);
  const made = await submitTo(browser, page, path, {});
  provider.clock.advance(330);
  const login = await browser.open(made.url.pathname);
  assertEquals(login.url.pathname, "/login");
  const second = await browser.submit(login, { password: alice.password, username: "alice" });
  const again = await enterCode(browser, second, app.code());
  assertEquals([again.url.pathname, codesOn(again)], [made.url.pathname, codesOn(made)]);
});

Deno.test("new codes are shown again by a reload until they are kept, and only to this session", async () => {
  await using provider = await aProvider();
  const { browser, page } = await somebodyWithAnApp(provider);
  const made = await submitTo(browser, page, path, {});
  const address = made.url.pathname;
  assertEquals([address, made.response.status], [`${path}/new`, 200]);
  assertEquals(codesOn(made).length, 10);
  assertEquals(codesOn(await browser.open(address)), codesOn(made), "a reload shows the same");

  const stranger = provider.browser();
  stranger.cookies.set(
    "__Host-latchkey_recovery_codes",
    browser.cookies.get("__Host-latchkey_recovery_codes") ?? "",
  );
  assertEquals(codesOn(await signInFor(stranger, address)), []);

  assertEquals((await browser.open(`${path}/kept`)).url.pathname, "/account/security");
  const later = await browser.open(address);
  assertEquals([later.url.pathname, codesOn(later)], [path, []]);
});
