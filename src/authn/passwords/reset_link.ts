import * as challenges from "../../../stores/challenges.ts";
import type { Challenge } from "../../../stores/challenges.ts";
import { type Fresh, isPresent, type Present } from "../../../stores/engine/collection.ts";
import { mostPasskeys } from "../../../stores/passkeys.ts";
import * as providers from "../../../stores/provider.ts";
import type { Provider } from "../../../stores/provider.ts";
import { type Origin, systemOrigin, type Transaction } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { randomId, randomSecret } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { type Device, newDevice } from "../../sessions/device.ts";
import type { Language } from "../../language/languages.ts";
import { openChallenge } from "../challenges.ts";

const type = "password_reset";

/** Of who has a link, and chooses what they sign in with from now on. */
export interface ResetRequest {
  readonly origin: Origin;
  readonly token: string;
  readonly language: Language;
}

/** Whose account a link is for. */
export interface ResetTarget {
  readonly username: string;
  /** What the person is called, by username and mail address; no password of theirs. */
  readonly names: readonly unknown[];
  readonly mayUsePasskey: boolean;
}

/** Whose account a link's token is for; null if it is good for nothing. Nothing is spent by looking. */
export async function readResetToken(
  deps: Deps,
  token: string,
): Promise<ResetTarget | null> {
  const open = await deps.kv.step(systemOrigin, (tx) => readReset(tx, token));
  if (open === null) return null;
  const { value: user } = open.user;
  return {
    username: user.username,
    names: [user.username, user.claims.email],
    mayUsePasskey: mayUsePasskey(user),
  };
}

/** A link that may be used now. */
export interface OpenReset {
  readonly challenge: Fresh<Challenge>;
  readonly user: Present<User>;
  readonly provider: Provider;
  /** Where the link was sent; null: a sign-in led here, with a password that must be changed. */
  readonly address: string | null;
}

/** Reads a link and whose it is; null if it is good for nothing. */
export async function readReset(tx: Transaction, token: string): Promise<OpenReset | null> {
  const { provider, mailed, forced } = await providers.read(tx, {
    mailed: await challenges.ref(type, token),
    forced: await challenges.ref("password_change", token),
  });
  const userId = mailed.value?.userId ?? forced.value?.userId ?? null;
  const { user } = await tx.read({ user: userId === null ? null : users.ref(userId) });
  if (user === null || !isPresent(user)) return null;
  if (mailed.value === null) {
    if (!user.value.mustChangePassword) return null;
    const challenge = openChallenge("password_change", forced, { provider, user });
    return challenge && { challenge, user, provider, address: null };
  }
  // A link to an address that is not theirs any more opens nothing.
  const address = users.verifiedEmail(user.value.claims);
  if (address === null) return null;
  const challenge = openChallenge(type, mailed, { provider, user, address });
  return challenge && { challenge, user, provider, address };
}

/** What lets a person choose another password who has signed in with one that somebody else knows. */
export async function addPasswordChange(
  tx: Transaction,
  user: Present<User>,
  provider: Provider,
): Promise<string> {
  const token = randomSecret(tx.random);
  challenges.add(tx, "password_change", await challenges.ref("password_change", token), {
    userId: users.idOf(user),
    epoch: user.value.epoch,
    providerEpoch: provider.epoch,
  });
  return token;
}

/**
 * A verified passkey signs in by itself. Where an authenticator app guards the account, a mail must not
 * be enough to get one: it would be the way around the app.
 */
export function mayUsePasskey({ totp, passkeys }: User): boolean {
  return totp === null && passkeys.length < mostPasskeys;
}

/** The digest of the link's token stands for what it proves. */
export function provenBy({ challenge }: OpenReset): string {
  return `${type}:${challenges.idOf(challenge)}`;
}

/**
 * Spends the link, and ends all that whoever knew the old password may have opened with it.
 *
 * @returns that the browser is known for the account: its mail has shown whose it is, and strangers who
 *   guess at the account must not keep the owner out right after
 */
export function startAnew(
  tx: Transaction,
  { challenge, user }: OpenReset,
  changes: Pick<User, "passwordHash"> & Partial<Pick<User, "passkeys">>,
): Device {
  challenges.consume(tx, challenge, randomId(tx.random));
  const epochs = { epoch: user.value.epoch + 1, sessionEpoch: user.value.sessionEpoch + 1 };
  users.replace(tx, user, { ...changes, ...epochs });
  return newDevice(tx, user, epochs);
}
