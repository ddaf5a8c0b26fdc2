import { Secret, TOTP } from "otpauth";
import * as users from "../../stores/users.ts";
import {
  newRecoveryCodes,
  recoveryCodeDigest,
} from "../../src/authn/second_factor/recovery_codes.ts";
import { newTotpSecret } from "../../src/authn/second_factor/totp.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { type Browser, formOf, type Landing } from "./browser.ts";
import { alice, type TestProvider, type UserEntry } from "./provider.ts";
import { editUser } from "./records.ts";

/** An authenticator app in somebody's hand. */
export interface AuthenticatorApp {
  readonly secret: string;
  /** The code that it shows so many seconds from now. */
  code(inSeconds?: number): string;
}

/** An app that has scanned this key. */
export function anApp(provider: TestProvider, secret: string): AuthenticatorApp {
  const key = Secret.fromBase32(secret);
  return {
    secret,
    code: (inSeconds = 0) =>
      TOTP.generate({
        secret: key,
        timestamp: provider.clock.milliseconds() + inSeconds * 1000,
      }),
  };
}

/** Gives a person an authenticator app, as if they had set it up long ago. */
export async function giveApp(
  provider: TestProvider,
  username = "alice",
): Promise<AuthenticatorApp> {
  const { userId } = await provider.userOf(username);
  const secret = await newTotpSecret(systemRandom);
  const { masterKey } = provider.deps;
  const sealedSecret = await masterKey.seal(secret, users.totpContext(userId));
  await editUser(provider, username, { totp: { sealedSecret, lastStep: 0, createdAt: 1 } });
  return anApp(provider, secret);
}

/** Gives a person recovery codes. */
export async function giveRecoveryCodes(
  provider: TestProvider,
  username = "alice",
): Promise<string[]> {
  const { userId } = await provider.userOf(username);
  const codes = newRecoveryCodes(systemRandom);
  const digests = await Promise.all(codes.map((code) => recoveryCodeDigest(userId, code)));
  await editUser(provider, username, { recoveryCodes: { digests, createdAt: 1 } });
  return codes;
}

/** Posts the form of a page that goes to this path, whichever it is of several. */
export function submitTo(
  browser: Browser,
  { body }: Landing,
  action: string,
  fields: Readonly<Record<string, string>>,
): Promise<Landing> {
  const forms = [...body.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => form);
  const form = forms.find((one) => formOf(one).action.split("?")[0] === action);
  if (form === undefined) throw new Error(`no form to ${action} in\n${body}`);
  return browser.open(formOf(form).action, {
    method: "POST",
    body: new URLSearchParams({ ...formOf(form).hidden, ...fields }),
  });
}

export const secondFactorPath = "/login/second-factor";

/** Enters a code on the page that asks for the second factor. */
export function enterCode(browser: Browser, page: Landing, code: string): Promise<Landing> {
  return submitTo(browser, page, secondFactorPath, { code });
}

/**
 * Signs in for a page of the account, as alice unless it is somebody else's account. @returns where
 * the browser stands then: on that page, unless something was wrong
 */
export async function signInFor(
  browser: Browser,
  page: string,
  { person = alice, app }: { readonly person?: UserEntry; readonly app?: AuthenticatorApp } = {},
): Promise<Landing> {
  let landing = await browser.open(page);
  if (landing.url.pathname === "/login") {
    const { username, password } = person;
    landing = await submitTo(browser, landing, "/login", { username, password });
  }
  if (landing.url.pathname === secondFactorPath && app !== undefined) {
    landing = await enterCode(browser, landing, app.code());
  }
  return landing;
}
