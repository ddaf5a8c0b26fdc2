import { assertEquals } from "@std/assert";
import { ask, outcomeOf, submitLogin } from "../support/authorization.ts";
import { newestLink } from "../support/mails.ts";
import { aProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";

/** Takes out of a record of version 2 what version 1 did not have. */
function asVersion1(stored: unknown, added: readonly string[]): unknown {
  const { record } = stored as { record: Record<string, unknown> };
  const kept = Object.entries(record).filter(([name]) => !added.includes(name));
  return { version: 1, record: Object.fromEntries(kept) };
}

const added = {
  users: ["passkeys", "totp", "recoveryCodes"],
  interactions: ["returnTo", "hintedSubject", "firstFactor"],
  challenges: ["provenBy", "newUserId"],
};

Deno.test("users, pending requests and challenges of the previous release can be read and used", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const login = await ask(provider, { browser });
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });
  for (const [name, stored] of await snapshot(provider.backend)) {
    const key: Deno.KvKey = JSON.parse(name);
    const members = added[String(key[0]) as keyof typeof added];
    if (members === undefined) continue;
    const value = asVersion1(stored, members);
    await provider.backend.commit({ checks: [], mutations: [{ type: "set", key, value }] });
  }
  const reset = await browser.open(await newestLink(provider));
  assertEquals(reset.response.status, 200);
  assertEquals(outcomeOf(await submitLogin(browser, login)), "consent");
  const { user } = await provider.userOf("alice");
  assertEquals([user.passkeys, user.totp, user.recoveryCodes], [[], null, null]);
});
