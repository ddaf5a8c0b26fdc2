import { Secret, TOTP } from "otpauth";
import type { UsedBrowser } from "./browser_party.ts";
import { goOn, knock, openPage, postForm } from "./entry_points.ts";
import type { Person } from "./people.ts";
import { userOf } from "./persons_now.ts";

const path = "/account/security/authenticator-app";

/** Sets up an authenticator app: of several keys and several codes at once one is taken. */
export async function setUpApp(used: UsedBrowser, person: Person) {
  const { party, browser } = used;
  const { world } = party;
  const page = await openPage(used, path);
  if (page?.url.pathname !== path) return;
  const key = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(page.body)?.[1]?.replaceAll(" ", "");
  if (key === undefined) return; // there is one
  await party.pause(500);
  const secret = Secret.fromBase32(key);
  const timestamp = world.scheduler.clock.milliseconds();
  const code = TOTP.generate({ secret, timestamp });
  const { userId = "" } = userOf(world, person) ?? {};
  const isOpened = (response: Response) =>
    response.headers.getSetCookie().some((line) => line.includes("latchkey_session="));
  const answer = await knock(party, {
    thing: `authenticator_app ${userId}`,
    post: () => postForm(browser, page, { code }),
    isOpened,
    // Whether the code is still that of the time depends on the clock, which may jump.
    isGood: () => false,
  });
  if (answer === null || !isOpened(answer)) return;
  world.eventLog.apps.push(person);
  await goOn(used, answer);
}
