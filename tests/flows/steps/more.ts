import { accountBrowser } from "../../support/account.ts";
import { anAuthenticator } from "../../support/authenticator.ts";
import { submitLogin } from "../../support/authorization.ts";
import { beginBackchannel } from "../../support/backchannel.ts";
import { beginDevice, typeCode } from "../../support/devices.ts";
import { giveApp, giveRecoveryCodes, secondFactorPath } from "../../support/factors.ts";
import { newestLink } from "../../support/mails.ts";
import { creationOptions } from "../../support/passkeys.ts";
import {
  asking,
  type At,
  filled,
  newAccount,
  password,
  type Scene,
  scripted,
  type Step,
} from "./step.ts";

type Ready = Step["ready"];
const deny = { decision: "deny" };

/** What else can be sent with the forms of the table, by the path and what is special. */
export const moreSteps: Readonly<Record<string, Step>> = {
  "/consent (deny)": step(async ({ provider }) => {
    const { browser, page } = await asking(provider);
    return filled({ browser, page: await submitLogin(browser, page) }, "/consent", deny);
  }),
  "/device/confirm (deny)": step(async ({ provider }) => {
    const { user_code } = await beginDevice(provider);
    const browser = provider.browser();
    const page = await typeCode(browser, user_code);
    return filled({ browser, page }, "/device/confirm", deny);
  }),
  "/account/requests (deny)": step(async ({ provider }) => {
    await beginBackchannel(provider);
    const browser = await accountBrowser(provider);
    const page = await browser.open("/account/requests");
    return filled({ browser, page }, "/account/requests", deny);
  }),
  "/login/second-factor (a recovery code)": step(async ({ provider }) => {
    await giveApp(provider);
    const [code = ""] = await giveRecoveryCodes(provider);
    const { browser, page } = await asking(provider);
    return filled({ browser, page: await submitLogin(browser, page) }, secondFactorPath, { code });
  }),
  "/password-reset/confirm (a request waits)": step(async (scene) => {
    const fields = { password, password_repeat: password };
    return filled(await atReset(scene, true), "/password-reset/confirm", fields);
  }),
  "/password-reset/confirm (a passkey)": step(async (scene) => {
    const { browser, page } = await atReset(scene, false);
    const made = await anAuthenticator().create(await creationOptions(browser, page));
    return scripted(browser, page, "/password-reset/confirm", { ...made });
  }),
  "/sign-up/confirm (no request waits)": step(async ({ provider }) => {
    const browser = provider.browser();
    const email = `${crypto.randomUUID()}@example.com`;
    await browser.submit(await browser.open("/sign-up"), { email });
    const page = await browser.open(await newestLink(provider));
    return filled({ browser, page }, "/sign-up/confirm", newAccount());
  }),
};

function step(ready: Ready, more: Partial<Step> = {}): Step {
  return { ready, done: 303, until: null, ...more };
}

async function atReset({ provider }: Scene, waits: boolean): Promise<At> {
  const asked = waits ? await asking(provider) : null;
  const browser = asked?.browser ?? provider.browser();
  const page = await browser.open(`/password-reset${asked?.page.url.search ?? ""}`);
  await browser.submit(page, { username: "alice" });
  return { browser, page: await browser.open(await newestLink(provider)) };
}
