import { type Browser, formOf } from "../support/browser.ts";
import { submitTo } from "../support/factors.ts";
import { tokensOf } from "../support/tokens.ts";
import { ownForm, type SingleUse, won, wonSession } from "./attempt.ts";
import { mailTo } from "./mailbox.ts";
import { aNewcomer, newcomersPage, scannedApp } from "./newcomer.ts";
import { carol, ops, patiently, type World } from "./world.ts";

/** What opens once to make or to change an account. */
export const accountThings: readonly SingleUse[] = [
  {
    name: "password reset link",
    refusals: ["400 invalid_request"],
    every: 5, // each attempt hashes a password
    alone: true,
    onlyRaced: true,
    prepare(world) {
      const browser = world.browser();
      return Promise.resolve(async () => {
        const mail = mailTo(world, carol.claims.email);
        const asking = await browser.open("/password-reset");
        await browser.submit(asking, { username: carol.username });
        const token = await mail(/password-reset\/confirm\?token=([\w-]+)/);
        const page = await browser.open(`/password-reset/confirm?token=${token}`);
        const { action, hidden } = formOf(page.body);
        return async (n) => {
          const password = `another password, the ${n}th`;
          const form = { ...hidden, password, password_repeat: password };
          return await won(303)(await world.post(n, action, form, ownForm(world, browser)));
        };
      });
    },
  },
  {
    name: "sign-up link",
    // Who comes too late goes on with the sign-in that the first has finished, without a session.
    refusals: ["303"],
    every: 8, // each attempt hashes a password
    alone: true,
    onlyRaced: true,
    prepare(world) {
      return Promise.resolve(async () => {
        const { browser, page } = await newcomersPage(world);
        const { action, hidden } = formOf(page.body);
        return async (n) => {
          const form = { ...hidden, ...anAccount() };
          return await wonSession(await world.post(n, action, form, ownForm(world, browser)));
        };
      });
    },
  },
  {
    name: "invitation",
    refusals: ["400 invalid_request"],
    every: 8, // each attempt hashes a password
    alone: true,
    onlyRaced: true,
    prepare(world) {
      return Promise.resolve(async () => {
        const browser = world.browser();
        const page = await browser.open(`/invitation?token=${await invite(world)}`);
        const { action, hidden } = formOf(page.body);
        return async (n) => {
          const form = { ...hidden, ...anAccount() };
          return await won(303)(await world.post(n, action, form, ownForm(world, browser)));
        };
      });
    },
  },
  {
    name: "address change link",
    refusals: ["400 invalid_request"],
    every: 4, // two mails have to come first
    onlyRaced: true,
    prepare(world) {
      return Promise.resolve(async () => {
        const { browser } = await aNewcomer(world);
        const token = await askForChange(world, browser);
        const page = await browser.open(`/account/email/confirm?token=${token}`);
        const { action, hidden } = formOf(page.body);
        return async (n) =>
          await won(200)(await world.post(n, action, hidden, ownForm(world, browser)));
      });
    },
  },
  {
    name: "key of an authenticator app that is being set up",
    // Who comes too late is sent on, without a session of two factors.
    refusals: ["303"],
    every: 8, // each round has a person of its own
    onlyRaced: true,
    prepare(world) {
      return Promise.resolve(async () => {
        const newcomer = await aNewcomer(world);
        const { browser } = newcomer;
        const { page, code, action } = await scannedApp(newcomer);
        const form = { ...formOf(page.body).hidden, code: code() };
        return async (n) =>
          await wonSession(await world.post(n, action, form, ownForm(world, browser)));
      });
    },
  },
];

/** What somebody fills in; everybody another name. */
function anAccount() {
  const password = "an account of their own";
  const username = crypto.randomUUID();
  return { username, name: "Somebody", password, password_repeat: password };
}

/** Asks for another address of one's own, and reads the mail that goes there. */
async function askForChange(world: World, browser: Browser): Promise<string> {
  const address = `${crypto.randomUUID()}@example.com`;
  const mail = mailTo(world, address);
  const page = await browser.open("/account/profile");
  await submitTo(browser, page, "/account/profile/email", { email: address });
  return await mail(/account\/email\/confirm\?token=([\w.-]+)/);
}

/** Invites somebody by the admin API, and reads their mail. */
async function invite(world: World): Promise<string> {
  const email = `${crypto.randomUUID()}@example.com`;
  const mail = mailTo(world, email);
  const { client_id, client_secret = "" } = ops;
  const resource = `${world.issuer}/api/v1`;
  const form = { grant_type: "client_credentials", client_id, client_secret, resource };
  const asked = await patiently(() =>
    world.post(0, "/token", { ...form, scope: "latchkey:admin" })
  );
  const { access_token } = await tokensOf(asked);
  const invited = await patiently(() =>
    world.request(0, "/api/v1/invitations", {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      body: JSON.stringify({ email }),
    })
  );
  if (invited.status !== 201) throw new Error(`not invited: ${await invited.text()}`);
  await invited.body?.cancel();
  return await mail(/invitation\?token=([\w.-]+)/);
}
