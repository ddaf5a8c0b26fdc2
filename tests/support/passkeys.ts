import { fill } from "../../src/language/fill.tsx";
import {
  anAuthenticator,
  type Authenticator,
  type AuthenticatorOptions,
  type CreationOptions,
  type CredentialJson,
  type RequestOptions,
  type SoftCredential,
  type Ways,
} from "./authenticator.ts";
import { ask, submitLogin } from "./authorization.ts";
import type { Browser, Landing } from "./browser.ts";
import { alice, type AuthorizeOptions, type TestProvider, type UserEntry } from "./provider.ts";

export const passkeysPage = "/account/security/passkeys";

/** The form of a page that its passkey script fills in. */
export function passkeyForm(html: string): Record<string, string> {
  const [form] = /<form id="passkey-form"[\s\S]*?<\/form>/.exec(html) ?? [];
  if (form === undefined) throw new Error(`no passkey form in\n${html}`);
  const inputs = form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name, value]));
}

/** The address that the script of a page posts to. */
export function passkeyUrls(html: string): { action: string; options: string } {
  return {
    action: /<form id="passkey-form" method="post" action="([^"]*)"/.exec(html)?.[1] ?? "",
    options: /id="passkey" hidden[^>]* data-options="([^"]*)"/.exec(html)?.[1] ?? "",
  };
}

type Fields = Readonly<Record<string, string>>;

/** Asks for options as the page's script does. @param typed in the fields beside the button */
export function askForOptions(
  browser: Browser,
  { body }: Landing,
  typed: Fields = {},
): Promise<Response> {
  return browser.send(passkeyUrls(body).options, {
    method: "POST",
    body: new URLSearchParams({ ...passkeyForm(body), ...typed }),
  });
}

export async function requestOptions(browser: Browser, page: Landing): Promise<RequestOptions> {
  return await json(await askForOptions(browser, page));
}

export async function creationOptions(
  browser: Browser,
  page: Landing,
  typed: Fields = {},
): Promise<CreationOptions> {
  return await json(await askForOptions(browser, page, typed));
}

/** Posts a credential as the page's script does, and follows where it leads. */
export function sendCredential(
  browser: Browser,
  { body }: Landing,
  credential: CredentialJson | string,
  typed: Fields = {},
): Promise<Landing> {
  const text = typeof credential === "string" ? credential : JSON.stringify(credential);
  return browser.open(passkeyUrls(body).action, {
    method: "POST",
    body: new URLSearchParams({ ...passkeyForm(body), ...typed, credential: text }),
  });
}

/** Signs in on a page with a passkey button. */
export async function usePasskey(
  browser: Browser,
  page: Landing,
  authenticator: Authenticator,
  ways: Ways & { which?: SoftCredential } = {},
): Promise<Landing> {
  const options = await requestOptions(browser, page);
  return await sendCredential(browser, page, await authenticator.get(options, ways));
}

/** Opens an authorization request in a new browser, and signs in with a passkey. */
export async function signInWithPasskey(
  provider: TestProvider,
  authenticator: Authenticator,
  { ways = {}, ...options }: AuthorizeOptions & { ways?: Ways } = {},
): Promise<Landing & { readonly browser: Browser }> {
  const browser = options.browser ?? provider.browser();
  const page = await ask(provider, { ...options, browser });
  return { ...await usePasskey(browser, page, authenticator, ways), browser };
}

/** The person's page of passkeys, in a browser in which they have just signed in. */
export async function openPasskeys(
  provider: TestProvider,
  { browser = provider.browser(), user = alice }: { browser?: Browser; user?: UserEntry } = {},
): Promise<{ readonly browser: Browser; readonly page: Landing }> {
  const landed = await browser.open(passkeysPage);
  const page = landed.url.pathname === "/login" ? await submitLogin(browser, landed, user) : landed;
  if (page.url.pathname !== passkeysPage) throw new Error(`came to ${page.url}`);
  return { browser, page };
}

/** Gives a person a passkey, on their page. */
export async function registerPasskey(
  provider: TestProvider,
  {
    user = alice,
    browser = provider.browser(),
    authenticator = anAuthenticator(),
  }: { user?: UserEntry; browser?: Browser; authenticator?: Authenticator } = {},
): Promise<Authenticator> {
  const { page } = await openPasskeys(provider, { browser, user });
  const credential = await authenticator.create(await creationOptions(browser, page));
  const landed = await sendCredential(browser, page, credential);
  if (landed.response.status !== 200) throw new Error(`not registered:\n${landed.body}`);
  return authenticator;
}

/** A person with one passkey, and the authenticator that holds it. */
export function withPasskey(
  provider: TestProvider,
  options: AuthenticatorOptions = {},
): Promise<Authenticator> {
  return registerPasskey(provider, { authenticator: anAuthenticator(options) });
}

async function json<T>(response: Response): Promise<T> {
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return await response.json();
}

/** A text as it stands in a page. */
export function inPage(text: string, values: Record<string, string> = {}): string {
  return fill(text, values).replaceAll("&", "&amp;").replaceAll("'", "&#39;");
}
