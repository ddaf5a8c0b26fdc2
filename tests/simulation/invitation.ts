import { emailRef, usernameRef } from "../../stores/user_names.ts";
import { keyOf } from "./persons_now.ts";
import type { Invitation } from "../../stores/invitations.ts";
import { newBrowser } from "../support/browser.ts";
import { posted } from "./client.ts";
import { isUnspent, knock, openPage } from "./entry_points.ts";
import { issuer, ops } from "./installation.ts";
import { linksIn } from "./mailbox.ts";
import { aNewcomer, fillIn } from "./new_account.ts";
import type { Person } from "./people.ts";
import { type Party, patiently } from "./world.ts";

/**
 * Invites somebody who then makes an account; now and then somebody else has the link too.
 *
 * @returns who has an account now; null: as far as anybody was told, nobody
 */
export async function invite(operator: Party, guest: Party): Promise<Person | null> {
  const { world, chance } = guest;
  const person = aNewcomer(guest);
  const { email } = person.claims;
  if (!await askForInvitation(operator, email)) return null;
  const wanted = { to: email, template: "invitation" };
  const [link] = await linksIn(world, wanted, /\/invitation\?token=\S+/);
  if (link === undefined) {
    world.findings.push("a mail to a guest that was acknowledged is not there");
    return null;
  }
  const [isMade] = await Promise.all([
    accept(guest, { link, address: email }, person),
    chance.happens(0.2) ? accept(guest, { link, address: email }, aNewcomer(guest)) : false,
  ]);
  return isMade ? person : null;
}

async function askForInvitation(party: Party, email: string): Promise<boolean> {
  const invited = await askAsOperator(party, "/api/v1/invitations", { email });
  return invited?.status === 201;
}

/** Sends something to the admin API. Null: there was no answer, or no token to ask with. */
export async function askAsOperator(
  party: Party,
  path: string,
  body: unknown,
): Promise<Response | null> {
  const { client_id, client_secret = "" } = ops;
  const resource = `${issuer}/api/v1`;
  const form = { grant_type: "client_credentials", client_id, client_secret, resource };
  const isAnswered = ({ status }: Response) => status !== 503;
  const token = await patiently(
    party,
    () => party.send("/token", posted({ ...form, scope: "latchkey:admin" })),
    isAnswered,
  );
  if (token?.status !== 200) return null;
  const { access_token } = await token.json();
  return await patiently(
    party,
    () =>
      party.send(path, {
        method: "POST",
        headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    isAnswered,
  );
}

async function accept(
  party: Party,
  { link, address }: { readonly link: string; readonly address: string },
  person: Person,
): Promise<boolean> {
  const { world, chance } = party;
  const browser = newBrowser((path, init) => party.send(path, init), issuer);
  const page = await openPage({ party, browser }, link);
  if (page === null) return false;
  const filled = await fillIn({ party, browser, page }, person, chance.happens(0.4));
  if (filled === null) return false;
  const token = link.split("token=")[1] ?? "";
  const [invitationId = ""] = token.split(".");
  const isOpened = (response: Response) =>
    response.headers.get("location")?.startsWith("/invitation/done") === true;
  const answer = await knock(party, {
    thing: `invitation ${invitationId}`,
    post: filled.post,
    isOpened,
    isGood() {
      const invitation = world.history.find<Invitation>("invitations", invitationId);
      return filled.isGood() && isUnspent(party, invitation) &&
        world.history.find(...keyOf(emailRef(invitation?.email ?? ""))) === undefined &&
        world.history.find(...keyOf(usernameRef(person.username))) === undefined;
    },
  });
  if (answer === null || !isOpened(answer)) return false;
  world.eventLog.accounts.push({ person, address, credentialId: filled.credentialId });
  return true;
}
