import { assertEquals } from "@std/assert";
import { createApp } from "../../routes/app.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { formOf, newBrowser } from "../support/browser.ts";
import { formAnswer } from "../support/form_answer.ts";
import { alice, aProvider } from "../support/provider.ts";
import { atOnce, countByStatus } from "./limiter.ts";

const guesser = "203.0.113.66";
const wide = { count: 1000, seconds: 1 };

/** A provider that counts what its password hasher is asked, and guesses at its sign-in page. */
async function aGuardedProvider() {
  const provider = await aProvider({ users: [alice, { username: "bob", password: "bob's own" }] });
  const verified = { hashes: 0, decoys: 0 };
  const { passwordHasher, config } = provider.deps;
  const deps: Deps = {
    ...provider.deps,
    config: {
      ...config,
      rateLimits: true,
      limits: { ...config.limits, route: wide, authorize: wide },
    },
    passwordHasher: {
      ...passwordHasher,
      verify(password, hash) {
        verified.hashes++;
        return passwordHasher.verify(password, hash);
      },
      verifyDecoy(password) {
        verified.decoys++;
        return passwordHasher.verifyDecoy(password);
      },
    },
  };
  const app = createApp(deps);
  /** Opens the sign-in page of a browser at an address. @returns what posts a guess from there */
  const signInPage = async (address = guesser) => {
    const send = async (path: string, init?: RequestInit) =>
      await app.fetch(new Request(new URL(path, config.issuer), init), { remoteAddress: address });
    const browser = newBrowser(send, config.issuer);
    const { action, hidden } = formOf((await browser.open(provider.authorizeUrl())).body);
    return async (username: string, password: string) => {
      const body = new URLSearchParams({ ...hidden, username, password });
      return await formAnswer(deps, await browser.send(action, { method: "POST", body }));
    };
  };
  return {
    verified,
    signInPage,
    clock: provider.clock,
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

Deno.test("exactly 10 of 1000 concurrent guesses are verified", async () => {
  await using provider = await aGuardedProvider();
  const guess = await provider.signInPage();

  const responses = await atOnce(1000, (i) => guess("alice", `guess ${i}`));

  assertEquals(countByStatus(responses), { 401: 10, 429: 990 });
  assertEquals(provider.verified, { hashes: 10, decoys: 0 });
});

Deno.test("guesses at an unknown name are counted and refused like others", async () => {
  await using provider = await aGuardedProvider();
  const guess = await provider.signInPage();
  const responses = await atOnce(100, () => guess("nobody", "guess"));
  assertEquals(countByStatus(responses), { 401: 10, 429: 90 });
  assertEquals(provider.verified, { hashes: 0, decoys: 10 });
});

Deno.test("other spellings of a name count as the same account", async () => {
  await using provider = await aGuardedProvider();
  const guess = await provider.signInPage();
  const spellings = ["alice", "ALICE", " Alice ", "ａｌｉｃｅ"];
  const responses = await atOnce(40, (i) => guess(spellings[i % 4] ?? "", "guess"));
  assertEquals(countByStatus(responses), { 401: 10, 429: 30 });
});

Deno.test("a refused user must wait, with a right or wrong password, and can sign in after that", async () => {
  await using provider = await aGuardedProvider();
  const guess = await provider.signInPage();
  const first = await guess("alice", "guess");
  assertEquals(
    first.headers.get("ratelimit"),
    `"sign-in";r=9;t=60`,
  );
  for (let i = 1; i < 10; i++) await guess("alice", `guess ${i}`);
  provider.clock.advance(10);

  const refused = await guess("alice", alice.password);
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "50"]);
  provider.clock.advance(50);
  assertEquals((await guess("alice", alice.password)).status, 303);
});

Deno.test("guesses at one account affect neither another account nor its owner at another address", async () => {
  await using provider = await aGuardedProvider();
  const guess = await provider.signInPage();
  await atOnce(50, () => guess("alice", "guess"));
  assertEquals((await guess("bob", "bob's own")).status, 303);
  const atHome = await provider.signInPage("198.51.100.1");
  assertEquals((await atHome("alice", alice.password)).status, 303);
});

Deno.test("an account allows 100 guesses an hour from all addresses, and does not reveal how many are left", async () => {
  await using provider = await aGuardedProvider();
  const guesses = await Promise.all(
    Array.from({ length: 11 }, (_, i) => provider.signInPage(`192.0.2.${i}`)),
  );
  const responses = await atOnce(110, async (i) => await guesses[i % 11]?.("alice", "guess"));
  const answered = responses.filter((response) => response !== undefined);
  assertEquals(countByStatus(answered), { 401: 100, 429: 10 });
  assertEquals(provider.verified.hashes, 100);
  const passed = answered.find(({ status }) => status === 401);
  assertEquals(passed?.headers.get("ratelimit-policy")?.includes("account"), false);
  const refused = answered.find(({ status }) => status === 429);
  assertEquals(refused?.headers.get("retry-after"), "3600");
});
