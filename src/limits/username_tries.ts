import * as rateLimits from "../../stores/rate_limits.ts";
import { addressBlock } from "./address_block.ts";
import type { LimitDeps, LimitedKey } from "./reserve.ts";

/**
 * Of the usernames that were taken, where somebody at one address wants to make an account: each answer
 * tells that a name is somebody's, and a list of those is what guesses at passwords begin with.
 */
export async function usernameTriesKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  const name = "username-tries";
  const ref = await rateLimits.ref(name, addressBlock(address));
  return { name, limit: config.limits.signIn, ref };
}
