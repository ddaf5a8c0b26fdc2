import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { id } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { addressBlock } from "./address_block.ts";
import { type LimitDeps, type LimitedKey, type Reservation, reserve } from "./reserve.ts";

/**
 * Takes a place for one guess at a password or a code, before it is verified: a thousand guesses at
 * once are verified as often as the limit says. A name that nobody has counts like any other.
 *
 * @throws {StoreUnavailable}
 */
export function reserveSignIn(
  deps: LimitDeps,
  origin: Origin,
  username: string,
): Promise<Reservation> {
  return reserveGuess(deps, origin, { at: "sign-in", username });
}

/**
 * The same for the second of two factors, counted apart: a stranger who knows a name and floods the
 * sign-in page must not keep out its owner, who has shown the first one by a mail.
 *
 * @throws {StoreUnavailable}
 */
export function reserveSecondFactor(
  deps: LimitDeps,
  origin: Origin,
  username: string,
): Promise<Reservation> {
  return reserveGuess(deps, origin, { at: "second-factor", username });
}

interface Guess {
  readonly at: "sign-in" | "second-factor";
  readonly username: string;
}

async function reserveGuess(deps: LimitDeps, origin: Origin, guess: Guess): Promise<Reservation> {
  const reservation = await reserve(deps, await guessKeys(deps, guess, origin.address));
  if (!reservation.passed) return reservation;
  // What is left of the account's would tell a stranger when its owner signs in.
  const quotas = reservation.quotas.filter(({ name }) => name === guess.at);
  return { ...reservation, quotas };
}

/** Of the guesses at one account, and of those from one address. */
export async function guessKeys(
  { config: { limits } }: Pick<LimitDeps, "config">,
  { at, username }: Guess,
  address: string | null,
): Promise<[account: LimitedKey, accountAndAddress: LimitedKey]> {
  const account = id(users.usernameRef(username).key); // however the name is spelt
  const ofAll = `${at}-account`;
  const [ofAccount, ofAddress] = await Promise.all([
    rateLimits.ref(ofAll, account),
    rateLimits.ref(at, account, addressBlock(address)),
  ]);
  return [
    { name: ofAll, limit: limits.signInAccount, ref: ofAccount },
    { name: at, limit: limits.signIn, ref: ofAddress },
  ];
}
