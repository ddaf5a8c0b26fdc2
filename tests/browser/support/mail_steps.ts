import type { Page } from "playwright-core";

// What people do by way of their mail; see steps.ts.

/** From a sign-in page, asks for a mail with a link or a code. Ends where a code can be typed. */
export async function askForMail(page: Page, address: string, way: "link" | "code") {
  await page.locator("main a[href^='/magic-link']").click();
  await page.locator("#email").fill(address);
  await page.locator(way === "link" ? "#magic-link-submit" : "#email-code-submit").click();
  await page.waitForURL("/magic-link/sent?*");
}

/** Types a code that came by mail, or that a link has shown elsewhere. */
export async function typeCode(page: Page, code: string) {
  await page.locator("#code").fill(code);
  await page.locator("#code-submit").click();
}

/** From a sign-in page, asks for a link to make an account. */
export async function askForAccount(page: Page, address: string) {
  await page.locator("main a[href^='/sign-up']").click();
  await page.locator("#email").fill(address);
  await page.locator("#sign-up-submit").click();
  await page.waitForURL("/sign-up/sent*");
}

export interface NewAccount {
  readonly username: string;
  readonly name: string;
  readonly password: string;
}

/** Fills in the page of somebody who is new. */
export async function makeAccount(page: Page, { username, name, password }: NewAccount) {
  await page.locator("#username").fill(username);
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(password);
  await page.locator("#password_repeat").fill(password);
  await page.locator("#new-account-submit").click();
}
