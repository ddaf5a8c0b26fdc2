import { anAuthenticator, type AuthenticatorOptions } from "../support/authenticator.ts";
import {
  creationOptions,
  passkeyForm,
  passkeysPage,
  requestOptions,
  sendCredential,
} from "../support/passkeys.ts";
import type { Browser, Landing } from "../support/browser.ts";
import { atOnce, ownForm, type SingleUse, won } from "./attempt.ts";
import { newcomersOf } from "./newcomer.ts";
import { authorizePath, type World } from "./world.ts";

/** The number of browsers that use one counter value of a passkey. Attempts are spread over them. */
const browsersAtOnce = 5;

/** Single-use things of passkeys. */
export const passkeyThings: readonly SingleUse[] = [
  {
    name: "passkey challenge",
    refusals: ["401", "400"],
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
    refusals: ["403", "400"],
    every: 4, // each attempt has a challenge of its own, and there are fifty writes in a row
    onlyRaced: true, // one that waits there would be overtaken by the next, and taken for a copy
    async prepare(world) {
      const { authenticator } = await withPasskey(world);
      let lastCount = 0;
      let waiting: { readonly browser: Browser; readonly page: Landing }[] = [];
      return async () => {
        const counter = ++lastCount;
        const missing = Array.from({ length: browsersAtOnce - waiting.length }, async () => {
          const browser = world.browser();
          return { browser, page: await browser.open(authorizePath()) };
        });
        const browsers = waiting = [...waiting, ...await Promise.all(missing)];
        const answers = await Promise.all(Array.from({ length: atOnce }, async (_, nth) => {
          const at = browsers[nth % browsersAtOnce];
          if (at === undefined) throw new Error("nobody waits");
          const options = await requestOptions(at.browser, at.page);
          const credential = await authenticator.get(options, { counter });
          const form = { ...passkeyForm(at.page.body), credential: JSON.stringify(credential) };
          return { at, form };
        }));
        return async (n) => {
          const { at, form } = answers[n % atOnce] ?? {};
          if (at === undefined || form === undefined) throw new Error("nobody answers");
          const headers = ownForm(world, at.browser);
          const outcome = await won(303)(await world.post(n, "/login/passkey", form, headers));
          // A refused browser stays at the same page for the next round.
          if (outcome === "won") waiting = waiting.filter((other) => other !== at);
          return outcome;
        };
      };
    },
  },
  {
    name: "passkey registration challenge",
    refusals: ["400"],
    every: 2, // some rounds have a person of their own, as nobody has many passkeys
    onlyRaced: true, // five minutes later who repeats it has to sign in first, and is told only that
    prepare(world) {
      const newcomer = newcomersOf(world, 15);
      return Promise.resolve(async () => {
        const { browser } = await newcomer();
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
