import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/transaction.ts";
import { id } from "../../stores/transaction.ts";
import * as users from "../../stores/users.ts";
import { addressBlock } from "./address_block.ts";
import { type LimitDeps, type LimitedKey, type Reservation, reserve } from "./reserve.ts";

/**
 * Takes a place for one guess at a password or a code, before it is verified: a thousand guesses at
 * once are verified as often as the limit says. A name that nobody has counts like any other.
 *
 * @throws {StoreUnavailable}
 */
export async function reserveSignIn(
  deps: LimitDeps,
  origin: Origin,
  username: string,
): Promise<Reservation> {
  const reservation = await reserve(deps, await signInKeys(deps, username, origin.address));
  if (!reservation.passed) return reservation;
  // What is left of the account's would tell a stranger when its owner signs in.
  const quotas = reservation.quotas.filter(({ name }) => name === "sign-in");
  return { ...reservation, quotas };
}

/** Of the guesses at one account, and of those from one address. */
export async function signInKeys(
  { config: { limits } }: Pick<LimitDeps, "config">,
  username: string,
  address: string | null,
): Promise<[account: LimitedKey, accountAndAddress: LimitedKey]> {
  const account = id(users.usernameRef(username).key); // however the name is spelt
  const [ofAccount, ofAddress] = await Promise.all([
    rateLimits.ref("sign-in-account", account),
    rateLimits.ref("sign-in", account, addressBlock(address)),
  ]);
  return [
    { name: "sign-in-account", limit: limits.signInAccount, ref: ofAccount },
    { name: "sign-in", limit: limits.signIn, ref: ofAddress },
  ];
}
