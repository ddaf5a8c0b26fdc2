import { askAsOperator } from "./invitation.ts";
import { type Party, unlessLost } from "./world.ts";

/**
 * Registers a client with an initial access token that somebody else has too: one of them gets one, or two
 * do, if the token is for two.
 */
export async function registerWithOneToken(operator: Party, client: Party, thief: Party) {
  const { eventLog, scheduler } = client.world;
  const made = await askAsOperator(operator, "/api/v1/initial-access-tokens", {
    max_uses: operator.chance.between(1, 2),
  });
  if (made?.status !== 201) return;
  const { id, token, max_uses: uses } = await made.json();
  await Promise.all([register(client), register(thief), register(thief)]);

  async function register(party: Party) {
    await party.pause(30);
    const to = party.choose();
    const use = eventLog.present(`initial_access_token ${id} ${uses}`, to);
    const init = {
      method: "POST",
      headers: { "authorization": `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ redirect_uris: ["https://app.example/callback"] }),
    };
    const response = await unlessLost(() => party.send("/register", init, to));
    if (response === null) return;
    const { error = null } = await response.json();
    eventLog.answer(use, { status: response.status, error, time: scheduler.clock.milliseconds() });
  }
}
