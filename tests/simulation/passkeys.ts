import type { Challenge } from "../../stores/challenges.ts";
import type { Interaction } from "../../stores/interactions.ts";
import type { Passkey } from "../../stores/passkeys.ts";
import { toBase64url } from "../../src/crypto/encoding.ts";
import type { Landing } from "../support/browser.ts";
import { formAnswer } from "../support/form_answer.ts";
import { askForOptions, passkeyForm, passkeysPage, passkeyUrls } from "../support/passkeys.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { attemptField, goOn, isUnspent, knock, openPage } from "./entry_points.ts";
import type { SoftCredential } from "../support/authenticator.ts";
import type { At } from "./new_account.ts";
import { atSignIn } from "./sign_in_anew.ts";
import { isOfBrowser } from "./mailbox.ts";
import type { Person } from "./people.ts";
import { isInFlux, passkeysOf, userOf } from "./persons_now.ts";
import { digestOf } from "./tokens.ts";
import { patiently, unlessLost } from "./world.ts";

/** Signs in with a passkey on the sign-in page. @returns where the browser stands then; null: nowhere */
export async function signInByPasskey(
  used: UsedBrowser,
  person: Person,
  login: Landing,
): Promise<Landing | null> {
  const { party, browser } = used;
  const { world, chance } = party;
  const which = chance.pick(passkeysOf(world, person));
  const hasCopy = chance.happens(0.15);
  // A copy counts for itself: it comes again with a count that was there, or at the same moment.
  const isOld = hasCopy && which.counter > 0 && chance.happens(0.4);
  const counter = isOld ? which.counter : ++which.counter;
  const answered = answer({ party, browser, page: login }, { person, which, counter });
  if (!hasCopy) return await goOn(used, await answered);
  const thief = await unlessLost(() => atSignIn(party));
  const [mine] = await Promise.all([
    answered,
    thief?.page.body.includes('id="passkey-form"')
      ? answer({ party, ...thief }, { person, which, counter })
      : null,
  ]);
  return await goOn(used, mine);
}

/** Answers a challenge of one's own with a passkey and its count. @returns null: nobody is signed in */
async function answer(
  at: At,
  { person, which, counter }: {
    readonly person: Person;
    readonly which: SoftCredential;
    readonly counter: number;
  },
): Promise<Response | null> {
  const { party, browser, page } = at;
  const { world } = party;
  const { history } = world;
  const options = await optionsAt(at, page);
  if (options === null) return null;
  const credential = await world.authenticatorOf(person).get(options, { which, counter });
  const form = { ...passkeyForm(page.body), credential: JSON.stringify(credential) };
  const passkeyId = digestOf(which.id);
  const userId = userOf(world, person)?.userId;
  await party.pause(300);
  const signedIn = await knock(party, {
    thing: `passkey_authentication ${options.challenge}`,
    async post() {
      const { action } = passkeyUrls(page.body);
      const body = new URLSearchParams({ ...form, ...attemptField(browser) });
      // A refusal redirects too, to the page that tells it.
      const sent = await browser.send(action, { method: "POST", body });
      return await formAnswer(world.processAt(0).deps, sent);
    },
    // On to the application, or to the second factor.
    isOpened: ({ status }) => status === 303,
    isGood() {
      const at = digestOf(`passkey_authentication.${options.challenge}`);
      const challenge = history.find<Challenge>("challenges", at);
      const passkey = history.find<Passkey>("passkeys", passkeyId);
      const interactionId = challenge?.interactionId ?? "";
      const interaction = history.find<Interaction>("interactions", interactionId);
      return isUnspent(party, challenge) && isUnspent(party, interaction) &&
        isOfBrowser(challenge, browser) && passkey !== undefined && passkey.counter < counter &&
        !isInFlux(world, userId);
    },
  });
  const passkey = history.find<Passkey>("passkeys", passkeyId);
  if (signedIn?.status === 403 && passkey !== undefined && passkey.counter < counter) {
    world.findings.push("a passkey was taken for a copy of itself");
  }
  if (signedIn?.status !== 303) return null;
  world.eventLog.openings.push({ thing: `count ${counter} of the passkey ${passkeyId}` });
  return signedIn;
}

/** Adds a passkey on the account's page; now and then two answer the same challenge. */
export async function registerPasskey(used: UsedBrowser, person: Person) {
  const { party, browser } = used;
  const { world, chance } = party;
  const { history } = world;
  const page = await openPage(used, passkeysPage);
  if (page?.url.pathname !== passkeysPage) return;
  const options = await optionsAt(used, page);
  if (options === null) return;
  const ids = [chance.random.bytes(32), chance.random.bytes(32)].map(toBase64url);
  const made = await Promise.all(
    ids.map((credentialId) => world.authenticatorOf(person).create(options, { credentialId })),
  );
  const sessionId = used.sessionId();
  const isAnotherOne = chance.happens(0.4);
  let won: string | undefined;
  // If a reset has ended the session meanwhile, the redirect leads to the sign-in page.
  const isOpened = ({ status, headers }: Response) =>
    status === 303 && headers.get("location")?.startsWith("/login") !== true;
  await knock(party, {
    thing: `passkey_registration ${options.challenge}`,
    async post(nth) {
      const which = isAnotherOne ? nth : 0;
      const form = { ...passkeyForm(page.body), credential: JSON.stringify(made[which]) };
      const body = new URLSearchParams({ ...form, ...attemptField(browser) });
      const sent = await browser.send(passkeysPage, { method: "POST", body });
      const response = await formAnswer(world.processAt(0).deps, sent);
      if (isOpened(response)) won = ids[which];
      return response;
    },
    isOpened,
    isGood() {
      const at = digestOf(`passkey_registration.${options.challenge}`);
      const challenge = history.find<Challenge>("challenges", at);
      return isUnspent(party, challenge) && isOfBrowser(challenge, browser) &&
        sessionId === used.sessionId() && challenge?.epoch === userOf(world, person)?.user.epoch;
    },
  });
  if (won !== undefined) world.eventLog.passkeys.push({ person, credentialId: won });
}

async function optionsAt({ party, browser }: Pick<At, "party" | "browser">, page: Landing) {
  const answer = await patiently(
    party,
    () => askForOptions(browser, page),
    ({ status }) => status !== 503,
  );
  return answer?.status === 200 ? await answer.json() : null;
}
