import * as rateLimits from "../../stores/rate_limits.ts";
import { normalName } from "../identifiers/username.ts";
import { addressBlock } from "./address_block.ts";
import type { LimitDeps, LimitedKey } from "./reserve.ts";

/** Where guesses are made; each is counted apart. */
export type GuessAt = "sign-in" | "second-factor";

/** Who guesses. */
export interface Guesser {
  readonly address: string | null;
  /** Of a browser that has signed this account in before, as `deviceOf` finds it; null: a stranger. */
  readonly device: string | null;
}

type DepsOfKeys = Pick<LimitDeps, "config">;

/**
 * The limits of a guess at a password. Guesses from a browser that has signed the account in before
 * are counted by that browser alone: no flood of strangers locks it out, and a stolen device cookie
 * still has a limit. All other guesses are counted by account, and by account and address. A name that
 * nobody has counts like any other.
 */
export function passwordKeys(
  deps: DepsOfKeys,
  username: string,
  guesser: Guesser,
): Promise<[LimitedKey, LimitedKey]> {
  return guessKeys(deps, { at: "sign-in", username }, guesser);
}

/**
 * The limits of a guess at the second of two factors, counted apart from the first: a stranger who
 * floods the sign-in page does not keep out its owner, who has shown the first factor by a mail.
 * Those of strangers are counted for their address too, whatever account they are for: with a list of
 * stolen passwords, one address could else try a few codes at each of a thousand accounts.
 */
export async function codeKeys(
  deps: DepsOfKeys,
  username: string,
  guesser: Guesser,
): Promise<[LimitedKey, ...LimitedKey[]]> {
  const keys = await guessKeys(deps, { at: "second-factor", username }, guesser);
  return guesser.device === null ? [...keys, await codeAddressKey(deps, guesser.address)] : keys;
}

/** The limits of a guess at a code that came by mail, which is too long for a limit by account. */
export async function mailCodeKeys(
  deps: DepsOfKeys,
  username: string,
  guesser: Guesser,
): Promise<[LimitedKey, ...LimitedKey[]]> {
  return guesser.device === null
    ? [await codeAddressKey(deps, guesser.address)]
    : await guessKeys(deps, { at: "sign-in", username }, guesser);
}

/** Of the wrong one-time codes of all accounts together that came from one address. */
export async function codeAddressKey(
  { config }: DepsOfKeys,
  address: string | null,
): Promise<LimitedKey> {
  const name = "code-address";
  const ref = await rateLimits.ref(name, addressBlock(address));
  return { name, limit: config.limits.codeAddress, ref };
}

/** Of the guesses at one account, over a longer and over a shorter time. */
export async function guessKeys(
  { config: { limits } }: DepsOfKeys,
  { at, username }: { readonly at: GuessAt; readonly username: string },
  { address, device }: Guesser,
): Promise<[longer: LimitedKey, shorter: LimitedKey]> {
  const account = normalName(username); // however it is spelt
  const name = device === null ? `${at}-account` : `${at}-browser`;
  const [longer, shorter] = await Promise.all([
    rateLimits.ref(name, device ?? account),
    device === null
      ? rateLimits.ref(at, account, addressBlock(address))
      : rateLimits.ref(at, "browser", device),
  ]);
  return [
    { name, limit: limits.signInAccount, ref: longer },
    { name: at, limit: limits.signIn, ref: shorter },
  ];
}
