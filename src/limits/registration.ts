import type { Origin } from "../../stores/engine/transaction.ts";
import type { Config } from "../config/config.ts";
import { addressBlock } from "./address_block.ts";
import { limitedKey } from "./limited_key.ts";
import type { LimitDeps, LimitedKey, Reservation } from "./reservation.ts";
import { giveBack, reserve } from "./reserve.ts";
import { reserveStranger } from "./route.ts";

/**
 * Takes a place for one registration of a client: under its address, and under all strangers together
 * if anybody may register, so that many addresses cannot fill the store.
 *
 * @throws {StoreUnavailable}
 */
export async function reserveRegistration(
  deps: LimitDeps & { readonly config: Pick<Config, "registration"> },
  origin: Pick<Origin, "address">,
): Promise<Reservation> {
  const ofAddress = await reserveRegistrationChange(deps, origin);
  if (!ofAddress.passed || deps.config.registration !== "open") return ofAddress;
  const ofStrangers = await reserveStranger(deps);
  if (ofStrangers.passed) return ofAddress;
  await giveBack(deps, ofAddress);
  return ofStrangers;
}

/** Takes a place for a change of a registration: it is written as a registration is. */
export async function reserveRegistrationChange(
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
  return await limitedKey("registration", config.limits.registration, addressBlock(address));
}
