import {
  addPasskey,
  appPath,
  makeRecoveryCodes,
  openAccount,
  passkeysPath,
  recoveryCodesPath,
  setUpApp,
} from "../support/account_steps.ts";
import { anAuthenticator } from "../support/authenticator.ts";
import { alice } from "../support/server.ts";
import { sendUnchecked, signOut } from "../support/steps.ts";
import type { Place, ReachablePages } from "./page.ts";

const securityPath = "/account/security";
const passwordPath = "/account/security/password";

/** How somebody signs in, in the account. */
export const accountSecurityPages: ReachablePages = {
  "account-security": {
    async open(place) {
      await openWithPasskeys(place);
      await makeRecoveryCodes(place.page);
      await place.page.goto(securityPath);
    },
  },
  "account-security-new": { open: ({ page }) => openAccount(page, alice, securityPath) },
  "account-passkeys": { open: openWithPasskeys },
  "account-passkeys-none": { open: ({ page }) => openAccount(page, alice, passkeysPath) },
  "account-passkey": { open: openPasskey },
  "account-passkey-copied": {
    async open(place) {
      await openCopied(place);
      await openAccount(place.page, alice, passkeysPath);
      await place.page.locator(".item a").click();
      await place.page.locator("#passkey-remove").waitFor();
    },
  },
  "passkey-copied": { open: openCopied },
  "account-copied": {
    async open(place) {
      await openCopied(place);
      await openAccount(place.page, alice);
    },
  },
  "account-password": { open: ({ page }) => openAccount(page, alice, passwordPath) },
  "account-password-wrong": {
    async open({ page }) {
      await openAccount(page, alice, passwordPath);
      await page.locator("#current_password").fill("not hers");
      await page.locator("#password").fill("a quiet new harbour");
      await page.locator("#password_repeat").fill("a quiet new harbour");
      await page.locator("#password-submit").click();
      await page.locator("#current_password-error").waitFor();
    },
  },
  "account-password-remove": {
    async open(place) {
      await openWithPasskeys(place);
      await place.page.goto(`${passwordPath}/remove`);
      await place.page.locator("#password-remove").waitFor();
    },
  },
  "account-app": { open: ({ page }) => openAccount(page, alice, appPath) },
  "account-app-wrong": {
    async open({ page }) {
      await openAccount(page, alice, appPath);
      await sendUnchecked(page);
      await page.locator("#code-error").waitFor();
    },
  },
  "account-app-set": {
    async open(place) {
      await openWithApp(place);
      await place.page.goto(appPath);
    },
  },
  "account-app-remove": {
    async open(place) {
      await openWithApp(place);
      await place.page.goto(`${appPath}/remove`);
      await place.page.locator("#app-remove").waitFor();
    },
  },
  "recovery-codes-new": { open: openWithApp },
  "recovery-codes-made": {
    async open(place) {
      await openWithApp(place);
      await makeRecoveryCodes(place.page);
    },
  },
  "recovery-codes": {
    async open(place) {
      await openWithApp(place);
      await makeRecoveryCodes(place.page);
      await place.page.goto(recoveryCodesPath);
    },
  },
};

/** The list of two passkeys, one of which has a name of its owner's. */
async function openWithPasskeys({ page }: Place) {
  const phone = await anAuthenticator(page, { synced: true });
  await openAccount(page, alice, passkeysPath);
  await addPasskey(page);
  await page.locator(".item a").click();
  await page.locator("#name").fill("Phone");
  await page.locator("#passkey-rename").click();
  await page.waitForURL(passkeysPath);
  await phone.remove();
  await anAuthenticator(page, { transport: "usb" });
  await addPasskey(page);
}

async function openPasskey(place: Place) {
  await openWithPasskeys(place);
  await place.page.locator(".item a").first().click();
  await place.page.locator("#passkey-rename").waitFor();
}

async function openWithApp({ page, server }: Place) {
  await openAccount(page, alice);
  await setUpApp(page, server);
}

/** What a copy of a passkey gets. Afterwards no authenticator is in the way of a password. */
async function openCopied({ page }: Place) {
  const authenticator = await anAuthenticator(page);
  await openAccount(page, alice, passkeysPath);
  await addPasskey(page);
  await signOut(page);
  await authenticator.signature(() => page.goto("/account"));
  await page.waitForURL("/account");
  await signOut(page);
  for (const passkey of await authenticator.passkeys()) {
    await authenticator.setSignCount(passkey, 0);
  }
  await page.goto("/account");
  await page.waitForURL("/error");
  await authenticator.remove();
}
