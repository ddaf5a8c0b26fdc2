import type { Origin } from "../../../stores/engine/transaction.ts";
import type { Deps } from "../../deps/deps.ts";
import { assertPassed } from "../../limits/too_many_requests.ts";
import { usernameTriesKey } from "../../limits/username_tries.ts";
import { guess } from "../guess.ts";

/**
 * Does a work that could reveal that a username is taken, and counts it if it does.
 *
 * @throws {OAuthError} 429 without any lookup, if too many taken names were tried from this address
 * @see ASVS 5.0 6.3.8 (user enumeration)
 */
export async function withUsernameTries<Outcome extends { readonly kind: string }>(
  deps: Deps,
  { address }: Pick<Origin, "address">,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  if (!deps.config.rateLimits) return await work();
  const key = await usernameTriesKey(deps, address);
  let done: Outcome | null = null;
  const { told } = await guess(deps, [key], {
    toldLimit: key.name,
    verify: async () => done = await work(),
    isWrong: ({ kind }) => kind === "username_taken",
  });
  if (done !== null) return done;
  if (told !== null) assertPassed(told);
  throw new Error("a refused try without a reservation");
}
