import type { ReceivedCode } from "./event_log.ts";
import {
  codeForm,
  narrowForm,
  newestOf,
  present,
  presentHonestly,
  presentTwice,
  receiptsOf,
  refreshForm,
  revoke,
  tradeToken,
  tryToken,
} from "./client.ts";
import type { Party } from "./world.ts";

/** What a client does with a code, and what an attacker does with the client's stolen credentials. */
export async function useCode(client: Party, thief: Party, received: ReceivedCode) {
  const { chance } = client;
  const { clientId, grantId } = received;
  const form = codeForm(received);
  if (chance.happens(0.15)) await presentTwice(client, clientId, form);
  else if (chance.happens(0.1)) {
    await Promise.all([
      presentHonestly(client, clientId, form),
      present(thief, clientId, form),
    ]);
  } else if ((await presentHonestly(client, clientId, form)).status === null) {
    // It was never answered, and the client does not know that it may have been heard.
    await client.pause(1000);
    if (chance.happens(0.5)) await presentHonestly(client, clientId, form);
  }
  if (chance.happens(0.12)) {
    await thief.pause(500);
    await present(thief, clientId, form);
  }
  const rounds = chance.between(0, 4);
  for (let round = 0; round < rounds; round++) {
    await client.pause(300);
    if (receiptsOf(client, grantId).length === 0) return;
    await oneRound(client, thief, received);
  }
}

async function oneRound(client: Party, thief: Party, { clientId, grantId }: ReceivedCode) {
  const { chance } = client;
  const receipts = receiptsOf(client, grantId);
  const { access_token: accessToken } = chance.pick(receipts).tokens;
  const newest = newestOf(client, grantId)?.tokens.refresh_token;
  if (/^(shop|desk)$/.test(clientId) && chance.happens(0.12)) {
    return await tradeToken(client, clientId, accessToken);
  }
  const roll = chance.fraction();
  if (newest === undefined || roll < 0.25) return await tryToken(client, clientId, accessToken);
  if (roll < 0.7) return void await presentHonestly(client, clientId, narrowForm(client, newest));
  if (roll < 0.78) return await presentTwice(client, clientId, narrowForm(client, newest));
  if (roll < 0.88) {
    const older = receipts.map(({ tokens }) => tokens.refresh_token ?? newest);
    const stolen = refreshForm(chance.pick(older));
    return void await Promise.all([
      present(thief, clientId, stolen),
      presentHonestly(client, clientId, refreshForm(newest)),
    ]);
  }
  await Promise.all([
    revoke(client, clientId, roll < 0.94 ? accessToken : newest),
    chance.happens(0.5)
      ? presentHonestly(client, clientId, refreshForm(newest))
      : tryToken(client, clientId, accessToken),
  ]);
}
