import { askForSignInMail, walkerOf } from "../journeys/mail_requests.ts";
import { mailCode } from "../support/mail_sign_in.ts";
import { formOf } from "../support/browser.ts";
import { ownForm, type SingleUse, wonSession } from "./attempt.ts";
import { mailTo } from "./mailbox.ts";
import {
  aNewcomer,
  atSecondFactor,
  type Newcomer,
  newcomersOf,
  recoveryCodesOf,
  withApp,
} from "./newcomer.ts";
import { authorizePath, dave, type World } from "./world.ts";

/** The number of browsers that wait for one second factor, with several processes. Attempts are spread over them. */
const browsersAtOnce = 5;

/** Single-use things of a sign-in, except passkeys. */
export const signInThings: readonly SingleUse[] = [
  {
    name: "magic link",
    // A later attempt continues the sign-in that the first one has finished, and gets no session.
    refusals: ["303", "400"],
    every: 3, // a mail has to come first
    prepare(world) {
      return Promise.resolve(async () => {
        const { browser, token } = await askForLink(world);
        const page = await browser.open(`/magic-link/confirm?token=${token}`);
        const { action, hidden } = formOf(page.body);
        return async (n) =>
          await wonSession(await world.post(n, action, hidden, ownForm(world, browser)));
      });
    },
  },
  {
    name: "magic link (used, and turned into a code, at once)",
    // Five attempts may try the code. The link stops working as soon as there is a code.
    refusals: ["303", "401", "400 invalid_request", "400"],
    every: 3, // a mail has to come first
    prepare(world) {
      return Promise.resolve(async () => {
        const { browser, sent, token } = await askForLink(world);
        const path = `/magic-link/confirm?token=${token}`;
        const here = formOf((await browser.open(path)).body);
        const elsewhere = world.browser();
        const there = formOf((await elsewhere.open(path)).body);
        const typing = formOf(sent.body);
        return async (n) => {
          if (n % 2 === 1) {
            const own = ownForm(world, browser);
            return await wonSession(await world.post(n, here.action, here.hidden, own));
          }
          const other = ownForm(world, elsewhere);
          const shown = await world.post(n, there.action, there.hidden, other);
          if (shown.status !== 200) return await wonSession(shown);
          const code = mailCode.exec(await shown.text())?.[0] ?? "";
          const form = { ...typing.hidden, code };
          const typed = await world.post(n, typing.action, form, ownForm(world, browser));
          return await wonSession(typed);
        };
      });
    },
  },
  {
    name: "e-mail code",
    // Five of 50 attempts at once may try the code, and one of these gets a session.
    refusals: ["303", "401", "400"],
    every: 3, // a mail has to come first
    prepare(world) {
      // A mail does not show which request it belongs to, so each user has one request at a time.
      const newcomer = newcomersOf(world, Infinity);
      return Promise.resolve(async () => {
        const { username } = await newcomer();
        const { browser, sent, mail } = await askForMail(world, "code", username);
        const code = await mail(/^([A-Z]{4}-[A-Z]{4})$/m);
        const { action, hidden } = formOf(sent.body);
        const form = { ...hidden, code };
        return async (n) =>
          await wonSession(await world.post(n, action, form, ownForm(world, browser)));
      });
    },
  },
  {
    name: "code of an authenticator app",
    refusals: ["303", "401", "400"],
    every: 4, // each round has a person of its own, and passwords to hash
    onlyRaced: true, // a code that waits there may be too old when it is looked for
    prepare(world) {
      return Promise.resolve(async () => {
        const newcomer = await aNewcomer(world);
        return await secondFactor(world, newcomer, await withApp(newcomer));
      });
    },
  },
  {
    name: "recovery code",
    refusals: ["303", "401", "400"],
    every: 4, // passwords to hash
    async prepare(world) {
      // Enough for a while where the server never lives for long.
      const length = world.processes.length === 1 ? 4 : 1;
      const drawers = await Promise.all(Array.from({ length }, () => aDrawer(world)));
      return async () => {
        const drawer = drawers.find(({ codes }) => codes.length > 0) ?? await aDrawer(world);
        if (!drawers.includes(drawer)) drawers.push(drawer);
        const code = drawer.codes.pop() ?? "";
        return await secondFactor(world, drawer.newcomer, code);
      };
    },
  },
];

/** A person with recovery codes in a drawer. */
async function aDrawer(world: World) {
  const newcomer = await aNewcomer(world);
  await withApp(newcomer);
  return { newcomer, codes: await recoveryCodesOf(newcomer) };
}

/** One code, for several browsers that have shown the first factor. */
async function secondFactor(world: World, newcomer: Newcomer, code: string) {
  // A process alone may be one that is soon to be killed: there is no time for more.
  const length = world.processes.length === 1 ? 1 : browsersAtOnce;
  const waiting = await Promise.all(
    Array.from({ length }, () => atSecondFactor(world, newcomer)),
  );
  return async (n: number) => {
    const at = waiting[n % waiting.length];
    if (at === undefined) throw new Error("nobody waits");
    const form = { ...at.hidden, code };
    return await wonSession(await world.post(n, at.action, form, ownForm(world, at.browser)));
  };
}

/** Begins a sign-in in a new browser, and asks for a mail to it. */
async function askForMail(world: World, way: "link" | "code", email = dave.claims.email) {
  const browser = world.browser();
  const mail = mailTo(world, email);
  const login = await browser.open(authorizePath());
  const sent = await askForSignInMail(walkerOf(browser), login, { email, way });
  return { browser, sent, mail };
}

/** The same for a link: its token says which request it answers. */
async function askForLink(world: World) {
  const { mail, ...asked } = await askForMail(world, "link");
  const handle = asked.sent.url.searchParams.get("request") ?? "";
  const token = await mail(new RegExp(`magic-link/confirm\\?token=(${handle}\\.[\\w-]+)`));
  return { ...asked, token };
}
