import { assert, assertEquals } from "@std/assert";
import { answerOf, tokensOf, userinfo } from "../support/tokens.ts";
import {
  assertDead,
  attempts,
  newTokens,
  onlyWinner,
  processes,
  rounds,
  signedIn,
} from "./processes.ts";

for (const count of [1, 3]) {
  const where = count === 1 ? "one process" : `${count} processes`;

  Deno.test(`a refresh token works once: of ${attempts} refreshes at once in ${where}, one succeeds and its grant ends`, async () => {
    await using at = await processes(count);
    const browser = await signedIn(at.provider);
    for (let round = 0; round < rounds; round++) {
      const first = await newTokens(at.provider, browser);
      const responses = await at.race((process) => process.refresh(first.refresh_token));
      await assertDead(at.provider, await onlyWinner(responses));
      await assertDead(at.provider, first);
    }
    console.log(`${at.conflicts()} conflicts in ${rounds * attempts} refreshes, ${where}`);
  });
}

Deno.test("after a revocation at the same moment as a refresh, no token works", async () => {
  await using at = await processes(2);
  const browser = await signedIn(at.provider);
  const outcomes = { refreshed: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const first = await newTokens(at.provider, browser);
    const other = at.provider.restart();
    const form = { token: first.refresh_token, ...other.credentials() };
    const refresh = () => at.provider.refresh(first.refresh_token);
    const revoke = () => other.post("/revoke", form);
    // The first request wins more often, so the order alternates.
    const inTurn = round % 2 === 0 ? [refresh(), revoke()] : [revoke(), refresh()];
    const both = await Promise.all(inTurn);
    const [refreshed, revoked] = round % 2 === 0 ? both : both.reverse();
    assert(refreshed && revoked);

    assertEquals(await answerOf(revoked), "200");
    await assertDead(at.provider, first);
    if (refreshed.status === 200) {
      outcomes.refreshed++;
      await assertDead(at.provider, await tokensOf(refreshed));
    } else {
      outcomes.refused++;
      assertEquals(await answerOf(refreshed), "400 invalid_grant");
    }
  }
  console.log(`the refresh came first ${outcomes.refreshed} times of ${rounds}`);
});

Deno.test("revoking an access token during a refresh ends only that access token", async () => {
  await using at = await processes(2);
  const browser = await signedIn(at.provider);
  const first = await newTokens(at.provider, browser);
  const other = at.provider.restart();
  const form = { token: first.access_token, ...other.credentials() };

  const [refreshed, revoked] = await Promise.all([
    at.provider.refresh(first.refresh_token),
    other.post("/revoke", form),
  ]);

  assertEquals(revoked.status, 200);
  assertEquals((await userinfo(at.provider, first.access_token)).status, 401);
  const second = await tokensOf(refreshed);
  assertEquals((await userinfo(at.provider, second.access_token)).status, 200);
  await tokensOf(await other.refresh(second.refresh_token));
});
