import { assert, assertEquals } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { openLocalFile, openMemory } from "../../stores/engine/local_file.ts";
import { hold, keep } from "../../src/limits/hold.ts";
import { giveBack, reserve } from "../../src/limits/reserve.ts";
import { passwordKeys } from "../../src/limits/sign_in.ts";
import { aKey, aLimiter, atOnce, countPassed, type Limiter } from "../limits/limiter.ts";
import { testClock } from "../support/clock.ts";

const perMinute = { count: 10, seconds: 60 };

Deno.test("1000 requests at once pass exactly up to the limit, in two commits at most", async () => {
  await using limiter = await aLimiter();
  const key = await aKey(perMinute);

  const reservations = await atOnce(1000, () => reserve(limiter.deps, [key]));

  assertEquals(countPassed(reservations), 10);
  assert(limiter.calls().filter((call) => call === "commit").length <= 2);
});

Deno.test("two processes on one store together pass exactly the limit, burst after burst", async () => {
  const backend = await openMemory();
  const clock = testClock();
  await using one = await aLimiter({ backend, clock });
  await using other = await aLimiter({ backend, clock });
  const key = await aKey(perMinute);
  for (let burst = 0; burst < 5; burst++) {
    const reservations = await atOnce(
      500,
      async (i) => {
        // Some come a little later, so that commits of both are in flight again and again.
        await new Promise((resolve) => setTimeout(resolve, i % 10));
        return await reserve((i % 2 === 0 ? one : other).deps, [key]);
      },
    );
    assertEquals(countPassed(reservations), 10);
    clock.advance(60);
  }
  backend.close();
});

Deno.test("a restart does not reset a limit", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const clock = testClock();
    const key = await aKey(perMinute);
    const lives: number[] = [];
    for (let life = 0; life < 2; life++) {
      const backend = await openLocalFile(`${directory}/kv.sqlite`);
      const { deps } = await aLimiter({ backend, clock });
      lives.push(countPassed(await atOnce(100, () => reserve(deps, [key]))));
      await deps.kv.close();
    }
    assertEquals(lives, [10, 0]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("guesses for one account from 300 addresses at once pass only up to the account's limit", async () => {
  await using limiter = await aLimiter();
  const reservations = await atOnce(900, (i) => {
    const address = `192.0.${i % 300 >> 8}.${i % 300 & 255}`;
    return guessAt(limiter, address);
  });
  assertEquals(countPassed(reservations), 100);
});

Deno.test("after a flood from one address, the owner can use the rest of the account's limit", async () => {
  await using limiter = await aLimiter();
  const guess = (address: string) => guessAt(limiter, address);
  assertEquals(countPassed(await atOnce(1000, () => guess("203.0.113.66"))), 10);
  assertEquals((await guess("198.51.100.1")).passed, true);
  // 10 of the flood and one of the owner's: 89 are left to the others.
  const others = await atOnce(100, (i) => guess(`192.0.2.${i}`));
  assertEquals(countPassed(others), 89);
});

Deno.test("two processes verify as many wrong guesses of a known browser as its limit says, between right ones", async () => {
  const backend = await openMemory();
  const clock = testClock();
  await using one = await aLimiter({ backend, clock });
  await using other = await aLimiter({ backend, clock });
  const isWrong = (n: number) => n % 3 === 0;
  const verified = await atOnce(300, async (n) => {
    await new Promise((resolve) => setTimeout(resolve, n % 20));
    const limiter = n % 2 === 0 ? one : other;
    const reservation = await guessAt(limiter, `192.0.2.${n % 200}`, "a known browser");
    if (reservation.passed && !isWrong(n)) await giveBack(limiter.deps, reservation);
    return reservation.passed && isWrong(n);
  });
  assert(verified.filter(Boolean).length <= 10);
  // Right ones took places for a moment only: what is left is free for wrong ones.
  const left = await atOnce(20, () => guessAt(one, "192.0.2.1", "a known browser"));
  assertEquals(verified.filter(Boolean).length + countPassed(left), 10);
  // Strangers have all of theirs.
  assertEquals(countPassed(await atOnce(20, () => guessAt(other, "192.0.2.1"))), 10);
  backend.close();
});

Deno.test("the only process of a store verifies as many wrong guesses as the limit says, between right ones", async () => {
  for (let round = 0; round < 20; round++) {
    const store = await openMemory();
    let reads = 0;
    const backend: KvBackend = {
      ...store,
      // Some answers arrive late, when what they say is no longer true.
      async getMany(keys) {
        const found = await store.getMany(keys);
        await new Promise((resolve) => setTimeout(resolve, reads++ % 4 * 3));
        return found;
      },
    };
    await using limiter = await aLimiter({ backend, alone: true });
    const { deps } = limiter;
    const isWrong = (n: number) => (n + round) % 3 === 0;
    const answered = await atOnce(300, async (n) => {
      await new Promise((resolve) => setTimeout(resolve, n % 7));
      const keys = await passwordKeys(deps, "alice", {
        address: `192.0.2.${n % 200}`,
        device: "browser",
      });
      const reservation = await hold(deps, keys);
      if (!reservation.passed) return false;
      await new Promise((resolve) => setTimeout(resolve, n % 3)); // its password is hashed
      if (isWrong(n)) await keep(deps, reservation);
      else await giveBack(deps, reservation);
      return isWrong(n);
    });
    const wrong = answered.filter(Boolean).length;
    assert(wrong <= 10, `${wrong} wrong guesses`);
    const keys = await passwordKeys(deps, "alice", { address: "192.0.2.1", device: "browser" });
    const left = await atOnce(20, () => hold(deps, keys));
    assertEquals(wrong + countPassed(left), 10);
    await deps.kv.close();
  }
});

Deno.test("a right guess on a store of one process writes nothing, and a killed process forgets no answered guess", async () => {
  const store = await openMemory();
  const backend = { ...store, close: () => {} };
  const clock = testClock();
  const first = await aLimiter({ backend, clock, alone: true });
  const keys = await passwordKeys(first.deps, "alice", { address: "192.0.2.1", device: null });
  first.calls();
  await giveBack(first.deps, await hold(first.deps, keys));
  assert(!first.calls().includes("commit"));
  for (let n = 0; n < 4; n++) await keep(first.deps, await hold(first.deps, keys));
  await hold(first.deps, keys); // killed before it answers
  const second = await aLimiter({ backend, clock, alone: true });
  const after = await atOnce(20, () => hold(second.deps, keys));
  assertEquals(countPassed(after), 10 - 4);
  await first.deps.kv.close();
  await second.deps.kv.close();
  store.close();
});

async function guessAt({ deps }: Limiter, address: string, device: string | null = null) {
  return await reserve(deps, await passwordKeys(deps, "alice", { address, device }));
}
