import type { Deps } from "../deps/deps.ts";
import { inLine } from "../limits/guess_line.ts";
import { HasherBusy } from "../deps/password_hasher.ts";
import { hold, keep } from "../limits/hold.ts";
import { otherProcessesMayFree } from "../limits/other_processes.ts";
import type { LimitedKey, Quota, Reservation } from "../limits/reservation.ts";
import { released } from "../limits/reserve.ts";

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
  const done = await inLine(deps.kv, [shorter], {
    reserve: () => hold(deps, keys),
    verify: async (reservation) => {
      const outcome = await verify().catch(async (error) => {
        if (error instanceof HasherBusy) await released(deps, reservation);
        else await keep(deps, reservation, false);
        throw error;
      });
      const wrong = isWrong(outcome);
      if (wrong) await keep(deps, reservation);
      return {
        outcome: { outcome, reservation, wrong },
        gaveBack: !wrong && await released(deps, reservation),
      };
    },
    mayBeFreed: (refused, times) => otherProcessesMayFree(deps, refused, times),
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
