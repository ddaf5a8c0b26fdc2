import { signedInBrowser, submitLogin } from "../../support/authorization.ts";
import { secondFactorPath } from "../../support/factors.ts";
import { aliceAddress, askForMail, newestCode } from "../../support/mail_sign_in.ts";
import { newestLink } from "../../support/mails.ts";
import { passkeyForm, requestOptions, withPasskey } from "../../support/passkeys.ts";
import { alice, type TestProvider } from "../../support/provider.ts";
import { appOf, asking, filled, interaction, scripted, type Step } from "./step.ts";

const resume = "/authorize/resume";

/** On the way from a client's request to its answer, and out again. */
export const signInSteps: Readonly<Record<string, Step>> = {
  "/login": {
    async ready({ provider }) {
      const { username, password } = alice;
      return filled(await asking(provider), "/login", { username, password });
    },
    done: resume,
    newSession: true,
    until: [interaction, 400],
    repeatable: true,
  },
  "/login/passkey/options": {
    async ready({ provider }) {
      const { browser, page } = await asking(provider);
      const { credential: _, ...fields } = passkeyForm(page.body);
      return { browser, action: "/login/passkey/options", fields };
    },
    done: 200,
    until: [interaction, 400],
    repeatable: true,
  },
  "/login/passkey": {
    async ready({ provider }) {
      const authenticator = await withPasskey(provider);
      const { browser, page } = await asking(provider);
      const made = await authenticator.get(await requestOptions(browser, page));
      return scripted(browser, page, "/login/passkey", made);
    },
    done: resume,
    newSession: true,
    until: [300, 400],
  },
  "/login/second-factor": {
    async ready({ provider }) {
      const { browser, page, app } = await atSecondFactor(provider);
      return filled({ browser, page }, secondFactorPath, { code: app.code() });
    },
    done: resume,
    newSession: true,
    until: [600, 303],
  },
  "/login/second-factor/restart": {
    async ready({ provider }) {
      return filled(await atSecondFactor(provider), `${secondFactorPath}/restart`);
    },
    done: "/login",
    until: [interaction, 400],
    repeatable: true,
  },
  "/magic-link": {
    async ready({ provider }) {
      const { browser, page } = await asking(provider);
      const request = await browser.open(`/magic-link${page.url.search}`);
      const fields = { email: aliceAddress, way: "link" };
      return filled({ browser, page: request }, "/magic-link", fields);
    },
    done: "/magic-link/sent",
    until: [interaction, 400],
    repeatable: true,
  },
  "/magic-link/code": {
    async ready({ provider }) {
      const waiting = await askForMail(provider, "code");
      return filled(waiting, "/magic-link/code", { code: await newestCode(provider) });
    },
    done: resume,
    newSession: true,
    until: [300, 400],
  },
  "/magic-link/confirm": {
    async ready({ provider }) {
      const { browser } = await askForMail(provider, "link");
      const page = await browser.open(await newestLink(provider));
      return filled({ browser, page }, "/magic-link/confirm");
    },
    done: resume,
    newSession: true,
    until: [900, 400],
  },
  "/magic-link/elsewhere": {
    async ready({ provider }) {
      await askForMail(provider, "link");
      const browser = provider.browser();
      const page = await browser.open(await newestLink(provider));
      return filled({ browser, page }, "/magic-link/elsewhere");
    },
    done: 200,
    until: [900, 400],
    repeatable: true,
  },
  "/consent": {
    async ready({ provider }) {
      const { browser, page } = await asking(provider);
      const consent = await submitLogin(browser, page);
      return filled({ browser, page: consent }, "/consent", { decision: "allow" });
    },
    done: "https://shop.example/callback",
    until: [interaction, 400],
    repeatable: true, // within the code's lifetime; it takes the place of the one before
  },
  "/logout/confirm": {
    async ready({ provider }) {
      const browser = await signedInBrowser(provider);
      return filled({ browser, page: await browser.open("/logout") }, "/logout/confirm");
    },
    done: 200,
    until: null, // an end is always safe
    repeatable: true,
  },
};

async function atSecondFactor(provider: TestProvider) {
  const app = await appOf(provider);
  const { browser, page } = await asking(provider);
  return { browser, page: await submitLogin(browser, page), app };
}
