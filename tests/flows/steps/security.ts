import { anAuthenticator } from "../../support/authenticator.ts";
import { anApp, signInFor } from "../../support/factors.ts";
import {
  creationOptions,
  passkeyForm,
  passkeysPage,
  registerPasskey,
  withPasskey,
} from "../../support/passkeys.ts";
import { alice, type TestProvider } from "../../support/provider.ts";
import {
  appOf,
  type At,
  atAccount,
  filled,
  type FilledForm,
  password,
  recent,
  scripted,
  type Step,
} from "./step.ts";

const security = "/account/security";

/** About the ways to sign in. */
export const securitySteps: Readonly<Record<string, Step>> = {
  "/account/security/password": {
    async ready({ provider }) {
      const at = await atAccount(provider, `${security}/password`);
      const fields = { current_password: alice.password, password, password_repeat: password };
      return filled(at, `${security}/password`, fields);
    },
    done: `${security}/password`,
    newSession: true,
    until: recent,
  },
  "/account/security/password/remove": {
    async ready({ provider }) {
      await withPasskey(provider);
      const path = `${security}/password/remove`;
      return filled(await atAccount(provider, path), path);
    },
    done: security,
    newSession: true,
    until: recent,
  },
  "/account/security/authenticator-app": {
    async ready({ provider }) {
      const path = `${security}/authenticator-app`;
      const at = await atAccount(provider, path);
      const key = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(at.page.body)?.[1] ?? "";
      const app = anApp(provider, key.replaceAll(" ", ""));
      return filled(at, path, { code: app.code() });
    },
    done: `${security}/recovery-codes`,
    newSession: true,
    until: recent,
  },
  "/account/security/authenticator-app/remove": {
    async ready({ provider }) {
      const path = `${security}/authenticator-app/remove`;
      return filled(await withApp(provider, path), path);
    },
    done: security,
    until: recent,
    repeatable: true,
  },
  "/account/security/recovery-codes": {
    async ready({ provider }) {
      const path = `${security}/recovery-codes`;
      return filled(await withApp(provider, path), path);
    },
    done: "/account/security/recovery-codes/new",
    until: recent,
    repeatable: true,
  },
  "/account/security/passkeys/options": {
    async ready({ provider }) {
      const { browser, page } = await atAccount(provider, passkeysPage);
      const { credential: _, ...fields } = passkeyForm(page.body);
      return { browser, action: `${passkeysPage}/options`, fields };
    },
    done: 200,
    until: recent,
    repeatable: true,
  },
  "/account/security/passkeys": {
    async ready({ provider }) {
      const { browser, page } = await atAccount(provider, passkeysPage);
      const made = await anAuthenticator().create(await creationOptions(browser, page));
      return scripted(browser, page, passkeysPage, made);
    },
    done: passkeysPage,
    until: recent,
  },
  "/account/security/passkeys/:passkey/rename": {
    ready: ({ provider }) => atPasskey(provider, "rename", { name: "Blue key" }),
    done: passkeysPage,
    until: recent,
    repeatable: true,
  },
  "/account/security/passkeys/:passkey/remove": {
    ready: ({ provider }) => atPasskey(provider, "remove"),
    done: passkeysPage,
    until: recent,
    repeatable: true, // what is gone stays gone
  },
};

/** At a page of the account, signed in with two factors. */
async function withApp(provider: TestProvider, path: string): Promise<At> {
  const app = await appOf(provider);
  provider.clock.advance(30); // a code is good for one sign-in
  const browser = provider.browser();
  return { browser, page: await signInFor(browser, path, { app }) };
}

async function atPasskey(
  provider: TestProvider,
  what: "rename" | "remove",
  typed: Record<string, string> = {},
): Promise<FilledForm> {
  const browser = provider.browser();
  await registerPasskey(provider, { browser });
  const list = await browser.open(passkeysPage);
  const ids = [...list.body.matchAll(/passkeys\/([A-Za-z0-9_-]{43})"/g)].map(([, id]) => id);
  const path = `${passkeysPage}/${ids.at(-1)}`;
  return filled({ browser, page: await browser.open(path) }, `${path}/${what}`, typed);
}
