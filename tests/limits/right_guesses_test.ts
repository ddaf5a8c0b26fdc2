import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { KvBackend } from "../../stores/engine/kv.ts";
import type { Reservation } from "../../src/limits/reservation.ts";
import { giveBack, reserve } from "../../src/limits/reserve.ts";
import { postAccount } from "../support/account.ts";
import { ask, bob, outcomeOf, submitLogin } from "../support/authorization.ts";
import {
  type AuthenticatorApp,
  enterCode,
  giveApp,
  giveRecoveryCodes,
  secondFactorPath,
} from "../support/factors.ts";
import { askForMail, newestCode } from "../support/mail_sign_in.ts";
import { sentMails } from "../support/mails.ts";
import { alice, type TestProvider } from "../support/provider.ts";
import { aKey, aLimiter, atOnce } from "./limiter.ts";
import { aKnownBrowser, aLimitedProvider, browserAt, limits, tryPassword } from "./strangers.ts";

async function isRight(provider: TestProvider, address: string, person = alice) {
  const browser = browserAt(provider, address);
  const landing = await tryPassword(provider, browser, person.password, person.username);
  return outcomeOf(landing) === "consent" || landing.url.pathname === secondFactorPath;
}

Deno.test("successful sign-ins do not count as guesses, from one address or from many", async () => {
  await using provider = await aLimitedProvider();
  for (let n = 0; n < 14; n++) assert(await isRight(provider, "203.0.113.7"), `${n}`);
  for (let n = 0; n < 20; n++) assert(await isRight(provider, `192.0.2.${n}`), `${n}`);
});

Deno.test("concurrent successful sign-ins all pass, even if they outnumber the limit", async () => {
  await using provider = await aLimitedProvider();
  const right = await atOnce(20, () => isRight(provider, "203.0.113.7"));
  assertEquals(right, Array(20).fill(true));

  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    remote: true,
    async commit(batch) {
      const versionstamp = await backend.commit(batch);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return versionstamp;
    },
  });
  await using shared = await aLimitedProvider({ wrap });
  const processes = [shared, shared.restart(), shared.restart()];
  const there = await atOnce(20, (n) => isRight(processes[n % 3] ?? shared, "203.0.113.7"));
  assertEquals(there, Array(20).fill(true), "at three processes");
});

Deno.test("among concurrent successful sign-ins, wrong passwords are verified only up to the limit", async () => {
  await using provider = await aLimitedProvider();
  const statuses = await atOnce(40, async (n) => {
    const browser = browserAt(provider, "203.0.113.7");
    const password = n % 2 === 0 ? alice.password : `guess ${n}`;
    return (await tryPassword(provider, browser, password)).response.status;
  });
  const wrong = statuses.filter((status) => status === 401).length;
  assert(wrong <= limits.signIn.count, `${wrong} wrong ones were verified`);
  const next = await tryPassword(provider, browserAt(provider, "203.0.113.7"), "guess");
  assertEquals(next.response.status, 429);
});

Deno.test("signing in to one account does not give back guesses at another", async () => {
  await using provider = await aLimitedProvider({ users: [alice, bob] });
  const statuses: number[] = [];
  for (let n = 0; n < 5; n++) {
    const guess = await tryPassword(provider, browserAt(provider, "203.0.113.7"), "no", "bob");
    statuses.push(guess.response.status);
    assert(await isRight(provider, "203.0.113.7"));
  }
  assertEquals(statuses, [401, 401, 401, 429, 429]);
});

Deno.test("a successful sign-in does not reset earlier failures", async () => {
  await using provider = await aLimitedProvider();
  const address = "203.0.113.7";
  const guess = async () =>
    (await tryPassword(provider, browserAt(provider, address), "no")).response.status;
  assertEquals([await guess(), await guess()], [401, 401]);
  assert(await isRight(provider, address));
  assertEquals([await guess(), await guess()], [401, 429]);
});

