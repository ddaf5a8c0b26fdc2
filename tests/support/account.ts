import { bob, submitLogin } from "./authorization.ts";
import { type Browser, formOf, type Landing } from "./browser.ts";
import { alice, type TestProvider } from "./provider.ts";

export const people = [alice, bob];

/** A browser in which somebody has signed in to their account. */
export async function accountBrowser(
  provider: TestProvider,
  person = alice,
  browser = provider.browser(),
): Promise<Browser> {
  const landing = await submitLogin(browser, await browser.open("/account"), person);
  if (landing.url.pathname !== "/account") throw new Error(`stopped at ${landing.url}`);
  return browser;
}

/** The token of all forms of the account, in one browser and session. */
export async function accountToken(browser: Browser): Promise<string> {
  return formOf((await browser.open("/account/data")).body).hidden.form_token ?? "";
}

/** Posts a form of the account as its page would. */
export async function postAccount(
  browser: Browser,
  path: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Landing> {
  const body = new URLSearchParams({ form_token: await accountToken(browser), ...fields });
  return await browser.open(path, { method: "POST", body });
}

/** The forms of a page's rows: their hidden fields. */
export function rowFields(body: string): Record<string, string>[] {
  const forms = [...body.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => form);
  return forms.map((form) => formOf(form).hidden);
}
