import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Browser, Landing } from "../support/browser.ts";
import { aTelevision, beginDevice, typeCode } from "../support/devices.ts";
import { newestLink, sentMails } from "../support/mails.ts";
import { alice, aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";

/** A browser that prefers English, at the sign-in page of a client that asks for German. */
async function asked(options: ProviderOptions = {}) {
  const provider = await aProvider(options);
  const browser = provider.browser();
  const parameters = { ui_locales: "de" };
  const login = await browser.open(provider.authorizeUrl({ parameters }));
  assertEquals(languageOf(login), "de");
  /** Another page of the same request. */
  const open = (path: string) => browser.open(`${path}${login.url.search}`);
  return { provider, browser, login, open };
}

function languageOf({ body }: Landing): string | undefined {
  return /<html lang="(\w+)">/.exec(body)?.[1];
}

async function newestMailLanguage(provider: TestProvider): Promise<string | undefined> {
  const [mail] = await sentMails(provider);
  return /<html lang="(\w+)">/.exec(mail?.html ?? "")?.[1];
}

async function chooseEnglish(browser: Browser, page: Landing): Promise<Landing> {
  return await browser.open(`${page.url.pathname}${page.url.search}&set_language=en`);
}

Deno.test("a forgotten password is asked and mailed in the language that the client asks for", async () => {
  const { provider, browser, open } = await asked();
  await using _ = provider;
  const request = await open("/password-reset");
  assertEquals(languageOf(request), "de");
  assertEquals(languageOf(await browser.submit(request, { username: "" })), "de");

  const sent = await browser.submit(request, { username: "alice" });
  assertEquals([sent.url.pathname, languageOf(sent)], ["/password-reset/sent", "de"]);
  assertEquals(await newestMailLanguage(provider), "de");

  // In this browser the link goes on in the same language; in another one in its own.
  const link = await newestLink(provider);
  const choose = await browser.open(link);
  assertEquals(languageOf(choose), "de");
  assertEquals(languageOf(await provider.browser().open(link)), "en");
  const typed = { password: "a new and long password", password_repeat: "a new and long password" };
  await browser.submit(choose, typed);
  assertEquals(await newestMailLanguage(provider), "de", "the notice of the new password");
});

Deno.test("the links and codes of a sign-in by mail are in the language of the page", async () => {
  for (const way of ["link", "code"]) {
    const { provider, browser, open } = await asked();
    await using _ = provider;
    const sent = await browser.submit(await open("/magic-link"), {
      email: "alice@example.com",
      way,
    });
    assertEquals(languageOf(sent), "de", way);
    assertEquals(await newestMailLanguage(provider), "de", way);
    if (way === "link") {
      const link = await newestLink(provider);
      assertEquals(languageOf(await browser.open(link)), "de");
      assertEquals(languageOf(await provider.browser().open(link)), "en", "in another browser");
    }
  }
});

Deno.test("a new account is asked and mailed in the language that the client asks for", async () => {
  const { provider, browser, open } = await asked({ config: { signUp: "open" } });
  await using _ = provider;
  const sent = await browser.submit(await open("/sign-up"), { email: "new@example.com" });
  assertEquals([sent.url.pathname, languageOf(sent)], ["/sign-up/sent", "de"]);
  assertEquals(await newestMailLanguage(provider), "de");
  assertEquals(languageOf(await browser.open(await newestLink(provider))), "de");
});

Deno.test("a password that must be changed is changed in the language of the sign-in", async () => {
  const { provider, browser, login } = await asked();
  await using _ = provider;
  await editUser(provider, "alice", { mustChangePassword: true });
  const { username, password } = alice;
  const change = await browser.submit(login, { username, password });
  assertEquals([change.url.pathname, languageOf(change)], ["/password-reset/confirm", "de"]);
});

Deno.test("the language that a user chose is stronger than the client's, in mails too", async () => {
  const { provider, browser, open } = await asked();
  await using _ = provider;
  const before = await open("/magic-link");
  const after = await chooseEnglish(browser, before);
  for (const request of [after, before]) {
    const sent = await browser.submit(request, { email: "alice@example.com", way: "code" });
    assertEquals(languageOf(sent), "en");
    assertEquals(await newestMailLanguage(provider), "en");
  }
});

Deno.test("an unknown language in a form is ignored", async () => {
  const { provider, browser, open } = await asked();
  await using _ = provider;
  const request = await open("/magic-link");
  const fields = { email: "alice@example.com", way: "code", language: "__proto__" };
  assertEquals((await browser.submit(request, fields)).url.pathname, "/magic-link/sent");
  assertEquals(await newestMailLanguage(provider), "en");
});

Deno.test("the answer about a device is in the language that its client asks for", async () => {
  await using provider = await aProvider({ clients: [aTelevision()] });
  const { user_code } = await beginDevice(provider, "tv", { ui_locales: "de" });
  const browser = provider.browser();
  const page = await typeCode(browser, user_code);
  assertEquals(languageOf(page), "de");
  const done = await browser.submit(page, { decision: "allow" });
  assertStringIncludes(done.url.pathname, "/device/confirm");
  assertEquals(languageOf(done), "de");
});
