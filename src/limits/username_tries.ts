import { addressBlock } from "./address_block.ts";
import { limitedKey } from "./limited_key.ts";
import type { LimitDeps, LimitedKey } from "./reservation.ts";

/**
 * The limit of taken usernames that one address may try when creating accounts: each answer reveals that
 * a name exists, and a list of usernames is the start of password guessing.
 */
export async function usernameTriesKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  return await limitedKey("username-tries", config.limits.signIn, addressBlock(address));
}
