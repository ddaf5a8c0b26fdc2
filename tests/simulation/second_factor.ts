import { Secret, TOTP } from "otpauth";
import type { Chance } from "./chance.ts";
import { cleo, type Person, recoveryCodes } from "./people.ts";
import { appKeyOf } from "./persons_now.ts";
import type { World } from "./world.ts";

/**
 * What somebody enters as the second factor: what the app shows, or showed a while ago, or a code from
 * paper. Either may have been used before, also by somebody else who does so at this moment.
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
