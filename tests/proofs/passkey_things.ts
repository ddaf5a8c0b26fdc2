import { anAuthenticator, type AuthenticatorOptions } from "../support/authenticator.ts";
import {
  creationOptions,
  passkeyForm,
  passkeysPage,
  requestOptions,
  sendCredential,
} from "../support/passkeys.ts";
import { ownForm, type SingleUse, won } from "./attempt.ts";
import { aNewcomer } from "./newcomer.ts";
import { authorizePath, type World } from "./world.ts";

/** What opens once about passkeys. */
export const passkeyThings: readonly SingleUse[] = [
  {
    name: "passkey challenge",
    refusals: ["401"],
    async prepare(world) {
      // One that does not count: nothing but the challenge tells the first use from the others.
      const { browser, authenticator } = await withPasskey(world, { counts: false });
      return async () => {
        const page = await browser.open(authorizePath({ prompt: "login" }));
        const credential = await authenticator.get(await requestOptions(browser, page));
        const form = { ...passkeyForm(page.body), credential: JSON.stringify(credential) };
        const headers = ownForm(world, browser);
        return async (n) => await won(303)(await world.post(n, "/login/passkey", form, headers));
      };
    },
  },
  {
    name: "counter of a passkey",
    // Each answers a challenge of its own: two with one count are two authenticators.
    refusals: ["403 access_denied"],
    every: 5, // each attempt has a browser and a page of its own
    onlyRaced: true,
    async prepare(world) {
      const { authenticator } = await withPasskey(world);
      let counter = 0;
      return () => {
        counter++;
        return Promise.resolve(async (n) => {
          const browser = world.browser();
          const page = await browser.open(authorizePath());
          const options = await requestOptions(browser, page);
          const credential = await authenticator.get(options, { counter });
          const form = { ...passkeyForm(page.body), credential: JSON.stringify(credential) };
          return await won(303)(
            await world.post(n, "/login/passkey", form, ownForm(world, browser)),
          );
        });
      };
    },
  },
  {
    name: "passkey registration challenge",
    refusals: ["400"],
    every: 4, // each round has a person of its own, as nobody has many passkeys
    onlyRaced: true,
    prepare(world) {
      return Promise.resolve(async () => {
        const { browser } = await aNewcomer(world);
        const page = await browser.open(passkeysPage);
        const options = await creationOptions(browser, page);
        const fields = passkeyForm(page.body);
        return async (n) => {
          // Each answers with a passkey of its own.
          const made = await anAuthenticator({ origin: world.issuer }).create(options);
          const form = { ...fields, credential: JSON.stringify(made) };
          return await won(303)(await world.post(n, passkeysPage, form, ownForm(world, browser)));
        };
      });
    },
  },
];

/** A person who is signed in, and the authenticator with their passkey. */
async function withPasskey(world: World, options: AuthenticatorOptions = {}) {
  const browser = await world.signedIn();
  const authenticator = anAuthenticator({ ...options, origin: world.issuer });
  const account = await browser.open(passkeysPage);
  const made = await authenticator.create(await creationOptions(browser, account));
  await sendCredential(browser, account, made);
  return { browser, authenticator };
}
