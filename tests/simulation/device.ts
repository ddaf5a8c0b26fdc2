import type { UsedBrowser } from "./browser_party.ts";
import { codeForm, credentialsOf, posted, present } from "./client.ts";
import { useCode } from "./client_life.ts";
import { grantIdOf, type ReceivedCode } from "./event_log.ts";
import { errand, television } from "./installation.ts";
import { type Party, patiently, unlessLost } from "./world.ts";

/**
 * A device asks for access, and the user who is signed in in a browser answers, now and then in two tabs
 * with different answers. The device and a thief then poll with the same device code.
 */
export async function useDevice(used: UsedBrowser, device: Party, thief: Party) {
  const { browser, party } = used;
  const { chance, world } = party;
  const clientId = television.client_id;
  const askedAt = world.scheduler.clock.milliseconds();
  const asksDetails = chance.happens(0.6);
  const details = { ...(asksDetails && { authorization_details: JSON.stringify([errand]) }) };
  const scope = "openid offline_access";
  const form = posted({ scope, ...details, ...credentialsOf(clientId) });
  const begun = await unlessLost(() => device.send("/device_authorization", form));
  const { device_code: code, user_code } = await begun?.json() ?? {};
  if (typeof code !== "string") return;
  if (asksDetails) world.eventLog.withDetails.add(grantIdOf(code));
  const received: ReceivedCode = {
    code,
    grantId: grantIdOf(code),
    clientId,
    interactionId: null,
    requestUri: null,
    askedAt,
  };
  const tabs = await Promise.all(
    Array.from({ length: chance.happens(0.3) ? 2 : 1 }, async (_, nth) => {
      const page = await patiently(
        party,
        async () => {
          const form = await browser.open("/device");
          return form.response.status === 503 ? form : await browser.submit(form, { user_code });
        },
        ({ response }) => response.status !== 503,
      );
      // Somebody else may have signed out here.
      const isAsked = page?.url.pathname === "/device/confirm" && page.response.status === 200;
      if (!isAsked) return null;
      const decision = nth === 0 && chance.happens(0.9) ? "allow" : "deny";
      return { page, decision };
    }),
  );
  const answers = tabs.flatMap((tab) =>
    tab === null ? [] : [unlessLost(() => browser.submit(tab.page, { decision: tab.decision }))]
  );
  if (chance.happens(0.2)) await present(device, clientId, codeForm(received)); // too early
  await Promise.all(answers);
  await useCode(device, thief, received);
}
