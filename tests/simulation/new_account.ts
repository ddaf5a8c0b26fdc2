import type { Browser, Landing } from "../support/browser.ts";
import { askForOptions, passkeyForm, passkeyUrls } from "../support/passkeys.ts";
import { toBase64url } from "../../src/crypto/encoding.ts";
import type { Challenge } from "../../stores/challenges.ts";
import { attemptField, isUnspent, postForm } from "./entry_points.ts";
import { isOfBrowser } from "./mailbox.ts";
import { aPerson, type Person } from "./people.ts";
import { digestOf } from "./tokens.ts";
import { type Party, patiently } from "./world.ts";

/** A user with a browser at a page. */
export interface At {
  readonly party: Party;
  readonly browser: Browser;
  readonly page: Landing;
}

/** A new user with a unique name. */
export function aNewcomer({ chance }: Party): Person {
  const id = nameFrom(chance.random.bytes(6));
  return aPerson(`newcomer-${id}`, `the first of ${id}`);
}

export function nameFrom(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A page that was filled in, and can be posted. */
export interface FilledIn {
  post(): Promise<Response>;
  /** The account's new passkey; null: the account gets a password. */
  readonly credentialId: string | null;
  /** Whether what was filled in would still do. */
  isGood(): boolean;
}

/** Fills in the page that makes an account. Null: there is nothing to post any more. */
export async function fillIn(at: At, person: Person, byPasskey: boolean): Promise<FilledIn | null> {
  const { username, password } = person;
  const names = { username, name: "Somebody New" };
  if (byPasskey) return await withNewPasskey(at, person, names);
  const fields = { ...names, password, password_repeat: password };
  return {
    post: () => postForm(at.browser, at.page, fields),
    credentialId: null,
    isGood: () => true,
  };
}

/**
 * Makes a passkey for a page of a link.
 *
 * @param typed in the fields beside the button
 */
export async function withNewPasskey(
  { party, browser, page }: At,
  person: Pick<Person, "username">,
  typed: Readonly<Record<string, string>> = {},
): Promise<FilledIn | null> {
  const { world, chance } = party;
  const answer = await patiently(
    party,
    () => askForOptions(browser, page, typed),
    ({ status }) => status !== 503,
  );
  if (answer?.status !== 200) return null;
  const options = await answer.json();
  const credentialId = toBase64url(chance.random.bytes(32));
  const made = await world.authenticatorOf(person).create(options, { credentialId });
  const form = { ...passkeyForm(page.body), ...typed, credential: JSON.stringify(made) };
  return {
    post: () =>
      browser.send(passkeyUrls(page.body).action, {
        method: "POST",
        body: new URLSearchParams({ ...form, ...attemptField(browser) }),
      }),
    credentialId,
    isGood() {
      const { history } = world;
      const found = ["passkey_of_newcomer", "passkey_registration"].map((type) =>
        history.find<Challenge>("challenges", digestOf(`${type}.${options.challenge}`))
      ).find((one) => one !== undefined);
      return isUnspent(party, found) && isOfBrowser(found, browser) &&
        history.find("passkeys", digestOf(credentialId)) === undefined;
    },
  };
}

/** If two tabs of a new browser opened at once, the final cookie differs from the first one. */
export function browserCookie({ cookies }: Browser): string {
  return cookies.get("__Host-latchkey_browser") ?? "";
}
