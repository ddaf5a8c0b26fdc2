import { carriedLifetime } from "../../../src/interactions/carried.ts";
import { type AdminApi, anAdminApi } from "../../admin/api.ts";
import { ask, bob } from "../../support/authorization.ts";
import { type Browser, formOf, type Landing } from "../../support/browser.ts";
import { aCallCentre } from "../../support/backchannel.ts";
import { aClient } from "../../support/clients.ts";
import { aTelevision } from "../../support/devices.ts";
import { type AuthenticatorApp, giveApp, signInFor } from "../../support/factors.ts";
import { passkeyForm } from "../../support/passkeys.ts";
import { alice, type TestProvider } from "../../support/provider.ts";

/** A form as its page has it, filled in, in the browser of the person whose it is. */
export interface FilledForm {
  readonly browser: Browser;
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A POST of one of our pages. */
export interface Step {
  /** Brings a person to it who does one thing after the other. It can be called twice. */
  readonly ready: (scene: Scene) => Promise<FilledForm>;
  /** Where the answer leads when it has worked; a status without one. */
  readonly done: string | number;
  /** Whether it signs somebody in, or renews their session. */
  readonly newSession?: boolean;
  /** Seconds after which it is refused, and how: it wants a newer sign-in, or is a page of errors. */
  readonly until: readonly [number, 303 | 400] | null;
  /** What may be repeated; everything else opens once. */
  readonly repeatable?: boolean;
  /** Whether the server must have no people yet. */
  readonly nobody?: boolean;
}

export interface Scene extends AsyncDisposable {
  readonly api: AdminApi;
  readonly provider: TestProvider;
}

export async function aScene({ nobody = false }: Pick<Step, "nobody"> = {}): Promise<Scene> {
  const api = await anAdminApi({
    clients: [aClient("shop"), aTelevision(), aCallCentre()],
    users: nobody ? [] : [alice, bob],
    config: { signUp: "open" },
  });
  const { provider } = api;
  return { api, provider, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

/** Seconds after which an interaction is over, and its browser cannot restore it. */
export const interaction = 3600 + carriedLifetime;
/** When a sign-in is not recent any more, and when a session ends that nobody has used meanwhile. */
export const recent = [300, 303] as const;
export const session = [86_400, 303] as const;

export const password = "a brand new harbour";

/** What somebody fills in who makes an account; everybody another name. */
export function newAccount(): Record<string, string> {
  const username = crypto.randomUUID();
  return { username, name: "Somebody", password, password_repeat: password };
}

export interface At {
  readonly browser: Browser;
  readonly page: Landing;
}

/** Sends a form, as it is or changed; redirects are not followed. */
export function post(
  { browser, action, fields }: FilledForm,
  headers: Record<string, string> = {},
): Promise<Response> {
  return browser.send(action, { method: "POST", body: new URLSearchParams(fields), headers });
}

/** The form of a page that goes to a path, filled in. */
export function filled(
  { browser, page: { body, url } }: At,
  action: string,
  typed: Readonly<Record<string, string>> = {},
): FilledForm {
  const forms = [...body.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => formOf(form));
  // The one that a script fills in comes before the one for people.
  const form = forms.findLast((one) => one.action.split("?")[0] === action);
  if (form === undefined) throw new Error(`no form to ${action} at ${url}:\n${body}`);
  return { browser, action, fields: { ...form.hidden, ...typed } };
}

/** The form that a page's script fills in. */
export function scripted(
  browser: Browser,
  page: Landing,
  action: string,
  made: unknown,
): FilledForm {
  const fields = { ...passkeyForm(page.body), credential: JSON.stringify(made) };
  return { browser, action, fields };
}

/** A browser in which a client's request waits for somebody to sign in. */
export async function asking(provider: TestProvider): Promise<At> {
  const browser = provider.browser();
  return { browser, page: await ask(provider, { browser }) };
}

const apps = new WeakMap<TestProvider, AuthenticatorApp>();

/** Alice's app, which she has from the first time on that it is asked for. */
export async function appOf(provider: TestProvider): Promise<AuthenticatorApp> {
  const app = apps.get(provider) ?? await giveApp(provider);
  apps.set(provider, app);
  return app;
}

/** At a page of the account, signed in just now. */
export async function atAccount(provider: TestProvider, path: string): Promise<At> {
  const browser = provider.browser();
  return { browser, page: await signInFor(browser, path) };
}
