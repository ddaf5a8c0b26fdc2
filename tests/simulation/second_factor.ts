import { Secret, TOTP } from "otpauth";
import type { Chance } from "./chance.ts";
import { cleo, type Person, recoveryCodes } from "./people.ts";
import { appKeyOf } from "./persons_now.ts";
import type { World } from "./world.ts";

/**
 * The code that a user enters as second factor: the current or an older code of the app, or a recovery
 * code. It may have been used before, also by another person at the same moment.
 */
export async function secondFactorCode(
  world: World,
  person: Person,
  chance: Chance,
): Promise<string> {
  const { scheduler } = world;
  if (person === cleo && chance.happens(0.4)) return chance.pick(recoveryCodes);
  const secret = Secret.fromBase32(await appKeyOf(world, person) ?? "");
  const timestamp = scheduler.clock.milliseconds() + chance.pick([-30_000, 0, 0, 0, 30_000]);
  return TOTP.generate({ secret, timestamp });
}