Deno.test("right codes of an app, a mail or the recovery list, and the right current password, do not count", async () => {
  await using provider = await aLimitedProvider({
    config: { rateLimits: true, limits: { ...limits, mail: { count: 100, seconds: 60 } } },
  });
  for (let n = 0; n < 8; n++) {
    const { browser, page } = await askForMail(provider, "code", {
      browser: browserAt(provider, "203.0.113.7"),
    });
    const landed = await browser.submit(page, { code: await newestCode(provider) });
    assertEquals(outcomeOf(landed), "consent", `mail ${n}`);
  }
  const own = await aKnownBrowser(provider);
  let current = alice.password;
  for (let n = 0; n < 5; n++) {
    const password = `password number ${n}`;
    const fields = { current_password: current, password, password_repeat: password };
    const { url } = await postAccount(own, "/account/security/password", fields);
    assertEquals(url.search, "?changed=yes");
    current = password;
  }
  const app = await giveApp(provider);
  const recovery = await giveRecoveryCodes(provider);
  for (let n = 0; n < 8; n++) {
    const browser = browserAt(provider, "203.0.113.7");
    const page = await tryPassword(provider, browser, current);
    provider.clock.advance(30);
    const code = n % 2 === 0 ? app.code() : recovery[n] ?? "";
    assertEquals(outcomeOf(await enterCode(browser, page, code)), "consent", `code ${n}`);
  }
});

Deno.test("wrong codes count for their address across accounts, and right codes do not", async () => {
  const users = Array.from({ length: 6 }, (_, n) => ({
    username: `user${n}`,
    password: `the password of user ${n}`,
  }));
  await using provider = await aLimitedProvider({
    users,
    config: { rateLimits: true, limits: { ...limits, codeAddress: { count: 4, seconds: 600 } } },
  });
  const apps: AuthenticatorApp[] = [];
  for (const { username } of users) apps.push(await giveApp(provider, username));
  const enter = async (n: number, isRight: boolean, address = "203.0.113.7") => {
    const { username, password } = users[n] ?? alice;
    const browser = browserAt(provider, address);
    const page = await tryPassword(provider, browser, password, username);
    const right = apps[n]?.code() ?? "";
    const code = isRight ? right : right === "000000" ? "111111" : "000000";
    return (await enterCode(browser, page, code)).response.status;
  };
  assertEquals(await enter(0, true), 200);
  const wrong = [];
  for (let n = 0; n < 6; n++) wrong.push(await enter(n, false));
  assertEquals(wrong, [401, 401, 401, 401, 429, 429]);
  assertEquals(await enter(5, true), 429);
  assertEquals(await enter(5, true, "192.0.2.1"), 200);
});

Deno.test("for 100 concurrent wrong codes at 50 accounts, an address has only its limit verified", async () => {
  const users = Array.from({ length: 50 }, (_, n) => ({
    username: `user${n}`,
    password: `the password of user ${n}`,
  }));
  await using provider = await aLimitedProvider({
    users,
    config: { rateLimits: true, limits: { ...limits, codeAddress: { count: 7, seconds: 600 } } },
  });
  const pages = await atOnce(50, async (n) => {
    const { username, password } = users[n] ?? alice;
    await giveApp(provider, username);
    const browser = browserAt(provider, "203.0.113.7");
    return { browser, page: await tryPassword(provider, browser, password, username) };
  });
  const statuses = await atOnce(100, async (n) => {
    const { browser, page } = pages[n % 50]!;
    return (await enterCode(browser, page, "12345")).response.status;
  });
  assertEquals(statuses.filter((status) => status === 401).length, 7);
});

Deno.test("an owner gets at most one mail a day about many failures", async () => {
  await using provider = await aLimitedProvider({
    users: [{ ...alice, claims: { ...alice.claims, locale: "de-CH" } }, bob],
    config: {
      rateLimits: true,
      limits: {
        ...limits,
        signIn: { count: 100, seconds: 1 },
        signInAccount: { count: 10, seconds: 60 },
      },
    },
  });
  const fail = async (times: number, username = "alice") => {
    for (let n = 0; n < times; n++) {
      await tryPassword(provider, browserAt(provider, "203.0.113.7"), "guess", username);
    }
    return (await sentMails(provider)).map(({ to, subject }) => `${to} ${subject}`);
  };
  assertEquals(await fail(4), []);
  const [mail, ...others] = await fail(1);
  assertEquals(others, []);
  assertStringIncludes(mail ?? "", "alice@example.com Viele missglückte Anmeldungen");
  assertEquals((await fail(3)).length, 1);
  provider.clock.advance(3600);
  assertEquals((await fail(9)).length, 1, "not twice a day");
  provider.clock.advance(23 * 3600);
  assertEquals((await fail(9)).length, 2);
  assertEquals((await fail(9, "nobody")).length, 2, "nobody has that name");
  assertEquals((await fail(9, "bob")).length, 2, "he has no address");
});

