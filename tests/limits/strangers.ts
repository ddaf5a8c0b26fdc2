import { type Browser, type Landing, newBrowser } from "../support/browser.ts";
import { ask, submitLogin } from "../support/authorization.ts";
import { defaultConfig } from "../support/config.ts";
import {
  alice,
  aProvider,
  issuer,
  type ProviderOptions,
  type TestProvider,
} from "../support/provider.ts";

const wide = { count: 1000, seconds: 1 };
/** Small, so that a test reaches them; those of requests as such are out of the way. */
export const limits = {
  ...defaultConfig.limits,
  signIn: { count: 3, seconds: 60 },
  signInAccount: { count: 6, seconds: 3600 },
  route: wide,
  authorize: wide,
};

export function aLimitedProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  return aProvider({ config: { rateLimits: true, limits }, ...options });
}

/** A browser somewhere in the network. */
export function browserAt(provider: TestProvider, address: string): Browser {
  return newBrowser((path, init) => provider.request(path, { ...init, address }), issuer);
}

/** A browser in which alice has signed in once. */
export async function aKnownBrowser(provider: TestProvider, person = alice): Promise<Browser> {
  const browser = browserAt(provider, "203.0.113.7");
  const landing = await tryPassword(provider, browser, person.password, person.username);
  if (landing.url.pathname === "/login") throw new Error(`${landing.response.status}`);
  return browser;
}

/** Begins a sign-in and enters a password. */
export async function tryPassword(
  provider: TestProvider,
  browser: Browser,
  password: string,
  username = "alice",
): Promise<Landing> {
  const page = await ask(provider, { browser, parameters: { prompt: "login" } });
  return await submitLogin(browser, page, { username, password });
}

/** Guesses at an account from ever new addresses, until its limit is reached. */
export async function flood(provider: TestProvider, username = "alice") {
  for (let n = 0; n < 50; n++) {
    const stranger = browserAt(provider, `198.51.100.${n}`);
    const page = await tryPassword(provider, stranger, `guess ${n}`, username);
    if (page.response.status === 429) return;
  }
  throw new Error("no limit was reached");
}

const deviceName = /latchkey_device$/;

export function deviceCookie(browser: Browser): string {
  return [...browser.cookies].find(([cookie]) => deviceName.test(cookie))?.[1] ?? "";
}

/** Another browser, at another address, that has somebody's device cookie. */
export function browserWith(
  provider: TestProvider,
  cookie: string,
  address = "192.0.2.99",
): Browser {
  const browser = browserAt(provider, address);
  const prefix = issuer.startsWith("https:") ? "__Host-" : "";
  browser.cookies.set(`${prefix}latchkey_device`, cookie);
  return browser;
}

/** The names of the limits that have a log now. */
export async function rateLimitLogs(provider: TestProvider, name: RegExp): Promise<string[]> {
  const { entries } = await provider.backend.list({ prefix: ["rate_limits"] }, { limit: 500 });
  return entries.map(({ value }) => (value as { record: { limit: string } }).record.limit)
    .filter((limit) => name.test(limit));
}
