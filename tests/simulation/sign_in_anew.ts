import { newBrowser } from "../support/browser.ts";
import { redirectUriOf } from "../support/clients.ts";
import { secondFactorPath } from "../support/factors.ts";
import { requestOptions, sendCredential } from "../support/passkeys.ts";
import { clientEntryOf } from "./client.ts";
import { codeChallenge, issuer } from "./installation.ts";
import { erin, type Person } from "./people.ts";
import { passwordOf } from "./persons_now.ts";
import type { Party } from "./world.ts";

/** Everybody signs in with what they were told is theirs: passwords, passkeys, an authenticator app. */
export async function signInAnew(client: Party) {
  const { eventLog, findings, limited } = client.world;
  if (limited) return; // so many at once might be too many
  const made = eventLog.accounts.flatMap(({ person, credentialId }) =>
    credentialId === null ? [] : [{ person, credentialId }]
  );
  for (const { person, credentialId } of [...made, ...eventLog.passkeys]) {
    const reached = await byPasskey(client, person, credentialId);
    if (reached === null) findings.push(`a passkey of ${person.username} does not sign in`);
  }
  const named = eventLog.accounts.filter(({ credentialId }) => credentialId === null);
  const changed = eventLog.replacements.some(({ what }) => what === "password") ? [erin] : [];
  for (const person of [...named.map(({ person }) => person), ...changed]) {
    if (passwordOf(client.world, person) === null) continue; // a passkey took its place
    const reached = await byPassword(client, person);
    if (reached === null) findings.push(`the password of ${person.username} does not sign in`);
  }
  for (const person of new Set(eventLog.apps)) {
    if (await byPassword(client, person) === secondFactorPath) continue;
    findings.push(`the app of ${person.username} guards nothing`);
  }
}

/** @returns the page that comes next; null: it was refused */
async function byPassword(client: Party, person: Person): Promise<string | null> {
  const { browser, page } = await atSignIn(client);
  const { username } = person;
  const password = passwordOf(client.world, person) ?? "";
  const { url, response } = await browser.submit(page, { username, password });
  return response.status >= 400 ? null : url.pathname;
}

async function byPasskey(
  client: Party,
  person: Person,
  credentialId: string,
): Promise<string | null> {
  const { browser, page } = await atSignIn(client);
  const authenticator = client.world.authenticatorOf(person);
  const which = authenticator.credentials.find(({ id }) => id === credentialId);
  if (which === undefined) throw new Error("nobody has this passkey");
  const credential = await authenticator.get(await requestOptions(browser, page), {
    which,
    counter: ++which.counter,
  });
  const { url, response } = await sendCredential(browser, page, credential);
  return response.status >= 400 ? null : url.pathname;
}

/** A new browser at the sign-in page. */
export async function atSignIn(client: Party) {
  const browser = newBrowser((path, init) => client.send(path, init), issuer);
  const parameters = {
    response_type: "code",
    client_id: "shop",
    redirect_uri: redirectUriOf(clientEntryOf("shop")),
    scope: "openid",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
  };
  return { browser, page: await browser.open(`/authorize?${new URLSearchParams(parameters)}`) };
}
