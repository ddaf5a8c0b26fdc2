import { endOneSession, withdraw } from "./account.ts";
import { askElsewhere } from "./backchannel.ts";
import { type UsedBrowser, usedBrowser } from "./browser_party.ts";
import { useDevice } from "./device.ts";
import type { ReceivedCode } from "./event_log.ts";
import { useCode } from "./client_life.ts";
import { clientEntries } from "./installation.ts";
import { askInFront } from "./front_channel.ts";
import { invite } from "./invitation.ts";
import { aNewcomer } from "./new_account.ts";
import { resetPassword } from "./password_reset.ts";
import { erin, type Person, visitors } from "./people.ts";
import { newVisit, takeThrough } from "./person.ts";
import { registerWithOneToken } from "./registration.ts";
import {
  askWithOneObject,
  pushWithOneAssertion,
  pushWithOneObject,
  pushWithOneProof,
  tradeOneAssertion,
} from "./proofs.ts";
import { useSessionToken } from "./session_tokens.ts";
import { changeAccount } from "./settings.ts";
import { signOut } from "./sign_out.ts";
import { party, type World } from "./world.ts";

/** A user with a browser, with all actions in it and their consequences. */
export async function live(world: World, name: string): Promise<UsedBrowser[]> {
  const used = usedBrowser(world, `${name}'s browser`);
  const { party: { chance, pause } } = used;
  const browsers = [used];
  await pause(500);
  const visits = chance.between(1, 2);
  for (let nth = 1; nth <= visits; nth++) {
    const person = await whoComes(used, `${name} ${nth}`);
    const other = chance.happens(0.1) ? usedBrowser(world, `${name}'s other browser ${nth}`) : used;
    if (other !== used) browsers.push(other);
    const [codes] = await Promise.all([
      askForCodes(used, other, person, nth),
      forget(world, person, `${name} ${nth}`),
    ]);
    const lives = useCodes(world, `${name} ${nth}`, codes);
    await Promise.all([lives, endSomething(used)]);
    await pause(500);
    const page = party(world, `${name} page ${nth}`);
    const spy = party(world, `${name} spy ${nth}`);
    if (chance.happens(0.15)) await useSessionToken(used, page, spy);
    if (chance.happens(0.12)) await useDevice(used, page, spy);
    if (chance.happens(0.12)) await askElsewhere(used, page, spy);
    if (chance.happens(0.06)) await pushWithOneProof(page, spy);
    if (chance.happens(0.06)) await pushWithOneAssertion(page, spy);
    if (chance.happens(0.06)) await pushWithOneObject(page, spy);
    if (page.chance.happens(0.06)) await askWithOneObject(page, spy);
    if (chance.happens(0.06)) await tradeOneAssertion(page, spy, person.username);
    if (page.chance.happens(0.18)) await askInFront(used, page, spy);
    if (chance.happens(0.04)) {
      await registerWithOneToken(party(world, `${name} operator ${nth}`), page, spy);
    }
  }
  if (chance.happens(0.15)) await signOut(used);
  return browsers;
}

/** Mostly somebody who is known here; now and then somebody new, who was invited or comes by themselves. */
async function whoComes({ party: { chance, world } }: UsedBrowser, name: string): Promise<Person> {
  const roll = chance.fraction();
  if (roll < 0.04) return aNewcomer(party(world, `${name} newcomer`));
  if (roll < 0.08) {
    const guest = await invite(party(world, `${name} host`), party(world, `${name} guest`));
    if (guest !== null) return guest;
  }
  return chance.pick(visitors);
}

/** Erin chooses a new password, while she or somebody else may be signing in with the old one. */
async function forget(world: World, person: Person, name: string) {
  const forgetful = party(world, `${name} forgetful`);
  if (person !== erin || !forgetful.chance.happens(0.5)) return;
  await forgetful.pause(2000);
  await resetPassword(forgetful, person);
}

/** Access that the user withdraws while clients use it. */
async function endSomething(used: UsedBrowser) {
  const { chance } = used.party;
  const roll = chance.fraction();
  if (roll < 0.2) return await signOut(used);
  if (roll >= 0.32) return roll >= 0.5 ? await changeAccount(used) : undefined;
  await used.party.pause(500);
  if (roll < 0.26) await withdraw(used, chance.pick(clientEntries).client_id);
  else await endOneSession(used);
}

/** One request, now and then in two tabs or two browsers at once. */
async function askForCodes(
  used: UsedBrowser,
  other: UsedBrowser,
  person: Person,
  nth: number,
): Promise<ReceivedCode[]> {
  const { chance } = used.party;
  const { client_id: clientId } = chance.pick(clientEntries);
  const prompt = nth > 1 && chance.happens(0.4) ? { prompt: "login" } : {};
  const push = chance.happens(0.4);
  const visit = await newVisit(used, { person, clientId, push, ...prompt });
  if (visit === null) return [];
  const tabs = other !== used || (push && chance.happens(0.4)) ? [used, other] : [used];
  return (await Promise.all(tabs.map((tab) => takeThrough(tab, visit)))).flat();
}

async function useCodes(world: World, name: string, codes: readonly ReceivedCode[]) {
  await Promise.all(codes.map(async (code, nth) => {
    const client = party(world, `${name} client ${nth}`);
    // After a double click the client gets the last code. The other codes that were answered are tried too.
    if (nth < codes.length - 1 && client.chance.happens(0.5)) return;
    await useCode(client, party(world, `${name} thief ${nth}`), code);
  }));
}
