import { emailRef, usernameRef } from "../../stores/user_names.ts";
import { keyOf } from "./persons_now.ts";
import type { Challenge } from "../../stores/challenges.ts";
import { askForSignUpMail } from "../journeys/mail_requests.ts";
import { type Landing, newBrowser } from "../support/browser.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { goOn, isUnspent, knock, openPage, patientWalker } from "./entry_points.ts";
import { issuer } from "./installation.ts";
import { linksIn } from "./mailbox.ts";
import { aNewcomer, type At, browserCookie, fillIn } from "./new_account.ts";
import type { Person } from "./people.ts";
import { digestOf } from "./tokens.ts";
import type { Party } from "./world.ts";

/**
 * Makes an account on the way to an application, from the sign-in page on: now and then in another
 * browser than the one that asked, or with somebody else at the same link.
 *
 * @returns where the browser stands then; null: nowhere
 */
export async function signUp(
  used: UsedBrowser,
  person: Person,
  login: Landing,
): Promise<Landing | null> {
  const { party } = used;
  const { chance, world } = party;
  const { email } = person.claims;
  const sent = await askForSignUpMail(patientWalker(used), login, email);
  if (sent?.url.pathname !== "/sign-up/sent") return null;
  const links = await linksIn(world, { to: email, template: "sign_up" }, /\/sign-up\/confirm\S+/);
  if (links.length === 0) {
    world.findings.push("a mail to a newcomer that was acknowledged is not there");
    return null;
  }
  const link = chance.pick(links);
  await party.pause(1000);
  const isElsewhere = chance.happens(0.2);
  const at = isElsewhere ? elsewhere(party) : used;
  const [reached] = await Promise.all([
    follow(at, { link, address: email }, person),
    chance.happens(0.2)
      ? follow(elsewhere(party), { link, address: email }, aNewcomer(party))
      : null,
  ]);
  return isElsewhere ? login : reached;
}

async function follow(
  at: Omit<At, "page">,
  { link, address }: { readonly link: string; readonly address: string },
  person: Person,
): Promise<Landing | null> {
  const { party, browser } = at;
  const { world, chance } = party;
  const before = browserCookie(browser);
  const page = await openPage(at, link);
  if (page === null) return null;
  const filled = await fillIn({ ...at, page }, person, chance.happens(0.4));
  if (filled === null) return null;
  const token = link.split("token=")[1] ?? "";
  const cookie = browserCookie(browser);
  const isOpened = (response: Response) =>
    response.headers.get("location") === "/sign-up/done" ||
    response.headers.getSetCookie().some((line) => line.includes("latchkey_session="));
  const answer = await knock(party, {
    thing: `sign_up ${token}`,
    post: filled.post,
    isOpened,
    isGood() {
      const isSameBrowser = cookie === browserCookie(browser) && ["", cookie].includes(before);
      const challenge = world.history.find<Challenge>("challenges", digestOf(`sign_up.${token}`));
      return isSameBrowser && filled.isGood() && isUnspent(party, challenge) &&
        world.history.find(...keyOf(emailRef(challenge?.address ?? ""))) === undefined &&
        world.history.find(...keyOf(usernameRef(person.username))) === undefined;
    },
  });
  if (answer !== null && isOpened(answer)) {
    world.eventLog.accounts.push({ person, address, credentialId: filled.credentialId });
  }
  return await goOn(at, answer);
}

function elsewhere(party: Party) {
  return { party, browser: newBrowser((path, init) => party.send(path, init), issuer) };
}
