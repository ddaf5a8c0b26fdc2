import { askAsOperator } from "./invitation.ts";
import { type Party, patiently, unlessLost } from "./world.ts";

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
  const [own] = await Promise.all([register(client), register(thief), register(thief)]);
  if (own) await manage(client, thief, own);

  async function register(party: Party): Promise<Registration | null> {
    await party.pause(30);
    const to = party.choose();
    const use = eventLog.present(`initial_access_token ${id} ${uses}`, to);
    const init = {
      method: "POST",
      headers: { "authorization": `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ redirect_uris: ["https://app.example/callback"] }),
    };
    const response = await unlessLost(() => party.send("/register", init, to));
    if (response === null) return null;
    const { error = null, ...registration } = await response.json();
    eventLog.answer(use, { status: response.status, error, time: scheduler.clock.milliseconds() });
    return response.status === 201 ? registration : null;
  }
}

interface Registration {
  readonly registration_client_uri: string;
  readonly registration_access_token: string;
}

/** Seconds for which a token that was replaced still answers those who were on their way. */
const longestSuperseded = 60;

/**
 * A client reads its registration twice, each time with the token that the last answer brought. Somebody who
 * has the first one comes too late.
 */
async function manage(client: Party, thief: Party, first: Registration) {
  const { scheduler, findings } = client.world;
  const second = await read(client, first);
  const third = second && await read(client, second);
  if (!third) return;
  const from = scheduler.clock.seconds();
  await scheduler.timers.sleep((longestSuperseded + 5) * 1000);
  // The clock may have jumped back: then it may be good, or refused because it was replaced twice.
  const isLate = scheduler.clock.seconds() > from + longestSuperseded;
  if (await read(thief, first, true) && isLate) {
    findings.push("the token of a registration that was replaced twice is good");
  }
}

/** Null: it was refused, or never answered. @param mayFail whether that is right */
async function read(
  party: Party,
  { registration_client_uri: uri, registration_access_token: token }: Registration,
  mayFail = false,
): Promise<Registration | null> {
  const { pathname, search } = new URL(uri);
  const headers = { authorization: `Bearer ${token}` };
  const response = await patiently(
    party,
    () => party.send(pathname + search, { headers }),
    ({ status }) => status !== 503,
  );
  if (response === null || response.status === 503) return null;
  const body = await response.json();
  if (response.status === 200) return body;
  if (!mayFail) party.world.findings.push("the newest token of a registration is refused");
  return null;
}
