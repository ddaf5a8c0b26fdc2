import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Mailer, SentMail } from "../../src/deps/mailer.ts";
import { deliverMail } from "../../src/mail/deliver.ts";
import { aProvider } from "../support/provider.ts";

Deno.test("in development each mail can be read as text and as HTML", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const browser = provider.browser();
  assertStringIncludes((await browser.open("/dev/mail")).body, "No mail yet");
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });

  const { body } = await browser.open("/dev/mail");
  assertStringIncludes(body, "Choose a new password at op.example");
  assertStringIncludes(body, "https://op.example/password-reset/confirm?token=");
  const path = /href="(\/dev\/mail\/[^"]+)"/.exec(body)?.[1] ?? "";
  const { response, body: html } = await browser.open(path);
  const policy = response.headers.get("content-security-policy") ?? "";
  assert(policy.startsWith("default-src 'none'") && !policy.includes("script-src"), policy);
  const link = /href="https:\/\/op\.example([^"]+)"/.exec(html)?.[1]?.replaceAll("&#38;", "&");
  assertEquals((await browser.open(link ?? "")).response.status, 200);
  assertEquals((await browser.open("/dev/mail/unknown")).response.status, 404);
});

Deno.test("the page waits for a mail that the worker is sending just then", async () => {
  const [sending, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const sent: SentMail[] = [];
  const mailer: Mailer = {
    async send(mail) {
      sending.resolve();
      await gate.promise;
      sent.push({ ...mail, sentAt: 0 });
    },
    recent: () => sent,
  };
  await using provider = await aProvider({ config: { environment: "development" }, mailer });
  const browser = provider.browser();
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });
  const worker = deliverMail(provider.deps);
  await sending.promise;
  const page = browser.open("/dev/mail");
  // Long enough for a page that does not wait.
  await Promise.race([page, new Promise((resolve) => setTimeout(resolve, 50))]);
  gate.resolve();
  assertStringIncludes((await page).body, "Choose a new password");
  await worker;
});

Deno.test("in production there is no page with mails", async () => {
  await using provider = await aProvider();
  assertEquals((await provider.request("/dev/mail")).status, 404);
});
