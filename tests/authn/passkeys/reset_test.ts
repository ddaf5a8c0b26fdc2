import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { anAuthenticator } from "../../support/authenticator.ts";
import {
  ask,
  isSignedIn,
  outcomeOf,
  sessionCookie,
  signedInBrowser,
  submitLogin,
} from "../../support/authorization.ts";
import type { Browser, Landing } from "../../support/browser.ts";
import { giveApp } from "../../support/factors.ts";
import { newestLink, sentMails } from "../../support/mails.ts";
import {
  askForOptions,
  creationOptions,
  openPasskeys,
  passkeyForm,
  passkeyUrls,
  sendCredential,
  signInWithPasskey,
  withPasskey,
} from "../../support/passkeys.ts";
import { aProvider, type TestProvider } from "../../support/provider.ts";
import { auditTrail, editUser, snapshot } from "../../support/records.ts";
import { passkeysOf } from "./records.ts";

/** Asks for a link as alice, and opens it. */
async function openLink(provider: TestProvider, browser = provider.browser()) {
  await sentMails(provider); // what waits from before is not the newest
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });
  return { browser, page: await browser.open(await newestLink(provider)) };
}

async function passwordWorks(provider: TestProvider): Promise<boolean> {
  const browser = provider.browser();
  const landed = await submitLogin(browser, await ask(provider, { browser }));
  return landed.url.pathname !== "/login";
}

Deno.test("a user who forgot their password can create a passkey instead, which removes the password", async () => {
  await using provider = await aProvider();
  const before = sessionCookie(await signedInBrowser(provider));
  const { browser, page } = await openLink(provider);
  const authenticator = anAuthenticator();
  const options = await creationOptions(browser, page);
  assert(await passwordWorks(provider), "asking changed something");
  const landed = await sendCredential(browser, page, await authenticator.create(options));

  assertEquals(landed.url.pathname, "/password-reset/done/passkey");
  assertEquals(sessionCookie(browser), undefined, "a mail alone signed somebody in");
  assert(!await isSignedIn(provider, before), "a session outlived the reset");
  assert(!await passwordWorks(provider));
  assertEquals((await provider.userOf("alice")).user.passwordHash, null);
  assertEquals((await passkeysOf(provider)).length, 1);
  assertEquals(outcomeOf(await signInWithPasskey(provider, authenticator)), "code");
  const subjects = (await sentMails(provider)).map(({ subject }) => subject);
  assert(subjects.includes("A passkey was added to your account at op.example"));
  assert(subjects.includes("The password of your account at op.example was removed"));
  const reset = (await auditTrail(provider)).filter(({ reason }) => reason === "password_reset");
  const types = reset.map(({ type }) => type);
  for (const type of ["passkey_added", "password_removed"]) {
    assert(types.some((one) => one === type), type);
  }
});

Deno.test("a reset keeps the existing passkeys, and their authenticators create no second one", async () => {
  await using provider = await aProvider();
  const first = await withPasskey(provider);
  const { browser, page } = await openLink(provider);
  const options = await creationOptions(browser, page);
  assertEquals(options.excludeCredentials?.map(({ id }) => id), [first.credentials[0]?.id]);
  await sendCredential(browser, page, await anAuthenticator().create(options));
  assertEquals((await passkeysOf(provider)).length, 2);
  assertEquals(outcomeOf(await signInWithPasskey(provider, first)), "consent");
});

Deno.test("with an authenticator app, a link by mail cannot add a passkey", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openLink(provider);
  const credential = await anAuthenticator().create(await creationOptions(browser, page));
  await giveApp(provider);
  const before = await withoutMail(provider);

  assertEquals((await askForOptions(browser, page)).status, 400);
  assertEquals((await sendCredential(browser, page, credential)).response.status, 400);
  assertEquals(await withoutMail(provider), before);
  const again = await openLink(provider);
  assert(!again.page.body.includes("passkey"), "the page offers one");
});

Deno.test("one of 50 concurrent answers to one link adds a passkey", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openLink(provider);
  const credentials = await Promise.all(Array.from(
    { length: 5 },
    async () => await anAuthenticator().create(await creationOptions(browser, page)),
  ));
  const landed = await Promise.all(
    Array.from({ length: 50 }, (_, n) => {
      const credential = credentials[n % 5];
      // Each another form: the same one again is a double click.
      return sendCredential(browser, page, credential ?? "", { n: `${n}` });
    }),
  );
  const done = landed.filter(({ url }) => url.pathname === "/password-reset/done/passkey");
  assertEquals(done.length, 1);
  assertEquals((await passkeysOf(provider)).length, 1);
  assertEquals((await provider.userOf("alice")).user.epoch, 2);
});

Deno.test("forged answers add no passkey, and spend nothing", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openLink(provider);
  const elsewhere = await openLink(provider, browser);
  const stranger = provider.browser();
  const strangersPage = await stranger.open(await newestLink(provider));
  const credential = await anAuthenticator().create(await creationOptions(browser, page));
  // Asked for on the account's own page, in the same browser, by the same person.
  const own = await openPasskeys(provider, { browser });
  const ofAccount = await anAuthenticator().create(await creationOptions(browser, own.page));
  const post = (from: Browser, fields: Record<string, string>, headers = {}) =>
    from.open(passkeyUrls(page.body).action, {
      method: "POST",
      headers,
      body: new URLSearchParams({
        ...passkeyForm(page.body),
        credential: JSON.stringify(credential),
        ...fields,
      }),
    });
  const attacks: Record<string, () => Promise<Landing>> = {
    "from another browser": () => post(stranger, {}),
    "in another browser that has a link": () => sendCredential(stranger, strangersPage, credential),
    "with another link": () => sendCredential(browser, elsewhere.page, credential),
    "with the account page's challenge": () => sendCredential(browser, page, ofAccount),
    "on the account page": () => sendCredential(browser, own.page, credential),
    "from another site": () => post(browser, {}, { origin: "https://evil.example" }),
    "without the link's token": () => post(browser, { token: "" }),
    "without the form's token": () => post(browser, { form_token: "" }),
    "without a credential": () => post(browser, { credential: "" }),
  };
  const before = await withoutMail(provider);
  for (const [what, attack] of Object.entries(attacks)) {
    assertEquals((await attack()).response.status, 400, what);
    assertEquals((await passkeysOf(provider)).length, 0, what);
  }
  assertEquals(await withoutMail(provider), before);
  assertEquals((await sendCredential(browser, page, credential)).response.status, 200);
  // The reset has ended whatever else was open.
  assertEquals((await sendCredential(browser, elsewhere.page, credential)).response.status, 400);
});

Deno.test("a user with the largest number of passkeys is offered no other", async () => {
  await using provider = await aProvider();
  await withPasskey(provider);
  const [{ id = "" } = {}] = await passkeysOf(provider);
  await editUser(provider, "alice", { passkeys: Array.from({ length: 20 }, () => id) });
  const { page } = await openLink(provider);
  assert(!page.body.includes("passkey-button"));
  assertStringIncludes(page.body, "new-password-submit");
});

/** All that is stored, but for what goes out by mail. */
async function withoutMail({ backend }: TestProvider) {
  return [...await snapshot(backend)].filter(([key]) => !key.startsWith('["mail_'));
}
