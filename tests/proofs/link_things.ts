import { askForResetMail, walkerOf } from "../journeys/mail_requests.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { anAuthenticator } from "../support/authenticator.ts";
import { creationOptions, passkeyForm, passkeyUrls } from "../support/passkeys.ts";
import { atOnce, ownForm, type SingleUse, won, wonSession } from "./attempt.ts";
import { mailTo } from "./mailbox.ts";
import { newcomersOf, newcomersPage } from "./newcomer.ts";
import { operatorsToken } from "./operator.ts";
import { carol, patiently, type World } from "./world.ts";

type Form = Readonly<Record<string, string>>;

/**
 * The single-use links of mails, which create an account or give access to one. With a passkey, each
 * attempt answers the one challenge of its page with its own credential.
 */
export const linkThings: readonly SingleUse[] = [
  {
    name: "password reset link",
    refusals: ["400 invalid_request", "400"],
    every: 4, // each attempt hashes a password
    alone: true,
    onlyRaced: true, // for the same reason: lives are short there
    prepare: (world) =>
      Promise.resolve(async () => {
        const { browser, page } = await resetPage(world, carol.username, carol.claims.email);
        const { action, hidden } = formOf(page.body);
        return async (n) => {
          const password = `another password, the ${n}th`;
          const form = { ...hidden, password, password_repeat: password };
          return await won(303)(await world.post(n, action, form, ownForm(world, browser)));
        };
      }),
  },
  {
    name: "password reset link (with a passkey)",
    refusals: ["400 invalid_request", "400"],
    every: 2, // a mail has to come first
    prepare(world) {
      const newcomer = newcomersOf(world, 18); // nobody has more than 20 passkeys
      return Promise.resolve(async () => {
        const { username } = await newcomer();
        const { browser, page } = await resetPage(world, username, username);
        const post = await withPasskeys(world, { browser, page });
        return async (n) => await won(303)(await post(n));
      });
    },
  },
  {
    name: "sign-up link",
    // A later attempt continues the sign-in that the first one has finished, and gets no session.
    refusals: ["303", "400"],
    every: 4, // each attempt hashes a password
    alone: true,
    onlyRaced: true, // for the same reason
    prepare: (world) =>
      Promise.resolve(async () => {
        const { browser, page } = await newcomersPage(world);
        const { action, hidden } = formOf(page.body);
        return async (n) => {
          const form = { ...hidden, ...anAccount() };
          return await wonSession(await world.post(n, action, form, ownForm(world, browser)));
        };
      }),
  },
  {
    name: "sign-up link (with a passkey)",
    refusals: ["303", "400"],
    every: 2, // a mail has to come first
    prepare: (world) =>
      Promise.resolve(async () => {
        const post = await withPasskeys(world, { ...await newcomersPage(world), names });
        return async (n) => await wonSession(await post(n));
      }),
  },
  {
    name: "invitation",
    refusals: ["400 invalid_request", "400"],
    every: 4, // each attempt hashes a password
    alone: true,
    onlyRaced: true, // for the same reason
    prepare(world) {
      const invite = inviterOf(world);
      return Promise.resolve(async () => {
        const { browser, page } = await invitationPage(world, await invite());
        const { action, hidden } = formOf(page.body);
        return async (n) => {
          const form = { ...hidden, ...anAccount() };
          return await won(303)(await world.post(n, action, form, ownForm(world, browser)));
        };
      });
    },
  },
  {
    name: "invitation (with a passkey)",
    refusals: ["400 invalid_request", "400"],
    every: 2, // a mail has to come first
    prepare(world) {
      const invite = inviterOf(world);
      return Promise.resolve(async () => {
        const at = await invitationPage(world, await invite());
        const post = await withPasskeys(world, { ...at, names });
        return async (n) => await won(303)(await post(n));
      });
    },
  },
];

/** A username, different each time. */
function names(): Form {
  return { username: crypto.randomUUID(), name: "Somebody" };
}

function anAccount(): Form {
  const password = "an account of their own";
  return { ...names(), password, password_repeat: password };
}

/**
 * Makes the passkeys before the race, so that nobody waits for their own.
 *
 * @returns what posts the n-th of them, round and round
 */
async function withPasskeys(
  world: World,
  { browser, page, names = () => ({}) }: {
    readonly browser: Browser;
    readonly page: Landing;
    readonly names?: () => Form;
  },
): Promise<(n: number) => Promise<Response>> {
  const options = await creationOptions(browser, page, names());
  // In the crash proof, one user uses each link, and then uses it again.
  const length = world.processes.length === 1 ? 1 : atOnce;
  const forms = await Promise.all(Array.from({ length }, async () => {
    const made = await anAuthenticator({ origin: world.issuer }).create(options);
    return { ...passkeyForm(page.body), ...names(), credential: JSON.stringify(made) };
  }));
  const { action } = passkeyUrls(page.body);
  return (n) => world.post(n, action, forms[n % length] ?? {}, ownForm(world, browser));
}

/** Asks for a reset, and follows the link of its mail. */
async function resetPage(world: World, username: string, address: string) {
  const browser = world.browser();
  const mail = mailTo(world, address);
  await askForResetMail(walkerOf(browser), username);
  const token = await mail(/password-reset\/confirm\?token=([\w-]+)/);
  return { browser, page: await browser.open(`/password-reset/confirm?token=${token}`) };
}

async function invitationPage(world: World, token: string) {
  const browser = world.browser();
  return { browser, page: await browser.open(`/invitation?token=${token}`) };
}

/** Invites by the admin API. @returns what invites somebody, and reads the token in their mail */
function inviterOf(world: World): () => Promise<string> {
  let token: Promise<string> | null = null;
  return async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const mail = mailTo(world, email);
    token ??= operatorsToken(world);
    const accessToken = await token.catch((error) => {
      token = null;
      throw error;
    });
    const invited = await patiently(() =>
      world.request(0, "/api/v1/invitations", {
        method: "POST",
        headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
        body: JSON.stringify({ email }),
      })
    );
    if (invited.status !== 201) throw new Error(`not invited: ${await invited.text()}`);
    await invited.body?.cancel();
    return await mail(/invitation\?token=([\w.-]+)/);
  };
}
