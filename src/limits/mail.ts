import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/transaction.ts";
import { type LimitDeps, type LimitedKey, type Reservation, reserve } from "./reserve.ts";

/**
 * Takes a place for one mail to an address, whoever asks for it, so that nobody's inbox is flooded by
 * way of us. Whether somebody has that address makes no difference.
 *
 * @throws {StoreUnavailable}
 */
export async function reserveMail(
  deps: LimitDeps,
  _origin: Origin,
  address: string,
): Promise<Reservation> {
  return await reserve(deps, [await mailKey(deps, address)]);
}

/** Of the mails to one address. */
export async function mailKey(
  { config }: Pick<LimitDeps, "config">,
  address: string,
): Promise<LimitedKey> {
  const ref = await rateLimits.ref("mail", address.normalize("NFKC").trim().toLowerCase());
  return { name: "mail", limit: config.limits.mail, ref };
}
