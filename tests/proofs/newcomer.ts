import { askForSignUpMail, walkerOf } from "../journeys/mail_requests.ts";
import { Secret, TOTP } from "otpauth";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { submitTo } from "../support/factors.ts";
import { anAuthenticator, type Authenticator } from "../support/authenticator.ts";
import { creationOptions, sendCredential } from "../support/passkeys.ts";
import { mailTo } from "./mailbox.ts";
import { authorizePath, type World } from "./world.ts";

/** A signed-in user with a new account. */
export interface Newcomer {
  readonly browser: Browser;
  readonly username: string;
  readonly password: string;
}

/** The page on which somebody makes an account: a link has proved their address. */
export async function newcomersPage(
  world: World,
): Promise<{ readonly browser: Browser; readonly page: Landing; readonly address: string }> {
  const address = `${crypto.randomUUID()}@example.com`;
  const browser = world.browser();
  const mail = mailTo(world, address);
  const login = await browser.open(authorizePath());
  await askForSignUpMail(walkerOf(browser), login, address);
  const token = await mail(/sign-up\/confirm\?token=([\w.-]+)/);
  const page = await browser.open(`/sign-up/confirm?token=${token}`);
  return { browser, page, address };
}

export async function aNewcomer(world: World): Promise<Newcomer> {
  const { browser, page, address: username } = await newcomersPage(world);
  const password = "an account of their own";
  const account = { username, name: "Newcomer", password, password_repeat: password };
  await browser.submit(page, account);
  return { browser, username, password };
}

/** The same with a passkey: there is no password to hash. */
export interface PasskeyNewcomer {
  readonly browser: Browser;
  /** Their mail address too. */
  readonly username: string;
  readonly authenticator: Authenticator;
}

export async function aPasskeyNewcomer(world: World): Promise<PasskeyNewcomer> {
  const { browser, page, address: username } = await newcomersPage(world);
  const account = { username, name: "Newcomer" };
  const authenticator = anAuthenticator({ origin: world.issuer });
  const made = await authenticator.create(await creationOptions(browser, page, account));
  const { url, body } = await sendCredential(browser, page, made, account);
  if (url.pathname.startsWith("/sign-up")) throw new Error(`no account was made:\n${body}`);
  return { browser, username, authenticator };
}

/**
 * Newcomers of whom each serves so many times. A process alone may be one that is soon to be killed: what
 * was made for somebody waits there, and what is made for them next would end it, so each serves once.
 */
export function newcomersOf(world: World, times: number): () => Promise<PasskeyNewcomer> {
  let left = 0;
  let newcomer: PasskeyNewcomer | null = null;
  return async () => {
    if (world.processes.length === 1) return await aPasskeyNewcomer(world);
    if (newcomer === null || left === 0) [newcomer, left] = [await aPasskeyNewcomer(world), times];
    left--;
    return newcomer;
  };
}

const appPage = "/account/security/authenticator-app";

/** The key of a new authenticator app, and the page where its first code is entered. */
export async function scannedApp({ browser }: { readonly browser: Browser }) {
  const page = await browser.open(appPage);
  const key = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(page.body)?.[1]?.replaceAll(" ", "");
  if (key === undefined) throw new Error(`no key in\n${page.body}`);
  const secret = Secret.fromBase32(key);
  /** @param steps of 30 seconds from now */
  const code = (steps = 0) => TOTP.generate({ secret, timestamp: Date.now() + steps * 30_000 });
  return { page, code, action: appPage };
}

/** Sets up a newcomer's app. @returns what it shows one step later, which is good for a minute */
export async function withApp(newcomer: Newcomer): Promise<string> {
  const { page, code, action } = await scannedApp(newcomer);
  const now = code();
  const next = code(1);
  const { url, body } = await submitTo(newcomer.browser, page, action, { code: now });
  if (url.pathname === action) throw new Error(`the app was not set up:\n${body}`);
  return next;
}

const recoveryPage = "/account/security/recovery-codes";

/** Makes recovery codes for a newcomer who has an app. */
export async function recoveryCodesOf({ browser }: Newcomer): Promise<string[]> {
  const { body } = await submitTo(browser, await browser.open(recoveryPage), recoveryPage, {});
  const codes = [...body.matchAll(/<code>([0-9a-z]{4}(?:-[0-9a-z]{4}){5})<\/code>/g)].map((
    [, code = ""],
  ) => code);
  if (codes.length === 0) throw new Error(`no recovery codes in\n${body}`);
  return codes;
}

/** Gives the first of two factors in a new browser. @returns the page that asks for the second */
export async function atSecondFactor(world: World, { username, password }: Newcomer) {
  const browser = world.browser();
  const login = await browser.open(authorizePath());
  const page = await browser.submit(login, { username, password });
  return { browser, ...secondFactorForm(page) };
}

function secondFactorForm({ body }: Landing) {
  const forms = [...body.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => formOf(form));
  const found = forms.find(({ action }) => action === "/login/second-factor");
  if (found === undefined) throw new Error(`no second factor is asked for in\n${body}`);
  return found;
}
