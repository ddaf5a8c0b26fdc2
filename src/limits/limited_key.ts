import * as rateLimits from "../../stores/rate_limits.ts";
import type { Limit } from "../config/config.ts";
import type { LimitedKey } from "./reservation.ts";

/** A limit for one subject; no subject: for all together. @param name as clients and operators see it */
export async function limitedKey(
  name: string,
  limit: Limit,
  ...subject: string[]
): Promise<LimitedKey> {
  return { name, limit, ref: await rateLimits.ref(name, ...subject) };
}
