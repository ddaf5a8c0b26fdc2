import { type Browser, formOf } from "../support/browser.ts";
import { submitTo } from "../support/factors.ts";
import { ownForm, type SingleUse, won, wonSession } from "./attempt.ts";
import { mailTo } from "./mailbox.ts";
import { aPasskeyNewcomer, scannedApp } from "./newcomer.ts";
import type { World } from "./world.ts";

/** Single-use things that change an account. */
export const accountThings: readonly SingleUse[] = [
  {
    name: "address change link",
    refusals: ["400 invalid_request", "400"],
    every: 2, // two mails have to come first
    prepare(world) {
      return Promise.resolve(async () => {
        const { browser } = await aPasskeyNewcomer(world);
        const token = await askForChange(world, browser);
        const page = await browser.open(`/account/email/confirm?token=${token}`);
        const { action, hidden } = formOf(page.body);
        return async (n) =>
          await won(303)(await world.post(n, action, hidden, ownForm(world, browser)));
      });
    },
  },
  {
    name: "key of an authenticator app that is being set up",
    // A later attempt is redirected, without a session of two factors.
    refusals: ["303", "400"],
    every: 2, // each round has a person of its own
    prepare(world) {
      return Promise.resolve(async () => {
        const { browser } = await aPasskeyNewcomer(world);
        const { page, code, action } = await scannedApp({ browser });
        const form = { ...formOf(page.body).hidden, code: code() };
        return async (n) =>
          await wonSession(await world.post(n, action, form, ownForm(world, browser)));
      });
    },
  },
];

/** Asks for another address of one's own, and reads the mail that goes there. */
async function askForChange(world: World, browser: Browser): Promise<string> {
  const address = `${crypto.randomUUID()}@example.com`;
  const mail = mailTo(world, address);
  const page = await browser.open("/account/profile");
  await submitTo(browser, page, "/account/profile/email", { email: address });
  return await mail(/account\/email\/confirm\?token=([\w.-]+)/);
}
