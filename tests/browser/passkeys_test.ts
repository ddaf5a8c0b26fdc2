import type { Page } from "playwright-core";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { addPasskey, openAccount, passkeysPath } from "./support/account_steps.ts";
import { anAuthenticator, reachesAuthenticator } from "./support/authenticator.ts";
import { journey } from "./support/journey.ts";
import { alice } from "./support/server.ts";
import { clientAt, isAt } from "./support/site.ts";
import { allow, beginAtDemo, decoded, isTold, sees, signIn, signOut } from "./support/steps.ts";

/** Resolves when the open page waits for a passkey that its autofill offers. */
async function autofillOffered(page: Page) {
  await page.locator("html[data-asks=conditional]").waitFor();
  await reachesAuthenticator(page);
}

/** Lets the pages of a tab tell that they ask for a passkey, and how. */
async function tellWhatAsks(page: Page) {
  await page.addInitScript(`
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = (options) => {
      const answer = get(options);
      document.documentElement.dataset.asks = options.mediation ?? "button";
      return answer;
    };
  `);
}

journey("a passkey is added to the account, signs in by a button, and tells it", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  const authenticator = await anAuthenticator(page);
  await tellWhatAsks(page);
  await openAccount(page, alice, passkeysPath);
  assertStringIncludes(await page.locator("#passkeys-title ~ *").innerText(), "no passkey yet");
  await addPasskey(page);
  assertStringIncludes(await page.locator(".item").innerText(), "Not used yet");
  await page.getByRole("link", { name: "Create recovery codes" }).waitFor();

  // The same device is not asked to keep a second one.
  await page.locator("#passkey-button").click();
  await page.getByText("This device already has a passkey for your account.").waitFor();

  await signOut(page);
  await authenticator.setTouches(false);
  await beginAtDemo(page);
  await autofillOffered(page);
  await authenticator.setTouches(true);
  await page.locator("#passkey-button").click();
  await allow(page);
  await page.locator("#demo-person").waitFor();
  const { amr, acr } = await decoded(page, "id-token");
  assertEquals([amr, acr], [["hwk", "user", "mfa"], "phr"]);
  await page.goto(passkeysPath);
  assertStringIncludes(await page.locator(".item").innerText(), "Last used on");
});

journey("the name's field offers the passkey, and a touch signs in", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  const authenticator = await anAuthenticator(page);
  await openAccount(page, alice, passkeysPath);
  await addPasskey(page);
  await signOut(page);

  await authenticator.signature(() => page.goto("/account"));
  await page.waitForURL("/account");
  await sees(page, "Your account");
});

journey("a copied passkey is refused, its owner is told, and removes it", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  const authenticator = await anAuthenticator(page);
  await openAccount(page, alice, passkeysPath);
  await addPasskey(page);
  await signOut(page);
  await authenticator.signature(() => page.goto("/account"));
  await page.waitForURL("/account");
  await signOut(page);

  const [passkey] = await authenticator.passkeys();
  assert(passkey, "the authenticator has it");
  await authenticator.setSignCount(passkey, 0);
  await authenticator.signature(() => page.goto("/account"));
  await page.getByText("The counter of this passkey went backwards").waitFor();
  await sees(page, "We stopped this sign-in to protect you");

  await authenticator.setTouches(false);
  await openAccount(page, alice);
  await page.getByText("A passkey of yours may have been copied.").waitFor();
  await page.goto(passkeysPath);
  assertStringIncludes(await page.locator(".item").innerText(), "Possibly copied");
  await page.locator(".item a").click();
  await isTold(page, "its counter went backwards");
  await page.locator("#passkey-remove").click();
  await page.getByText("You have no passkey yet.").waitFor();
});

journey("who is signed in by a password shows a passkey where no less does", async (world) => {
  const shop = world.aSite();
  const server = await world.aServer({ clients: [clientAt(shop, { skip_consent: true })] });
  const { page } = await world.aPerson(server);
  const authenticator = await anAuthenticator(page);
  await openAccount(page, alice, passkeysPath);
  await addPasskey(page);

  await page.goto(server.provider.authorizeUrl({ parameters: { acr_values: "phr" } }));
  await sees(page, "Use your passkey");
  await page.getByText("You are signed in as Alice Adams.").waitFor();
  await authenticator.setVerifies(false);
  await page.locator("#passkey-button").click();
  await page.getByText("No passkey was used.").waitFor();
  await authenticator.setVerifies(true);
  await page.locator("#passkey-button").click();
  await page.waitForURL(isAt(shop));
  assertStringIncludes(page.url(), "code=");
});

journey("the page says that there was no passkey, and that time ran out", async (world) => {
  const mayLog = /ERR_FAILED/; // the server that can't be reached
  const { page } = await world.aPerson(await world.aServer(), { mayLog });
  const authenticator = await anAuthenticator(page);
  await beginAtDemo(page);
  const status = page.locator("#passkey-status");
  await page.locator("#passkey-button").click(); // nothing is on this authenticator
  await status.getByText("No passkey was used.").waitFor();

  await authenticator.setTouches(false);
  await page.route("**/login/passkey/options", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...await response.json(), timeout: 1500 } });
  });
  await page.locator("#passkey-button").click();
  await status.getByText("That took too long").waitFor();
  await page.route("**/login/passkey/options", (route) => route.abort());
  await page.locator("#passkey-button").click();
  await status.getByText("We could not reach the server.").waitFor();

  await signIn(page, alice); // the other way is open all the time
  await sees(page, "Allow Demo app?");
});

journey("the last way to sign in stays, even in a tab that does not know yet", async (world) => {
  const { page, newTab } = await world.aPerson(await world.aServer());
  await anAuthenticator(page);
  await openAccount(page, alice, passkeysPath);
  await addPasskey(page);
  await page.locator(".item a").click();
  await page.locator("#passkey-remove").waitFor();

  const second = await newTab();
  await second.goto("/account/security/password/remove");
  await second.locator("#password-remove").click();
  await second.getByText("You have no password.").waitFor();
  await page.locator("#passkey-remove").click();
  await page.getByText("This is your only way to sign in, so it was not removed.").waitFor();
  await page.reload();
  await page.getByText("Without it you could no longer sign in.").waitFor();
  assertEquals(await page.locator("#passkey-remove").count(), 0);
});
