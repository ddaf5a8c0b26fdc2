import { assertEquals } from "@std/assert";
import type { KvBackend, Timers } from "../../stores/engine/kv.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { signInOffline, tokensOf } from "../support/tokens.ts";

Deno.test("a client that lost its answer twice in a row is not treated as a thief", async () => {
  const line = aLine();
  await using provider = await aProvider(line);
  const { refresh_token } = await signInOffline(provider);
  for (let lost = 1; lost <= 2; lost++) {
    line.cut();
    assertEquals((await provider.refresh(refresh_token)).status, 503);
    await line.settled(provider, refresh_token);
  }
  const tokens = await tokensOf(await provider.refresh(refresh_token));
  assertEquals((await provider.refresh(tokens.refresh_token)).status, 200);
});

Deno.test("an answer that was delivered to a repeat is not replaced by another one", async () => {
  const line = aLine();
  const clients = [aClient("shop", { refresh_token_grace_period: 10 })];
  await using provider = await aProvider({ ...line, clients });
  const { refresh_token } = await signInOffline(provider);
  line.cut();
  assertEquals((await provider.refresh(refresh_token)).status, 503);
  const repeated = await tokensOf(await provider.restart().refresh(refresh_token));
  await line.settled(provider, refresh_token);

  assertEquals(await tokensOf(await provider.refresh(refresh_token)), repeated);
  assertEquals((await provider.refresh(repeated.refresh_token)).status, 200);
});

/** A line to a remote store that can be cut in the middle of a refresh, and whose waiting is in our hand. */
function aLine() {
  let isCutNext = false;
  let failing = 0;
  let waiting: (() => void)[] = [];
  let unanswered = 0;
  const timers: Timers = {
    sleep: (_milliseconds, signal) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        signal?.addEventListener("abort", () => resolve());
      }),
  };
  const wrap = (store: KvBackend): KvBackend => ({
    ...store,
    remote: true,
    getMany: (keys) => unlessCut(() => store.getMany(keys)),
    commit: (batch) =>
      unlessCut(async () => {
        unanswered++;
        const held = await store.commit(batch).finally(() => unanswered--);
        if (!isCutNext) return held;
        isCutNext = false;
        failing = 2; // the two calls that ask what became of it
        throw new Error("the reply was lost");
      }),
  });
  return {
    timers,
    wrap,
    cut: () => void (isCutNext = true),
    /** Lets the server find out what became of it, and a while pass. */
    async settled({ backend, clock }: TestProvider, refreshToken: string) {
      const grantId = refreshToken.replace("rt_", "").split(".")[0] ?? "";
      for (;;) {
        waiting.forEach((resolve) => resolve());
        waiting = [];
        const [family] = await backend.getMany([["refresh_token_families", grantId]]);
        const { record } = family?.value as { record: { undelivered: boolean } };
        await new Promise((resolve) => setTimeout(resolve, 1));
        // The store shows a record before the server has heard that its commit landed.
        if (record.undelivered && unanswered === 0) break;
      }
      clock.advance(9);
    },
  };

  async function unlessCut<T>(call: () => Promise<T>): Promise<T> {
    if (failing > 0) {
      failing--;
      throw new Error("the line is cut");
    }
    return await call();
  }
}
