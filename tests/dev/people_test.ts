import { assertEquals, assertStringIncludes } from "@std/assert";
import { developmentPeople, ensureDevelopment, shownPeople } from "../../src/boot/development.ts";
import { createApp } from "../../routes/app.ts";
import { newBrowser } from "../support/browser.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { editUser } from "../support/records.ts";

async function aDevelopmentServer() {
  const provider = await aProvider({ users: [], config: { environment: "development" } });
  await ensureDevelopment(provider.deps);
  const app = createApp(provider.deps);
  const send = async (path: string, init?: RequestInit) =>
    await app.fetch(new Request(new URL(path, issuer), init), { remoteAddress: "192.0.2.1" });
  return { provider, browser: newBrowser(send, issuer) };
}

Deno.test("a development server shows its users with their current passwords", async () => {
  const { provider, browser } = await aDevelopmentServer();
  await using _ = provider;
  const [alice, bob] = developmentPeople;
  const first = await browser.open("/");
  for (const person of [alice, bob]) assertStringIncludes(first.body, person?.password ?? "none");

  await editUser(provider, "alice", {
    passwordHash: await provider.deps.passwordHasher.hash("another one"),
  });
  await editUser(provider, "bob", { passwordHash: null });
  assertEquals(await shownPeople(provider.deps), [
    { username: "alice", password: { kind: "changed" } },
    { username: "bob", password: { kind: "none" } },
  ]);
  const { body } = await browser.open("/");
  for (const person of [alice, bob]) assertEquals(body.includes(person?.password ?? "none"), false);
  assertStringIncludes(body, "no password");
});

Deno.test("a development server shows the times of its mails, with clickable links", async () => {
  const { provider, browser } = await aDevelopmentServer();
  await using _ = provider;
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });
  const { body } = await browser.open("/dev/mail");
  const [, link = ""] = /<a href="([^"]+\/password-reset\/confirm[^"]+)"/.exec(body) ?? [];
  assertStringIncludes(body, "<time datetime=");
  assertEquals((await browser.open(link.slice(issuer.length))).response.status, 200);
});
