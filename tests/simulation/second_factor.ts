import { Secret, TOTP } from "otpauth";
import type { Chance } from "./chance.ts";
import { appKey, recoveryCodes } from "./installation.ts";
import type { World } from "./world.ts";

const secret = Secret.fromBase32(appKey);

/**
 * What somebody enters as the second factor: what the app shows, or showed a while ago, or a code from
 * paper. Either may have been used before, also by somebody else who does so at this moment.
 */
export function secondFactorCode({ scheduler }: World, chance: Chance): string {
  if (chance.happens(0.4)) return chance.pick(recoveryCodes);
  const timestamp = scheduler.clock.milliseconds() + chance.pick([-30_000, 0, 0, 0, 30_000]);
  return TOTP.generate({ secret, timestamp });
}
