import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { addressBlock } from "./address_block.ts";
import { type LimitDeps, type LimitedKey, type Reservation, reserve } from "./reserve.ts";

/** Takes a place for one registration of a client. @throws {StoreUnavailable} */
export async function reserveRegistration(
  deps: LimitDeps,
  { address }: Pick<Origin, "address">,
): Promise<Reservation> {
  return await reserve(deps, [await registrationKey(deps, address)]);
}

/** The limit of registrations from one address. */
export async function registrationKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  const name = "registration";
  const ref = await rateLimits.ref(name, addressBlock(address));
  return { name, limit: config.limits.registration, ref };
}
