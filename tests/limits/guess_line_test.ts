import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { inLine } from "../../src/limits/guess_line.ts";
import { hold, keep } from "../../src/limits/hold.ts";
import type { Reservation } from "../../src/limits/reservation.ts";
import { look, released } from "../../src/limits/reserve.ts";
import { aKey, aLimiter } from "./limiter.ts";

const aGuess = fc.record({
  client: fc.constantFrom(0, 1, 2),
  isRight: fc.boolean(),
  start: fc.nat(10),
  takes: fc.nat(12),
});

async function turns(count: number) {
  for (let n = 0; n < count; n++) await null;
}

Deno.test("guesses at any moments pass no limit, right ones alone are never refused, and all are answered", async () => {
  const guesses = fc.array(aGuess, { maxLength: 25 });
  const limits = fc.record({ ofAll: fc.integer({ min: 1, max: 6 }), ofOne: fc.constantFrom(1, 3) });
  const property = fc.asyncProperty(
    fc.boolean(),
    limits,
    guesses,
    async (alone, limits, guesses) => {
      await using limiter = await aLimiter({ alone });
      const { deps } = limiter;
      const all = await aKey({ count: limits.ofAll, seconds: 60 }, "all", "all");
      const wrong = [0, 0, 0];
      const answerOf = async ({ client, isRight, start, takes }: typeof guesses[number]) => {
        await turns(start);
        const own = await aKey({ count: limits.ofOne, seconds: 60 }, `${client}`, "own");
        const keys = [all, own] as const;
        const done = await inLine(deps.kv, keys, {
          reserve: () => hold(deps, keys),
          verify: async (reservation) => {
            await turns(takes);
            if (!isRight) {
              wrong[client] = (wrong[client] ?? 0) + 1;
              await keep(deps, reservation);
            }
            return { outcome: null, gaveBack: isRight && await released(deps, reservation) };
          },
        });
        return "refused" in done ? "refused" : "verified";
      };
      const answers = await Promise.all(guesses.map(answerOf));
      const isFull = (client: number) =>
        wrong.reduce((sum, one) => sum + one) >= limits.ofAll ||
        (wrong[client] ?? 0) >= limits.ofOne;
      assert(wrong.reduce((sum, one) => sum + one) <= limits.ofAll);
      assert(wrong.every((count) => count <= limits.ofOne));
      if (guesses.every(({ isRight }) => isRight)) assert(!answers.includes("refused"));
      // No place is lost, and none is forgotten.
      const next = await answerOf({ client: 0, isRight: true, start: 0, takes: 0 });
      assertEquals(next, isFull(0) ? "refused" : "verified");
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

Deno.test("a guess that learns too late that all places were taken tries again, if one was given back since", async () => {
  await using limiter = await aLimiter();
  const { deps } = limiter;
  const keys = [await aKey({ count: 1, seconds: 60 })] as const;
  const [answered, learnt] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const release = async (reservation: Reservation) => ({
    outcome: null,
    gaveBack: await released(deps, reservation),
  });
  const first = inLine(deps.kv, keys, {
    reserve: () => hold(deps, keys),
    verify: async (reservation) => {
      await answered.promise;
      return await release(reservation);
    },
  });
  const refused = await reserveWhenFull();
  let places = 0;
  const second = inLine(deps.kv, keys, {
    reserve: async () => {
      if (places++ > 0) return await hold(deps, keys);
      await learnt.promise;
      return refused;
    },
    verify: release,
  });
  answered.resolve();
  await first;
  learnt.resolve();
  assertEquals(await second, { outcome: null });

  async function reserveWhenFull() {
    for (;;) {
      const reservation = await look(deps, keys);
      if (!reservation.passed) return reservation;
    }
  }
});

Deno.test("a place that was given back is not lost because the guess that waited for it could not take it", async () => {
  await using limiter = await aLimiter();
  const { deps } = limiter;
  const keys = [await aKey({ count: 1, seconds: 60 })] as const;
  const answered = Promise.withResolvers<void>();
  const guess = (take: () => Promise<Reservation>) =>
    inLine(deps.kv, keys, {
      reserve: take,
      verify: async (reservation) => {
        await answered.promise;
        return { outcome: null, gaveBack: await released(deps, reservation) };
      },
    });
  let refused = 0;
  const take = async () => {
    const reservation = await hold(deps, keys);
    if (!reservation.passed) refused++;
    return reservation;
  };
  const first = guess(take);
  let tries = 0;
  const second = guess(async () => {
    if (tries++ > 0) throw new Error("the store is unavailable");
    return await take();
  });
  const third = guess(async () => await take()); // after the second
  while (refused < 2) await look(deps, keys);
  answered.resolve();
  assertEquals(await first, { outcome: null });
  await assertRejects(() => second, Error, "the store is unavailable");
  assertEquals(await third, { outcome: null });
});

Deno.test("a place that another limit keeps a guess from taking is one for the next in line, and one that is taken wakes nobody", async () => {
  await using limiter = await aLimiter();
  const { deps } = limiter;
  const all = await aKey({ count: 1, seconds: 60 }, "all", "all");
  const [own, others] = await Promise.all(
    ["own", "other"].map((subject) => aKey({ count: 1, seconds: 60 }, subject, "own")),
  );
  assert(own && others);
  await keep(deps, await hold(deps, [own])); // its limit is full
  let refused = 0;
  const guess = (key: typeof own, answered: Promise<void>) =>
    inLine(deps.kv, [all, key], {
      reserve: async () => {
        const reservation = await hold(deps, [all, key]);
        if (!reservation.passed) refused++;
        return reservation;
      },
      verify: async (reservation) => {
        await answered;
        return { outcome: null, gaveBack: await released(deps, reservation) };
      },
    });
  const until = async (count: number) => {
    while (refused < count) await look(deps, [all]);
  };
  const [first, third] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const guesses = [guess(others, first.promise)];
  await turns(1000);
  guesses.push(guess(own, Promise.resolve()));
  await until(1);
  guesses.push(guess(others, third.promise));
  await until(2);
  guesses.push(guess(others, Promise.resolve()));
  await until(3);

  first.resolve();
  assert("refused" in (await guesses[1] ?? {}));
  for (let n = 0; n < 20; n++) await look(deps, [all]);
  assertEquals(refused, 4, "the last one was not woken in vain");
  third.resolve();
  const answers = await Promise.all(guesses);
  assertEquals(answers.map((answer) => "refused" in answer), [false, true, false, false]);
});

Deno.test("a flood does not wait: only as many guesses do as a crowd would have", async () => {
  await using limiter = await aLimiter();
  const { deps } = limiter;
  const keys = [await aKey({ count: 1, seconds: 60 })] as const;
  const answered = Promise.withResolvers<void>();
  let refused = 0;
  const guesses = Array.from({ length: 40 }, async () => {
    const answer = await inLine(deps.kv, keys, {
      reserve: () => hold(deps, keys),
      verify: async (reservation) => {
        await answered.promise;
        return { outcome: null, gaveBack: await released(deps, reservation) };
      },
    });
    if ("refused" in answer) refused++;
  });
  for (let n = 0; n < 200; n++) await look(deps, keys);
  assertEquals(refused, 9, "one is verified, and thirty wait");
  answered.resolve();
  await Promise.all(guesses);
  assertEquals(refused, 9);
});
