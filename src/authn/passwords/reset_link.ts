import * as carriedOutForms from "../../../stores/carried_out_forms.ts";
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

/** A request of a user with a link, who chooses a new password or passkey. */
export interface ResetRequest {
  readonly origin: Origin;
  readonly token: string;
  readonly language: Language;
}

/** The user of a link. */
export interface ResetTarget {
  readonly username: string;
  /** The user's names, username and mail address, which must not be the password. */
  readonly names: readonly unknown[];
  readonly mayUsePasskey: boolean;
}

/** The user of a link's token; null if it is not valid. Nothing is spent. */
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
  /** The address of the link; null: a sign-in led here, with a password that must be changed. */
  readonly address: string | null;
}

/** Reads a link and its user; null if it is not valid. */
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
  // A link to an address that the user no longer has is invalid.
  const address = users.verifiedEmail(user.value.claims);
  if (address === null) return null;
  const challenge = openChallenge(type, mailed, { provider, user, address });
  return challenge && { challenge, user, provider, address };
}

/**
 * The token for a user who has signed in with a password that somebody else knows, to choose another
 * one.
 */
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
 * A passkey with user verification is enough to sign in. If an authenticator app protects the account,
 * a mail must not be enough to add a passkey, because that would bypass the app.
 */
export function mayUsePasskey({ totp, passkeys }: User): boolean {
  return totp === null && passkeys.length < mostPasskeys;
}

/**
 * Spends the link, and ends everything that somebody who knew the old password may have opened with it.
 *
 * @returns the mark by which the browser is known for the account: the mail has shown whose browser
 *   it is, and guesses of strangers must not lock out the owner right afterwards
 */
export function startAnew(
  tx: Transaction,
  { challenge, user }: OpenReset,
  changes: Pick<User, "passwordHash"> & Partial<Pick<User, "passkeys">>,
): Device {
  challenges.consume(tx, challenge, randomId(tx.random));
  carriedOutForms.add(tx);
  const epochs = { epoch: user.value.epoch + 1, sessionEpoch: user.value.sessionEpoch + 1 };
  users.replace(tx, user, { ...changes, ...epochs });
  return newDevice(tx, user, epochs);
}
