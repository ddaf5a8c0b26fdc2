import { changeAddress } from "./address_change.ts";
import { setUpApp } from "./authenticator_app.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { registerPasskey } from "./passkeys.ts";
import { dora, erin, finn } from "./people.ts";
import { userOf } from "./persons_now.ts";

/** Changes that signed-in users make to their accounts. Each of these users has one habit. */
export async function changeAccount(used: UsedBrowser) {
  const { party: { world, chance }, browser } = used;
  const userId = browser.cookies.get("__Host-latchkey_session")?.split(".")[0];
  const isSignedIn = (person: typeof erin) => userOf(world, person)?.userId === userId;
  if (userId === undefined) return;
  if (isSignedIn(finn)) return await setUpApp(used, finn);
  if (isSignedIn(dora) && chance.happens(0.5)) return await registerPasskey(used, dora);
  if (!isSignedIn(erin)) return;
  if (chance.happens(0.6)) await changeAddress(used, erin);
  else await registerPasskey(used, erin);
}
