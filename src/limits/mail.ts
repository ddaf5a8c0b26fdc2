import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/transaction.ts";
import { type LimitDeps, type Reservation, reserve } from "./reserve.ts";

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
  const ref = await rateLimits.ref("mail", address.normalize("NFKC").trim().toLowerCase());
  return await reserve(deps, [{ name: "mail", limit: deps.config.limits.mail, ref }]);
}
