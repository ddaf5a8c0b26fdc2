import { firstSetupLink } from "../../../src/boot/setup_link.ts";
import { anAdminApi } from "../../admin/api.ts";
import type { Browser, Landing } from "../../support/browser.ts";
import { newestLink } from "../../support/mails.ts";
import { aProvider, type TestProvider } from "../../support/provider.ts";

/** A page that makes an account, in a browser that has come to it. */
export interface Door extends AsyncDisposable {
  readonly provider: TestProvider;
  readonly browser: Browser;
  readonly link: string;
  readonly page: Landing;
  /** Comes to such a page once more, with a link of its own, in the same browser; null: there is one. */
  readonly another: (() => Promise<Landing>) | null;
}

export type DoorName = keyof typeof doors;

/** Every way to an account. */
export const doors = {
  "sign-up": signUpDoor,
  "invitation": invitationDoor,
  "setup": setupDoor,
} as const satisfies Record<string, () => Promise<Door>>;

export const doorNames = Object.keys(doors) as DoorName[];

/** Comes from an authorization request, in the browser that goes on with it. */
async function signUpDoor(): Promise<Door> {
  const provider = await aProvider({ config: { signUp: "open" } });
  const browser = provider.browser();
  const ask = async (email: string) => {
    const login = await browser.open(provider.authorizeUrl());
    const path = /href="(\/sign-up\?interaction=[\w-]+)"/.exec(login.body)?.[1] ?? "none";
    await browser.submit(await browser.open(path), { email });
    return await newestLink(provider);
  };
  const link = await ask("nora@example.com");
  return await aDoor(provider, browser, link, () => ask("nils@example.com"));
}

async function invitationDoor(): Promise<Door> {
  const api = await anAdminApi({ config: { signUp: "invited" } });
  const invite = async (email: string) => {
    await api.post("/invitations", { email });
    return await newestLink(api.provider);
  };
  const link = await invite("nora@example.com");
  const browser = api.provider.browser();
  return await aDoor(api.provider, browser, link, () => invite("nils@example.com"));
}

async function setupDoor(): Promise<Door> {
  const provider = await aProvider({ users: [], config: { environment: "production" } });
  const setupLink = await firstSetupLink(provider.deps);
  const link = setupLink?.slice(provider.deps.config.issuer.length) ?? "none";
  return await aDoor(provider, provider.browser(), link, null);
}

async function aDoor(
  provider: TestProvider,
  browser: Browser,
  link: string,
  anotherLink: (() => Promise<string>) | null,
): Promise<Door> {
  return {
    provider,
    browser,
    link,
    page: await browser.open(link),
    another: anotherLink && (async () => await browser.open(await anotherLink())),
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

/** How many people have an account. */
export async function people({ backend }: TestProvider): Promise<number> {
  return (await backend.list({ prefix: ["users"] }, { limit: 100 })).entries.length;
}
