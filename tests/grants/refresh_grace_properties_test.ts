import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { aPublicClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf, signInOffline, userinfo } from "../support/tokens.ts";

/** Seconds: what a client gets that does not say it. */
const grace = 10;

/** Somebody waits, and uses a refresh token: the newest, or one that is so many generations older. */
const use = fc.record({
  seconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 15 })),
  older: fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 4 })),
});

Deno.test("a replaced token of a public client ends them all if it is used outside its ten seconds, whoever uses it", async () => {
  const client = aPublicClient("shop", { refresh_token_grace_period: undefined });
  await using provider = await aProvider({ clients: [client] });
  const { clock } = provider;
  await fc.assert(
    fc.asyncProperty(fc.array(use, { minLength: 1, maxLength: 10 }), async (uses) => {
      const first = await signInOffline(provider);
      const tokens = [first.refresh_token];
      let newestAnswer = "";
      let accessToken = first.access_token;
      let replacedAt = -Infinity;
      let isOver = false;
      for (const { seconds, older } of uses) {
        clock.advance(seconds);
        const newest = tokens.length - 1;
        const at = Math.max(0, newest - older);
        const response = await provider.refresh(tokens[at] ?? "");
        const isRepeat = at === newest - 1 && clock.seconds() < replacedAt + grace;
        if (isOver || (at !== newest && !isRepeat)) {
          assertEquals(await answerOf(response), "400 invalid_grant");
          isOver = true;
          continue;
        }
        const text = await response.text();
        assertEquals(response.status, 200, text);
        // A repeat gets what is known already: no two chains of tokens ever begin at one token.
        if (isRepeat) assertEquals(text, newestAnswer);
        else {
          const answer = JSON.parse(text);
          tokens.push(answer.refresh_token);
          accessToken = answer.access_token;
          newestAnswer = text;
          replacedAt = clock.seconds();
        }
      }
      assertEquals(new Set(tokens).size, tokens.length);
      assertEquals((await userinfo(provider, accessToken)).status, isOver ? 401 : 200);
    }),
    { numRuns: 40 },
  );
});
