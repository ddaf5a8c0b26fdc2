import * as rateLimits from "../../stores/rate_limits.ts";
import { addressBlock } from "./address_block.ts";
import type { LimitDeps, LimitedKey } from "./reserve.ts";

/** The limit of requests that leave for one host. @param host as in a URL, with its port */
export async function outgoingHostKey(
  { config }: Pick<LimitDeps, "config">,
  host: string,
): Promise<LimitedKey> {
  const name = "outgoing-host";
  return { name, limit: config.limits.outgoingHost, ref: await rateLimits.ref(name, host) };
}

/** The limit of requests that leave because of requests from one address. */
export async function outgoingAddressKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  const name = "outgoing-address";
  const limit = config.limits.outgoingAddress;
  return { name, limit, ref: await rateLimits.ref(name, addressBlock(address)) };
}
