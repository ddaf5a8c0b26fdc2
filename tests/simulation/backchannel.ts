import type { Session } from "../../stores/sessions.ts";
import type { User } from "../../stores/users.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { codeForm, credentialsOf, posted, present } from "./client.ts";
import { useCode } from "./client_life.ts";
import { grantIdOf, type ReceivedCode } from "./event_log.ts";
import { callCentre } from "./installation.ts";
import { notificationToken } from "./pings.ts";
import { type Party, patiently, unlessLost } from "./world.ts";

/**
 * A client asks the user who is signed in in a browser. They answer in their account, now and then in two
 * tabs with different answers. The client and a thief then poll with the same `auth_req_id`.
 */
export async function askElsewhere(used: UsedBrowser, client: Party, thief: Party) {
  const { browser, party } = used;
  const { chance, world } = party;
  const session = world.history.find<Session>("sessions", used.sessionId() ?? "");
  const user = session && world.history.find<User>("users", session.userId);
  if (user === undefined) return;
  const clientId = callCentre.client_id;
  const askedAt = world.scheduler.clock.milliseconds();
  const scope = "openid offline_access";
  const asked = { login_hint: user.username, client_notification_token: notificationToken };
  const form = posted({ scope, ...asked, ...credentialsOf(clientId) });
  const begun = await unlessLost(() => client.send("/backchannel_authentication", form));
  const { auth_req_id: code } = await begun?.json() ?? {};
  if (typeof code !== "string") return;
  const page = await patiently(
    party,
    () => browser.open("/account/requests"),
    ({ response }) => response.status !== 503,
  );
  // Their sign-in may be too old by now.
  const isAsked = page?.url.pathname === "/account/requests" && page.body.includes('name="told"');
  if (!isAsked) return;
  const decisions = ["allow", ...(chance.happens(0.3) ? ["deny"] : [])];
  const answers = decisions.map((decision) => unlessLost(() => browser.submit(page, { decision })));
  const interactionId = null;
  const requestUri = null;
  const grantId = grantIdOf(code);
  const received: ReceivedCode = { code, grantId, clientId, interactionId, requestUri, askedAt };
  if (chance.happens(0.2)) await present(client, clientId, codeForm(received)); // too early
  await Promise.all(answers);
  await useCode(client, thief, received);
}
