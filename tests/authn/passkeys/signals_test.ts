import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { outcomeOf, sessionCookie } from "../../support/authorization.ts";
import { enterCode, giveApp, secondFactorPath } from "../../support/factors.ts";
import { sentMails } from "../../support/mails.ts";
import { signInWithPasskey, withPasskey } from "../../support/passkeys.ts";
import { aProvider, type TestProvider } from "../../support/provider.ts";
import { auditTrail } from "../../support/records.ts";
import { passkeysOf } from "./records.ts";

async function typesOf(provider: TestProvider, pattern: RegExp): Promise<string[]> {
  return (await auditTrail(provider)).map(({ type }) => type).filter((type) => pattern.test(type));
}

async function subjectsOf(provider: TestProvider, pattern: RegExp): Promise<string[]> {
  return (await sentMails(provider)).map(({ subject }) => subject).filter((one) =>
    pattern.test(one)
  );
}

Deno.test("a synced passkey whose counter lags signs in: it is audited, and told once a month", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider, { synced: true });
  for (let n = 0; n < 3; n++) await signInWithPasskey(provider, authenticator);
  for (const counter of [2, 2, 1]) {
    const landing = await signInWithPasskey(provider, authenticator, { ways: { counter } });
    assertEquals(outcomeOf(landing), "consent", `${counter}`);
  }
  const [passkey] = await passkeysOf(provider);
  const { counter, counterLaggedAt, copySuspectedAt } = passkey ?? {};
  assertEquals([counter, counterLaggedAt, copySuspectedAt], [1, provider.clock.seconds(), null]);
  assertEquals((await typesOf(provider, /^passkey_counter/)).length, 3);
  assertEquals((await subjectsOf(provider, /counted backwards/)).length, 1);
  provider.clock.advance(30 * 24 * 60 * 60);
  await signInWithPasskey(provider, authenticator, { ways: { counter: 1 } });
  assertEquals((await subjectsOf(provider, /counted backwards/)).length, 2);
});

Deno.test("a synced passkey whose counter lags asks for the code of an app, where there is one", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider, { synced: true });
  await signInWithPasskey(provider, authenticator);
  const app = await giveApp(provider);
  const { browser, ...page } = await signInWithPasskey(provider, authenticator, {
    ways: { counter: 1 },
  });
  assertEquals(page.url.pathname, secondFactorPath);
  assertEquals(sessionCookie(browser), undefined);
  assertEquals(outcomeOf(await enterCode(browser, page, app.code())), "consent");
  // The next signature counts on from there.
  const next = await signInWithPasskey(provider, authenticator, { ways: { counter: 2 } });
  assertEquals(outcomeOf(next), "consent");
});

Deno.test("a passkey that becomes syncable signs in, as the platform's, and its owner is told", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider, { synced: false });
  const ways = { backupEligible: true };
  assertEquals(outcomeOf(await signInWithPasskey(provider, authenticator, { ways })), "consent");
  assertEquals((await passkeysOf(provider))[0]?.deviceType, "multiDevice");
  assertEquals(await typesOf(provider, /^passkey_became/), ["passkey_became_syncable"]);
  const [subject = ""] = await subjectsOf(provider, /can be synced/);
  assertMatch(subject, /passkey/);
  assertStringIncludes((await sentMails(provider))[0]?.text ?? "", "alice");
  // From here on it is held to that.
  const back = await signInWithPasskey(provider, authenticator, {
    ways: { backupEligible: false },
  });
  assertEquals(back.response.status, 401);
});

Deno.test("a passkey that could be synced and cannot any more is refused", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider, { synced: true });
  const refused = await signInWithPasskey(provider, authenticator, {
    ways: { backupEligible: false },
  });
  assertEquals([refused.response.status, sessionCookie(refused.browser)], [401, undefined]);
});
