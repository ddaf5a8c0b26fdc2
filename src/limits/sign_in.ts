import { normalName } from "../identifiers/username.ts";
import { addressBlock } from "./address_block.ts";
import { limitedKey } from "./limited_key.ts";
import type { LimitDeps, LimitedKey } from "./reservation.ts";

/** The kinds of guesses, which are counted separately. */
export type GuessAt = "sign-in" | "second-factor";

/** The source of a guess. */
export interface Guesser {
  readonly address: string | null;
  /** The id of a browser that has signed in to this account before, from `deviceOf`; null: a stranger. */
  readonly device: string | null;
}

type DepsOfKeys = Pick<LimitDeps, "config">;

/**
 * The limits of a guess at a password. Guesses from a browser that has signed in to the account before
 * are counted only by that browser: strangers cannot lock it out, and a stolen device cookie still has a
 * limit. All other guesses are counted by account, and by account and address. An unknown username counts
 * like any other.
 */
export function passwordKeys(
  deps: DepsOfKeys,
  username: string,
  guesser: Guesser,
): Promise<[LimitedKey, LimitedKey]> {
  return guessKeys(deps, { at: "sign-in", username }, guesser);
}

/**
 * The limits of a guess at the second factor, counted separately from the first: a stranger who floods
 * the sign-in page cannot lock out the owner, who passes the first factor by mail. Strangers' guesses are
 * also counted by address, for all accounts together: with a list of stolen passwords, one address could
 * otherwise try a few codes at each of a thousand accounts.
 */
export async function codeKeys(
  deps: DepsOfKeys,
  username: string,
  guesser: Guesser,
): Promise<[LimitedKey, ...LimitedKey[]]> {
  const keys = await guessKeys(deps, { at: "second-factor", username }, guesser);
  return guesser.device === null ? [...keys, await codeAddressKey(deps, guesser.address)] : keys;
}

/** The limits of a guess at a code from a mail. The code is too long to need a limit by account. */
export async function mailCodeKeys(
  deps: DepsOfKeys,
  username: string,
  guesser: Guesser,
): Promise<[LimitedKey, ...LimitedKey[]]> {
  return guesser.device === null
    ? [await codeAddressKey(deps, guesser.address)]
    : await guessKeys(deps, { at: "sign-in", username }, guesser);
}

/** The limit of wrong one-time codes from one address, for all accounts together. */
export async function codeAddressKey(
  { config }: DepsOfKeys,
  address: string | null,
): Promise<LimitedKey> {
  return await limitedKey("code-address", config.limits.codeAddress, addressBlock(address));
}

/** The limits of guesses at one account, over a longer and a shorter period. */
export async function guessKeys(
  { config: { limits } }: DepsOfKeys,
  { at, username }: { readonly at: GuessAt; readonly username: string },
  { address, device }: Guesser,
): Promise<[longer: LimitedKey, shorter: LimitedKey]> {
  const account = normalName(username); // the same for every spelling
  const name = device === null ? `${at}-account` : `${at}-browser`;
  return await Promise.all([
    limitedKey(name, limits.signInAccount, device ?? account),
    device === null
      ? limitedKey(at, limits.signIn, account, addressBlock(address))
      : limitedKey(at, limits.signIn, "browser", device),
  ]);
}
