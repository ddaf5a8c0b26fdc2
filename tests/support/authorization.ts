import { type Browser, formOf, type Landing } from "./browser.ts";
import {
  alice,
  type AuthorizeOptions,
  issuer,
  type TestProvider,
  type UserEntry,
} from "./provider.ts";

/** A second person, for those who are not to be mixed up with the first. */
export const bob: UserEntry = { username: "bob", password: "battery staple horse" };

/**
 * The place where a browser has ended, in a word or two: `login`, `consent`, `code`, `error
 * login_required` (both at the client), or `page invalid_request` (an error page of the provider).
 */
export function outcomeOf(landing: Landing): string {
  const { url, response, body } = landing;
  if (url.origin !== issuer) {
    const { code, error } = toldTo(landing);
    return code === undefined ? `error ${error}` : "code";
  }
  if (response.status === 200) return url.pathname.slice(1);
  return `page ${/<code>([a-z_]+)<\/code>/.exec(body)?.[1]}`;
}

/** The response to the client, by its redirect URI or by the form that the browser posts to it. */
export function toldTo({ url, body }: Landing): Readonly<Record<string, string>> {
  if (url.origin === issuer) return formOf(body).hidden;
  const inFragment = new URLSearchParams(url.hash.slice(1));
  return Object.fromEntries([...url.searchParams, ...inFragment]);
}

/** Opens an authorization request in a new browser, or the one that is given. */
export function ask(provider: TestProvider, options: AuthorizeOptions = {}): Promise<Landing> {
  return (options.browser ?? provider.browser()).open(provider.authorizeUrl(options));
}

/** The outcome of a request with these parameters. */
export async function outcomeAt(
  provider: TestProvider,
  browser: Browser,
  parameters: AuthorizeOptions["parameters"],
  client?: string,
): Promise<string> {
  const options = client === undefined ? { browser, parameters } : { browser, parameters, client };
  return outcomeOf(await ask(provider, options));
}

/** A browser in which a person has signed in for a client, and said yes to it. */
export async function signedInBrowser(
  provider: TestProvider,
  options: AuthorizeOptions = {},
): Promise<Browser> {
  const browser = options.browser ?? provider.browser();
  await provider.authorize({ ...options, browser });
  return browser;
}

/** Presses "Continue as", as whoever the page names. */
export function continueAs(browser: Browser, page: Landing): Promise<Landing> {
  const [, account = ""] = /name="account" value="([^"]*)"/.exec(page.body) ?? [];
  return browser.submit(page, { choice: "continue", account });
}

/** Fills in the sign-in page. */
export function submitLogin(
  browser: Browser,
  landing: Landing,
  { username, password }: UserEntry = alice,
): Promise<Landing> {
  return browser.submit(landing, { username, password });
}

/** Signs in where the browser stands, whether or not somebody is signed in there. */
export async function signInAgain(provider: TestProvider, browser: Browser, person = alice) {
  const page = await ask(provider, { browser, parameters: { prompt: "login" } });
  const outcome = outcomeOf(await submitLogin(browser, page, person));
  if (outcome !== "code" && outcome !== "consent") throw new Error(`came to ${outcome}`);
}

/** The value of the session cookie; undefined while nobody is signed in. */
export function sessionCookie(browser: Browser): string | undefined {
  return browser.cookies.get("__Host-latchkey_session");
}

/** Another browser that has somehow got hold of this session cookie. */
export function withSessionCookie(provider: TestProvider, value: string): Browser {
  const browser = provider.browser();
  browser.cookies.set("__Host-latchkey_session", value);
  return browser;
}

/** Whether a session cookie opens anything. */
export async function isSignedIn(provider: TestProvider, cookie: string | undefined) {
  const browser = withSessionCookie(provider, cookie ?? "");
  const outcome = await outcomeAt(provider, browser, { prompt: "none", scope: "openid" });
  return outcome !== "error login_required";
}

/** The code at the client where a browser has ended. */
export function codeAt(landing: Landing): string {
  const { code } = toldTo(landing);
  if (code === undefined) throw new Error(`no code at ${landing.url}`);
  return code;
}
