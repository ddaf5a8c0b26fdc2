import type { Challenge } from "../../stores/challenges.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Session } from "../../stores/sessions.ts";
import { askForResetMail } from "../journeys/mail_requests.ts";
import { newBrowser } from "../support/browser.ts";
import { isUnspent, knock, openPage, patientWalker, postForm } from "./entry_points.ts";
import { issuer } from "./installation.ts";
import { linksIn } from "./mailbox.ts";
import { nameFrom, withNewPasskey } from "./new_account.ts";
import type { Person } from "./people.ts";
import { addressOf, userOf } from "./persons_now.ts";
import { digestOf } from "./tokens.ts";
import type { Party } from "./world.ts";

/** Chooses a new password by mail, or a passkey in its place: all that was there before ends. */
export async function resetPassword(party: Party, person: Person) {
  const { world, chance } = party;
  const { eventLog, history } = world;
  const browser = newBrowser((path, init) => party.send(path, init), issuer);
  const userId = userOf(world, person)?.userId ?? "";
  eventLog.askedToEnd.add(`all of ${userId}`);
  const sent = await askForResetMail(patientWalker({ party, browser }), person.username);
  if (sent?.url.pathname !== "/password-reset/sent") return;
  const wanted = { userId, template: "password_reset" };
  const links = await linksIn(world, wanted, /\/password-reset\/confirm\S+/);
  if (links.length === 0) {
    if (!world.limited) world.findings.push("a reset that was acknowledged sent no mail");
    return;
  }
  const link = chance.pick(links);
  await party.pause(1000);
  const page = await openPage({ party, browser }, link);
  if (page === null) return;
  const byPasskey = page.body.includes('id="passkey-form"') && chance.happens(0.3);
  const password = `chosen anew, ${nameFrom(chance.random.bytes(6))}`;
  const filled = byPasskey ? await withNewPasskey({ party, browser, page }, person) : null;
  if (byPasskey && filled === null) return;
  const before = livingOf(party, userId);
  const token = link.split("token=")[1] ?? "";
  const change = eventLog.replace("password", userId, byPasskey ? null : password);
  const isOpened = (response: Response) =>
    response.headers.get("location")?.startsWith("/password-reset/done") === true;
  const answer = await knock(party, {
    thing: `password_reset ${token}`,
    post: () => filled?.post() ?? postForm(browser, page, { password, password_repeat: password }),
    isOpened,
    isGood() {
      const at = digestOf(`password_reset.${token}`);
      const challenge = history.find<Challenge>("challenges", at);
      return (filled?.isGood() ?? true) && isUnspent(party, challenge) &&
        challenge?.epoch === userOf(world, person)?.user.epoch &&
        challenge?.address === addressOf(world, person);
    },
  });
  if (answer === null || !isOpened(answer)) return;
  change.answered = eventLog.moment();
  if (filled?.credentialId) eventLog.passkeys.push({ person, credentialId: filled.credentialId });
  eventLog.resets.push(before);
}

/** The current possessions of a user. */
function livingOf({ world: { history } }: Party, userId: string) {
  const all = [...history.records.values()];
  const idsOf = (family: string) =>
    all.filter(({ key, record }) =>
      key[0] === family && (record as Grant | Session).userId === userId
    ).map(({ key }) => String(key[1]));
  return { grants: idsOf("grants"), sessions: idsOf("sessions") };
}
