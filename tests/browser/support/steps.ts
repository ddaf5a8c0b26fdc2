import type { Page } from "playwright-core";
import type { BrowserServer } from "./server.ts";

// What people do at our pages, as a journey says it. Each step begins at the page that it is about, and
// waits for what it needs by itself. Ids and field names are used, so that a step works in any language.

interface Named {
  readonly username: string;
  readonly password: string;
}

/** Presses the demo's button, which leads to the provider. */
export async function beginAtDemo(page: Page) {
  await page.goto("/dev/app");
  await page.locator("#demo-sign-in").click();
}

/** Fills in the sign-in page. */
export async function signIn(page: Page, { username, password }: Named) {
  await page.locator("#username").fill(username);
  await page.locator("#password").fill(password);
  await page.locator("#login-submit").click();
}

export async function allow(page: Page) {
  await page.locator("#consent-allow").click();
}

export async function deny(page: Page) {
  await page.locator("#consent-deny").click();
}

/**
 * Signs in at the demo, and allows it what it asks for. Ends at the demo, which shows its tokens.
 *
 * @param options whether the person has allowed it before, so that nothing is asked
 */
export async function signInToDemo(page: Page, person: Named, { allowed = false } = {}) {
  await beginAtDemo(page);
  await signIn(page, person);
  if (!allowed) await allow(page);
  await page.locator("#demo-person").waitFor();
}

/** Asks the provider to sign out, and says yes. */
export async function signOut(page: Page) {
  await page.goto("/logout");
  await page.locator("#logout-confirm").click();
  await page.locator("#logout-confirm").waitFor({ state: "detached" });
}

/** Asks for a link by which a new password can be chosen. */
export async function forgetPassword(page: Page, identifier: string) {
  await page.goto("/password-reset");
  await page.locator("#username").fill(identifier);
  await page.locator("main form button").click();
  await page.waitForURL("/password-reset/sent");
}

/** Opens the link of the newest mail, as who reads their mail in this browser. */
export async function openNewestLink(page: Page, server: BrowserServer) {
  await page.goto(await server.newestLink());
}

/** Fills in the page of a reset link. */
export async function choosePassword(page: Page, password: string, repeated = password) {
  await page.locator("#password").fill(password);
  await page.locator("#password_repeat").fill(repeated);
  await page.locator("#new-password-submit").click();
}

/** Waits for the page with this heading, of all that may come. */
export async function sees(page: Page, heading: string) {
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
}

/** Waits for a remark or an error that says so. */
export async function isTold(page: Page, text: string) {
  await page.locator("[role=alert], [role=status]").filter({ hasText: text }).waitFor();
}

/** Waits for such a text, wherever it is on the page. */
export async function reads(page: Page, text: string) {
  await page.getByText(text).first().waitFor();
}

/** What the demo shows of the claims in the ID token, or of those that userinfo told it. */
export async function decoded(page: Page, card: "id-token" | "userinfo"): Promise<
  Record<string, unknown>
> {
  const blocks = await page.locator(`section[aria-labelledby="${card}-title"] pre`).allInnerTexts();
  const text = card === "id-token" ? blocks[1] : blocks[0];
  return JSON.parse(text ?? "null");
}

/** Sends the page's form as a browser does that does not look at `required`. */
export async function sendUnchecked(page: Page) {
  await page.locator("main form button").last().waitFor();
  await page.evaluate("for (const form of document.forms) form.noValidate = true");
  await page.locator("main form button").last().click();
}
