import type { Page } from "playwright-core";
import { anApp, type AuthenticatorApp } from "../../support/factors.ts";
import type { BrowserServer } from "./server.ts";
import { signIn } from "./steps.ts";

// What people do at the pages of their account; see steps.ts.

export const passkeysPath = "/account/security/passkeys";
export const appPath = "/account/security/authenticator-app";
export const recoveryCodesPath = "/account/security/recovery-codes";

/** Opens a page of the account in a browser where nobody is signed in, and signs in. */
export async function openAccount(
  page: Page,
  person: { readonly username: string; readonly password: string },
  path = "/account",
) {
  await page.goto(path);
  await signIn(page, person);
  await page.waitForURL(path);
}

/** Adds a passkey to the account; the tab has an authenticator. Ends at the list. */
export async function addPasskey(page: Page) {
  await page.goto(passkeysPath);
  const before = await page.locator(".item").count();
  await page.locator("#passkey-button").click();
  await page.locator(".item").nth(before).waitFor();
}

/** Sets up an authenticator app with the key that the page shows. Ends where recovery codes are made. */
export async function setUpApp(page: Page, { provider }: BrowserServer): Promise<AuthenticatorApp> {
  await page.goto(appPath);
  const key = await page.locator("#app-title ~ pre").innerText();
  const app = anApp(provider, key.replaceAll(/\s/g, ""));
  await page.locator("#code").fill(app.code());
  await page.locator("#app-submit").click();
  await page.waitForURL(`${recoveryCodesPath}?*`);
  return app;
}

/** Makes recovery codes, and reads them. Ends at the page that shows them. */
export async function makeRecoveryCodes(page: Page): Promise<readonly string[]> {
  await page.goto(recoveryCodesPath);
  await page.locator("#recovery-codes-make").click();
  await page.locator("#recovery-codes-done").waitFor();
  return await page.locator("ol.codes code").allInnerTexts();
}

/** Fills in the page that asks for the second factor, an app's code or a recovery code. */
export async function enterSecondFactor(page: Page, code: string) {
  await page.locator("#code").fill(code);
  await page.locator("#second-factor-submit").click();
}
