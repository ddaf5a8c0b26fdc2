import type { Challenge } from "../../stores/challenges.ts";
import { newBrowser } from "../support/browser.ts";
import { submitTo } from "../support/factors.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { isUnspent, knock, openPage, postForm } from "./entry_points.ts";
import { issuer } from "./installation.ts";
import { linksIn } from "./mailbox.ts";
import { nameFrom } from "./new_account.ts";
import type { Person } from "./people.ts";
import { addressOf, userOf } from "./persons_now.ts";
import { digestOf } from "./tokens.ts";
import { patiently } from "./world.ts";

const profile = "/account/profile";

function isChanged({ headers }: Response): boolean {
  return headers.get("location") === "/account/email/confirm/done";
}

/** Moves to another mail address: a link to the new one proves it, in any browser. */
export async function changeAddress(used: UsedBrowser, person: Person) {
  const { party } = used;
  const { world, chance } = party;
  const { eventLog, history } = world;
  const page = await openPage(used, profile);
  if (page?.url.pathname !== profile) return;
  const userId = userOf(world, person)?.userId ?? "";
  const isFirst = !eventLog.askedToEnd.has(`address of ${userId}`);
  eventLog.askedToEnd.add(`address of ${userId}`);
  const address = `${nameFrom(chance.random.bytes(6))}@new.example`;
  const sent = await patiently(
    party,
    () => submitTo(used.browser, page, `${profile}/email`, { email: address }),
    ({ response }) => response.status !== 503,
  );
  if (sent?.url.searchParams.get("done") !== "email") return;
  const wanted = { to: address, template: "address_change" };
  const links = await linksIn(world, wanted, /\/account\/email\/confirm\S+/);
  if (links.length === 0) {
    world.findings.push("a change of address that was acknowledged sent no mail");
  }
  const link = links.at(-1);
  if (link === undefined) return;
  await party.pause(1000);
  const browser = newBrowser((path, init) => party.send(path, init), issuer);
  const confirming = await openPage({ party, browser }, link);
  if (confirming === null) return;
  const token = link.split("token=")[1] ?? "";
  const change = eventLog.replace("address", userId, address);
  const answer = await knock(party, {
    thing: `address_change ${token}`,
    post: () => postForm(browser, confirming, {}),
    isOpened: isChanged,
    isGood() {
      const challenge = history.find<Challenge>(
        "challenges",
        digestOf(`address_change.${token}`),
      );
      // Another change that was faster ends this one.
      return isFirst && addressOf(world, person) === person.claims.email &&
        isUnspent(party, challenge) && challenge?.epoch === userOf(world, person)?.user.epoch;
    },
  });
  if (answer !== null && isChanged(answer)) change.answered = eventLog.moment();
}
