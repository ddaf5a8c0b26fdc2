import { assertEquals } from "@std/assert";
import type { KvBackend, Timers } from "../../stores/engine/kv.ts";
import { answerDevice, aTelevision, beginDevice, poll } from "../support/devices.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { answerOf, introspect, tokensOf } from "../support/tokens.ts";

const scope = "openid offline_access";
const other = { resource: "https://api.example" };

for (const isMarkedFirst of [true, false]) {
  const when = isMarkedFirst ? "after" : "before";
  Deno.test(`a lost answer that a repeated poll got ${when} the outage was settled is the only one`, async () => {
    await using lost = await aLostPoll();
    const { provider, again, settled } = lost;
    if (isMarkedFirst) await settled();
    const process = isMarkedFirst ? provider : provider.restart();
    const tokens = await tokensOf(await poll(process, lost.device_code));
    if (!isMarkedFirst) await settled();
    assertEquals(await answerOf(await again(other)), "400 invalid_grant", "another one");
    assertEquals((await introspect(provider, tokens.access_token, "tv")).active, false);
  });
}

Deno.test("after the grace period of a lost answer that a repeated poll got, the same poll ends the grant", async () => {
  await using lost = await aLostPoll();
  const { provider, again, settled } = lost;
  await settled();
  provider.clock.advance(100);
  const tokens = await tokensOf(await again());
  provider.clock.advance(14);
  assertEquals(await tokensOf(await again()), tokens);
  provider.clock.advance(1);
  assertEquals(await answerOf(await again()), "400 invalid_grant");
  assertEquals((await introspect(provider, tokens.access_token, "tv")).active, false);
});

Deno.test("while a repeated poll may have got the answer, another poll gets none, even if the repeat was lost too", async () => {
  await using lost = await aLostPoll();
  await lost.settled();
  lost.cut();
  assertEquals((await lost.again()).status, 503);
  await lost.settled();
  assertEquals(await answerOf(await lost.again(other)), "400 invalid_grant");
});

/** A device whose poll got 503, because the reply of a remote store was lost. */
async function aLostPoll() {
  let [isCut, failing, isLost, unanswered] = [false, 0, false, 0];
  let waiting: (() => void)[] = [];
  const timers: Timers = {
    sleep: (_milliseconds, signal) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        signal?.addEventListener("abort", () => resolve());
      }),
  };
  const unlessCut = async <T>(call: () => Promise<T>): Promise<T> => {
    if (failing-- > 0) throw new Error("the line is cut");
    return await call();
  };
  const wrap = (store: KvBackend): KvBackend => ({
    ...store,
    remote: true,
    getMany: (keys) => unlessCut(() => store.getMany(keys)),
    commit: (batch) =>
      unlessCut(async () => {
        unanswered++;
        const held = await store.commit(batch).finally(() => unanswered--);
        if (!isCut) return held;
        [isCut, failing, isLost] = [false, 2, true];
        throw new Error("the reply was lost");
      }),
  });
  const clients = [aTelevision("tv", { refresh_token_grace_period: 10 })];
  const provider: TestProvider = await aProvider({ timers, wrap, clients });
  const { device_code, user_code } = await beginDevice(provider, "tv", { scope });
  await answerDevice(provider.browser(), user_code);
  const again = (parameters = {}) => poll(provider, device_code, "tv", parameters);
  isCut = true;
  assertEquals([(await again()).status, isLost], [503, true]);
  return {
    provider,
    device_code,
    again,
    cut: () => void (isCut = true),
    /** Lets the server find out what became of its commit, and a while pass. */
    async settled() {
      for (let quiet = 0; quiet < 20;) {
        waiting.forEach((resolve) => resolve());
        quiet = waiting.length === 0 && unanswered === 0 ? quiet + 1 : 0;
        waiting = [];
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      provider.clock.advance(9);
    },
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}
