import { addressBlock } from "./address_block.ts";
import { limitedKey } from "./limited_key.ts";
import type { LimitDeps, LimitedKey } from "./reservation.ts";

/**
 * The limit of requests that leave for one host, at all its ports together.
 *
 * @param hostname as in a URL, without a port
 */
export async function outgoingHostKey(
  { config }: Pick<LimitDeps, "config">,
  hostname: string,
): Promise<LimitedKey> {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  return await limitedKey("outgoing-host", config.limits.outgoingHost, host);
}

/** The limit of requests that leave for a known client. Those of strangers do not count in it. */
export async function outgoingClientKey(
  { config }: Pick<LimitDeps, "config">,
  clientId: string,
): Promise<LimitedKey> {
  return await limitedKey("outgoing-client", config.limits.outgoingHost, clientId);
}

/**
 * The limit of messages to a known client that sessions have ended. They do not count under the client:
 * when many people are signed out at once, its keys must still be fetched.
 */
export async function outgoingLogoutKey(
  { config }: Pick<LimitDeps, "config">,
  clientId: string,
): Promise<LimitedKey> {
  return await limitedKey("outgoing-logout", config.limits.outgoingHost, clientId);
}

/** The limit of requests that leave because of requests from one address. */
export async function outgoingAddressKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  return await limitedKey("outgoing-address", config.limits.outgoingAddress, addressBlock(address));
}
