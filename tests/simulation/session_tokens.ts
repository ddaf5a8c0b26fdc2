import type { UsedBrowser } from "./browser_party.ts";
import { credentialsOf, posted } from "./client.ts";
import { type Party, unlessLost } from "./world.ts";

/** Gets a session token in a browser, which its client and a thief then hand in. */
export async function useSessionToken(used: UsedBrowser, client: Party, thief: Party) {
  const { browser, party: { world: { scheduler } } } = used;
  const clientId = "shop";
  const sessionId = used.sessionId();
  const madeAt = scheduler.clock.milliseconds();
  const response = await unlessLost(() =>
    browser.send("/session/token", posted({ client_id: clientId }))
  );
  const { token } = await response?.json() ?? {};
  if (typeof token !== "string" || sessionId === null) return;
  await Promise.all([
    handIn(client, token, { sessionId, madeAt }),
    ...(client.chance.happens(0.6) ? [handIn(thief, token, { sessionId, madeAt })] : []),
  ]);
}

async function handIn(
  party: Party,
  token: string,
  of: { readonly sessionId: string; readonly madeAt: number },
) {
  const { eventLog, scheduler } = party.world;
  const to = party.choose();
  for (let tried = 1; tried <= 5; tried++) {
    await party.pause(50 * 2 ** tried);
    const use = eventLog.present(`session_token ${token}`, to, of);
    const form = posted({ token, ...credentialsOf("shop") });
    const response = await unlessLost(() => party.send("/session/token/verify", form, to));
    if (response === null) return;
    const { error = null } = await response.json();
    eventLog.answer(use, { status: response.status, error, time: scheduler.clock.milliseconds() });
    if (response.status !== 503) return;
  }
}
