import { StoreUnavailable } from "../../stores/engine/kv.ts";
import type { Deps } from "../deps/deps.ts";
import { inLine } from "./guess_line.ts";
import { HasherBusy } from "../deps/password_hasher.ts";
import { hold, keep } from "../limits/hold.ts";
import type { LimitedKey, Quota, Reservation } from "../limits/reservation.ts";
import { giveBack } from "../limits/reserve.ts";

/** Too many wrong guesses: nothing is verified until a place is free again. */
export interface TooManyAttempts {
  readonly kind: "too_many_attempts";
}

export interface Guessed<Outcome> {
  readonly outcome: Outcome | TooManyAttempts;
  /** The rest of the limits that may be shown after a wrong guess; null after a right one. */
  readonly told: Reservation | null;
  /** After a wrong guess the rest of each limit; otherwise empty. */
  readonly quotas: readonly Quota[];
}

/**
 * Verifies a guess under its limits. A place is taken before anything is verified, so of a thousand
 * concurrent guesses only as many are verified as the limit allows. A right guess gives its place back.
 *
 * @param toldLimit the only limit whose rest may be shown: the account's would tell a stranger that
 *   others try, and the address's would tell what its neighbours do
 * @throws {StoreUnavailable} and what `verify` throws; the guess then counts, unless nothing was
 *   verified
 */
export async function guess<Outcome>(
  deps: Deps,
  keys: readonly [LimitedKey, ...LimitedKey[]],
  { toldLimit, verify, isWrong }: {
    readonly toldLimit: string;
    readonly verify: () => Promise<Outcome>;
    readonly isWrong: (outcome: Outcome) => boolean;
  },
): Promise<Guessed<Outcome>> {
  const shorter = keys[1] ?? keys[0];
  const done = await inLine(deps.kv, shorter, () => hold(deps, keys), async (reservation) => {
    const outcome = await verify().catch(async (error) => {
      if (error instanceof HasherBusy) await release(deps, reservation);
      else await keep(deps, reservation);
      throw error;
    });
    const wrong = isWrong(outcome);
    if (wrong) await keep(deps, reservation);
    return {
      outcome: { outcome, reservation, wrong },
      gaveBack: !wrong && await release(deps, reservation),
    };
  });
  const told = (reservation: Reservation) => ({
    ...reservation,
    quotas: reservation.quotas.filter(({ name }) => name === toldLimit),
  });
  if ("refused" in done) {
    return { outcome: { kind: "too_many_attempts" }, told: told(done.refused), quotas: [] };
  }
  const { outcome, reservation, wrong } = done.outcome;
  return wrong
    ? { outcome, told: told(reservation), quotas: reservation.quotas }
    : { outcome, told: null, quotas: [] };
}

/**
 * A user who has signed in stays signed in, even if the place could not be given back. @returns whether
 * it was given back
 */
async function release(deps: Deps, reservation: Reservation): Promise<boolean> {
  try {
    await giveBack(deps, reservation);
    return true;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    deps.logger.debug("a right guess stays counted: the store is unavailable", {});
    return false;
  }
}
