import { type NameOwners, usernameRef } from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { Ref } from "../../stores/engine/collection.ts";
import type { User } from "../../stores/users.ts";
import {
  anAuthenticator,
  type Authenticator,
  type SoftCredential,
} from "../support/authenticator.ts";
import { type Installation, issuer } from "./installation.ts";
import { dora, type Person } from "./people.ts";
import { passkeyAlgorithm } from "./possessions.ts";
import { digestOf } from "./tokens.ts";
import type { World } from "./world.ts";

/** The stored record of a user; null: no account, or not yet. */
export function userOf(
  { history }: World,
  { username }: Pick<Person, "username">,
): { readonly userId: string; readonly user: User } | null {
  const [owner] = history.find<NameOwners>(...keyOf(usernameRef(username)))?.owners ?? [];
  const userId = owner?.userId;
  const user = userId === undefined ? undefined : history.find<User>("users", userId);
  return userId === undefined || user === undefined ? null : { userId, user };
}

/** The key of a reference in the history. */
export function keyOf({ key }: Ref<unknown>): string[] {
  return key.map(String);
}

/** The current password; null: it was removed. */
export function passwordOf(world: World, person: Person): string | null {
  const found = userOf(world, person);
  return found === null ? person.password : plainPassword(found.user);
}

/** The password behind a hash of the simulation's hasher. */
export function plainPassword({ passwordHash }: User): string | null {
  return passwordHash?.replace(/^plain /, "") ?? null;
}

/** The current mail address. */
export function addressOf(world: World, person: Person): string {
  return String(userOf(world, person)?.user.claims.email ?? person.claims.email);
}

/** Whether somebody has asked, in this run, to start a person's account anew or to move it elsewhere. */
export function isInFlux({ eventLog }: World, userId: string | undefined): boolean {
  return eventLog.askedToEnd.has(`all of ${userId}`) ||
    eventLog.askedToEnd.has(`address of ${userId}`);
}

/** The key in the app of a person who has set one up; null: there is none. */
export async function appKeyOf(world: World, person: Person): Promise<string | null> {
  const found = userOf(world, person);
  if (found === null || found.user.totp === null) return null;
  const { masterKey } = world.processAt(0).deps;
  return await masterKey.unseal(found.user.totp.sealedSecret, users.totpContext(found.userId));
}

/** The devices of the users: one authenticator each, for all of their browsers. */
export function authenticators({ keys, passkey }: Installation) {
  const all = new Map<string, Authenticator>();
  return ({ username }: Pick<Person, "username">): Authenticator => {
    const known = all.get(username);
    if (known !== undefined) return known;
    // Each use raises the counter, also by a copy: see `passkeys.ts`.
    const options = { alg: passkeyAlgorithm, origin: issuer, keys, counts: false } as const;
    const made = anAuthenticator(options);
    if (username === dora.username) made.credentials.push({ ...passkey });
    all.set(username, made);
    return made;
  };
}

/** The credentials of a user that the server knows. */
export function passkeysOf(world: World, person: Person): SoftCredential[] {
  const known = userOf(world, person)?.user.passkeys ?? [];
  return world.authenticatorOf(person).credentials
    .filter(({ id }) => known.includes(digestOf(id)));
}