Deno.test("an owner is informed of a few wrong codes, because they require the first factor", async () => {
  await using provider = await aLimitedProvider({
    config: {
      rateLimits: true,
      limits: { ...limits, signInAccount: { count: 20, seconds: 3600 } },
    },
  });
  await giveApp(provider);
  for (let n = 0; n < 2; n++) {
    const browser = browserAt(provider, `198.51.100.${n}`);
    const page = await tryPassword(provider, browser, alice.password);
    await enterCode(browser, page, "12345");
  }
  const mails = await sentMails(provider);
  assertEquals(mails.length, 1);
  assertStringIncludes(mails[0]?.text ?? "", "past the first step");
});

Deno.test("in any order of taking and giving back, no window holds more than the limit", async () => {
  await using limiter = await aLimiter();
  let run = 0;
  const commands = fc.array(
    fc.oneof(
      fc.constant({ take: true, after: 0 }),
      fc.record({ take: fc.boolean(), after: fc.integer({ min: 0, max: 1500 }) }),
    ),
    { minLength: 1, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (commands) => {
      const limit = { count: 3, seconds: 2 };
      const key = await aKey(limit, `run ${run++}`);
      let held: { at: number; reservation: Reservation }[] = [];
      for (const { take, after } of commands) {
        limiter.clock.advance(after / 1000);
        const now = limiter.clock.milliseconds();
        held = held.filter(({ at }) => at > now - limit.seconds * 1000);
        if (take) {
          const reservation = await reserve(limiter.deps, [key]);
          assertEquals(reservation.passed, held.length < limit.count);
          if (reservation.passed) held.push({ at: now, reservation });
        } else {
          const last = held.pop();
          if (last) await giveBack(limiter.deps, last.reservation);
        }
      }
      for (const { reservation } of held) await giveBack(limiter.deps, reservation);
      const free = await reserve(limiter.deps, [key]);
      assertEquals(free.quotas[0]?.remaining, limit.count - 1, "all places are free again");
    }),
    { numRuns: 60 },
  );
});

Deno.test("giving back the only place leaves no record", async () => {
  await using limiter = await aLimiter();
  const key = await aKey({ count: 3, seconds: 60 });
  await giveBack(limiter.deps, await reserve(limiter.deps, [key]));
  const { entries } = await limiter.backend.list({ prefix: ["rate_limits"] }, { limit: 10 });
  assertEquals(entries, []);
});

Deno.test("giving back the same place twice frees it once", async () => {
  await using limiter = await aLimiter();
  const key = await aKey({ count: 3, seconds: 60 });
  await reserve(limiter.deps, [key]);
  limiter.clock.advance(1);
  const second = await reserve(limiter.deps, [key]);
  await giveBack(limiter.deps, second);
  await giveBack(limiter.deps, second);
  const left = await reserve(limiter.deps, [key]);
  assertEquals(left.quotas[0]?.remaining, 1);
});

Deno.test("the answer to a flooded sign-in name does not reveal whether the name exists", async () => {
  await using provider = await aLimitedProvider();
  const told: unknown[] = [];
  for (const username of ["alice", "nobody"]) {
    const seen: unknown[] = [];
    for (let n = 0; n < 8; n++) {
      const browser = browserAt(provider, `198.51.100.${n}`);
      const page = await ask(provider, { browser });
      const { response } = await submitLogin(browser, page, { username, password: "guess" });
      seen.push([response.status, response.headers.get("retry-after")]);
    }
    told.push(seen);
  }
  assertEquals(told[0], told[1]);
});
