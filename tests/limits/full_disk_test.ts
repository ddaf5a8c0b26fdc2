import { assertEquals } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { anAdminApi } from "../admin/api.ts";
import { newStoreMemory } from "../../stores/engine/store_memory.ts";
import { heldPlaces } from "../../src/limits/held_places.ts";
import { ask, outcomeOf, submitLogin } from "../support/authorization.ts";
import { testOnFile } from "../support/denokv.ts";
import type { ProviderOptions } from "../support/provider.ts";
import { aLimitedProvider, browserAt, limits } from "./strangers.ts";

/** The store of a single process, whose disk can be full. */
function aDisk() {
  const disk = { isFull: false };
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    commit: (batch) =>
      disk.isFull ? Promise.reject(new Error("database or disk is full")) : backend.commit(batch),
  });
  const options: ProviderOptions = {
    wrap,
    remembers: true,
    config: { rateLimits: true, limits: { ...limits, clientAuthentication: limits.signIn } },
  };
  return { disk, options };
}

testOnFile(
  "on a full disk no more secrets of a client are verified than its limit allows, although none can be counted in the store",
  async () => {
    const { disk, options } = aDisk();
    await using provider = await aLimitedProvider(options);
    const guess = async (client_secret = "the secret of shop") =>
      (await provider.post("/introspect", { token: "x", client_id: "shop", client_secret })).status;

    disk.isFull = true;
    const answers = [];
    for (let n = 0; n < 6; n++) answers.push(await guess(`guess ${n}`));
    assertEquals(answers, [503, 503, 503, 429, 429, 429]);
    assertEquals(await guess(), 429);
    disk.isFull = false;
    assertEquals(await guess(), 429);
    provider.clock.advance(60);
    assertEquals(await guess(), 200);

    // At once, and some of them in the store.
    assertEquals(await guess("a guess"), 401);
    disk.isFull = true;
    const burst = await Promise.all(
      Array.from({ length: 50 }, (_, n) => guess(n === 40 ? undefined : `guess ${n}`)),
    );
    assertEquals(burst.filter((status) => status === 503).length, 2);
    assertEquals(burst.filter((status) => status === 429).length, 48);
  },
);

testOnFile(
  "an administrator can reset a limit of guesses that a full disk could not store",
  async () => {
    const { disk, options } = aDisk();
    await using api = await anAdminApi(options);
    const { provider } = api;
    const guess = async (client_secret: string) =>
      (await provider.post("/introspect", { token: "x", client_id: "shop", client_secret })).status;
    disk.isFull = true;
    for (let n = 0; n < 3; n++) assertEquals(await guess(`guess ${n}`), 503);
    disk.isFull = false;
    assertEquals(await guess("the secret of shop"), 429);
    const limit = "/rate-limits/client-authentication?client_id=shop&address=203.0.113.7";
    assertEquals((await api.call("DELETE", limit)).status, 204);
    assertEquals(await guess("the secret of shop"), 200);
  },
);

testOnFile(
  "a user who tried to sign in while the disk was full is not locked out afterwards",
  async () => {
    const { disk, options } = aDisk();
    await using provider = await aLimitedProvider(options);
    const browser = browserAt(provider, "203.0.113.7");
    const page = await ask(provider, { browser });
    disk.isFull = true;
    for (let n = 0; n < 8; n++) {
      assertEquals((await submitLogin(browser, page)).response.status, 503);
    }
    disk.isFull = false;
    assertEquals(outcomeOf(await submitLogin(browser, page)), "consent");
  },
);

Deno.test("guesses that a full disk could not store take no memory for longer than they count, and the oldest is forgiven first", () => {
  const places = heldPlaces(newStoreMemory());
  for (let at = 0; at < 1000; at++) places.leaveUnstored(["guessed for hours"], at, 10);
  assertEquals(places.unstored("guessed for hours").length, 10);

  places.leaveUnstored(["first", "guessed again"], 1000, 60);
  for (let n = 0; n < 9_998; n++) places.leaveUnstored([`other ${n}`], 1000, 60);
  places.leaveUnstored(["guessed again"], 1001, 60);
  for (const name of ["one", "two"]) places.leaveUnstored([name], 1001, 60);
  assertEquals(["first", "guessed again"].map((name) => places.unstored(name).length), [0, 2]);
});
