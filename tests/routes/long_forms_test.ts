import { assert } from "@std/assert";
import { accountBrowser, accountToken } from "../support/account.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { askForMail } from "../support/mail_sign_in.ts";
import { newestLink } from "../support/mails.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";

interface LongField {
  readonly browser: Browser;
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly long: string;
}

const account = (action: string, long: string) => async (provider: TestProvider) => {
  const browser = await accountBrowser(provider);
  return { browser, action, fields: { form_token: await accountToken(browser) }, long };
};

const newAccount = (long: string) => async (provider: TestProvider) => {
  const browser = provider.browser();
  await browser.submit(await browser.open("/sign-up"), { email: "nora@example.com" });
  const page = await browser.open(await newestLink(provider));
  return { ...fieldsOf(browser, page), long };
};

/** Fields of which a text of any length is compared in a normal form. */
const fields: Readonly<Record<string, (provider: TestProvider) => Promise<LongField>>> = {
  "a code by mail": async (provider) => {
    const { browser, page } = await askForMail(provider, "code");
    return { ...fieldsOf(browser, page), long: "code" };
  },
  "a new username": newAccount("username"),
  "a new password": newAccount("password"),
  "a passkey's name": account(`/account/security/passkeys/${"A".repeat(43)}/rename`, "name"),
  "the name of who deletes their account": account("/account/data/delete", "username"),
};

function fieldsOf(browser: Browser, page: Landing) {
  const { action, hidden } = formOf(page.body);
  return { browser, action, fields: hidden };
}

/** Milliseconds. The text goes as it is: encoded, fewer characters of it would fit into a form. */
async function timeOf({ browser, action, fields, long }: LongField, text: string) {
  const body = new TextEncoder().encode(`${new URLSearchParams(fields)}&${long}=${text}`);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const begun = performance.now();
  await (await browser.send(action, { method: "POST", body, headers })).body?.cancel();
  return performance.now() - begun;
}

for (const [what, fieldOf] of Object.entries(fields)) {
  Deno.test(`endless accents in ${what} take no longer than letters`, async () => {
    await using provider = await aProvider({ config: { signUp: "open" } });
    const field = await fieldOf(provider);
    // Their order within a letter is a matter of the square of their number.
    const accents = `a${"\u0300".repeat(16_000)}${"\u0316".repeat(16_000)}`;
    const letters = "\u00e4".repeat(32_000);
    const least = { accents: Infinity, letters: Infinity };
    for (let round = 0; round < 2; round++) {
      least.letters = Math.min(least.letters, await timeOf(field, letters));
      least.accents = Math.min(least.accents, await timeOf(field, accents));
    }
    const told = `${least.accents} ms, and letters ${least.letters} ms`;
    assert(least.accents < 50 * least.letters, told);
  });
}
