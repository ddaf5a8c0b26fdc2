import { assertEquals } from "@std/assert";
import { answerOf, tokensOf, userinfo } from "../support/tokens.ts";
import {
  assertDead,
  attempts,
  firstParty,
  offline,
  onlyWinner,
  processes,
  rounds,
  signedIn,
} from "./processes.ts";

for (const count of [1, 3]) {
  const where = count === 1 ? "one process" : `${count} processes`;

  Deno.test(`a code works once: of ${attempts} exchanges at once in ${where}, one succeeds and its grant ends`, async () => {
    await using at = await processes(count);
    const browser = await signedIn(at.provider);
    for (let round = 0; round < rounds; round++) {
      const code = await at.provider.authorize({ browser, parameters: offline });
      const tokens = await onlyWinner(await at.race((process) => process.exchange(code)));
      await assertDead(at.provider, tokens);
    }
    console.log(`${at.conflicts()} conflicts in ${rounds * attempts} exchanges, ${where}`);
  });
}

Deno.test(`if ${attempts - 1} of ${attempts} exchanges at once are by a thief, the owner's succeeds and nothing is revoked`, async () => {
  await using at = await processes(3, { clients: [firstParty("shop"), firstParty("thief")] });
  const browser = await signedIn(at.provider);
  for (let round = 0; round < rounds; round++) {
    const code = await at.provider.authorize({ browser, parameters: offline });
    const owner = round % attempts;
    const responses = await at.race((process, n) =>
      process.exchange(code, { client: n === owner ? "shop" : "thief" })
    );
    const [own] = responses.splice(owner, 1);
    const refused = new Set(await Promise.all(responses.map(answerOf)));
    assertEquals([...refused], ["400 invalid_grant"]);
    const tokens = await tokensOf(own ?? Response.error());
    assertEquals((await userinfo(at.provider, tokens.access_token)).status, 200);
    await tokensOf(await at.provider.refresh(tokens.refresh_token));
  }
});
