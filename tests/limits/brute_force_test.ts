import { formAnswer } from "../support/form_answer.ts";
import { assertEquals } from "@std/assert";
import { createApp } from "../../routes/app.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { ask, bob, outcomeOf, sessionCookie, submitLogin } from "../support/authorization.ts";
import { type Browser, formOf, type Landing, newBrowser } from "../support/browser.ts";
import { testClock } from "../support/clock.ts";
import {
  enterCode,
  giveApp,
  giveRecoveryCodes,
  secondFactorPath,
  signInFor,
} from "../support/factors.ts";
import { askForMail, newestCode, wrong } from "../support/mail_sign_in.ts";
import { memoryKv } from "../support/memory_kv.ts";
import { alice, aProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { atOnce, countByStatus } from "./limiter.ts";

const guesses = 2_000;
const addresses = 200;
/** Of the guesses at one account in an hour, from wherever they come. */
const allowed = 100;

/** A provider with limits that counts what it verifies, and whom many computers guess at. */
async function aGuardedProvider() {
  const backend = memoryKv({ clock: testClock() }); // so many requests at a file would take minutes
  const provider = await aProvider({ wrap: () => backend });
  // A step that runs again compares the same code once more, and that is no other guess.
  const checked = { passwords: 0, keys: 0, mailCodes: new Set<string>() };
  const { config, passwordHasher, masterKey } = provider.deps;
  const deps: Deps = {
    ...provider.deps,
    config: { ...config, rateLimits: true },
    passwordHasher: {
      ...passwordHasher,
      verify(password, hash) {
        checked.passwords++;
        return passwordHasher.verify(password, hash);
      },
    },
    masterKey: {
      ...masterKey,
      unseal(sealed, context) {
        if (context.endsWith("/totp")) checked.keys++;
        return masterKey.unseal(sealed, context);
      },
      verifyMac(purpose, message, mac) {
        if (purpose === "challenge_code") checked.mailCodes.add(message);
        return masterKey.verifyMac(purpose, message, mac);
      },
    },
  };
  const app = createApp(deps);
  const send = async (path: string, init?: RequestInit, remoteAddress = "192.0.2.1") =>
    await app.fetch(new Request(new URL(path, config.issuer), init), { remoteAddress });
  /** Posts a page's form so many times at once, from many addresses, in one browser. */
  const guess = (
    browser: Browser,
    { body }: Landing,
    action: string,
    fields: (i: number) => Record<string, string>,
    times = guesses,
  ) => {
    const form = [...body.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([one]) => one)
      .find((one) => formOf(one).action.split("?")[0] === action) ?? "";
    const { hidden } = formOf(form);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return atOnce(times, async (i) => {
      const response = await send(action, {
        method: "POST",
        headers: { cookie, origin: config.issuer },
        body: new URLSearchParams({ ...hidden, ...fields(i) }),
      }, `198.51.${Math.floor((i % addresses) / 100)}.${i % 100}`);
      return await formAnswer(deps, response);
    });
  };
  return {
    provider,
    checked,
    guess,
    browser: () => newBrowser(send, config.issuer),
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

/** Of so many requests at once, the server refuses some before it reads them. */
function countAnswers(responses: readonly Response[]) {
  const { 503: unread = 0, ...counts } = countByStatus(responses);
  return { counts, read: responses.length - unread };
}

async function failures({ provider }: Awaited<ReturnType<typeof aGuardedProvider>>) {
  const failed = (await auditTrail(provider)).filter(({ type }) => type === "sign_in_failed");
  return failed.map(({ reason }) => reason);
}

Deno.test("exactly the allowed number of 10,000 concurrent guesses at a password is checked", async () => {
  await using guarded = await aGuardedProvider();
  const browser = guarded.browser();
  const page = await ask(guarded.provider, { browser });
  const fields = (i: number) => ({ username: "alice", password: `guess ${i}` });
  const responses = await guarded.guess(browser, page, "/login", fields, 10_000);
  const { counts, read } = countAnswers(responses);
  assertEquals(counts, { 401: allowed, 429: read - allowed });
  assertEquals(guarded.checked.passwords, allowed);
});

Deno.test("exactly the allowed number of 2,000 concurrent codes of an app is checked", async () => {
  await using guarded = await aGuardedProvider();
  await giveApp(guarded.provider);
  const browser = guarded.browser();
  const page = await submitLogin(browser, await ask(guarded.provider, { browser }));
  const fields = (i: number) => ({ code: String(i).padStart(6, "0") });
  const responses = await guarded.guess(browser, page, secondFactorPath, fields);
  const { counts: { 303: right = 0, ...others }, read } = countAnswers(responses);
  assertEquals(guarded.checked.keys, allowed);
  assertEquals(others[429], read - allowed);
  assertEquals((others[401] ?? 0) + right, allowed);
});

Deno.test("exactly the allowed number of 2,000 concurrent recovery codes is checked", async () => {
  await using guarded = await aGuardedProvider();
  await giveApp(guarded.provider);
  await giveRecoveryCodes(guarded.provider);
  const browser = guarded.browser();
  const page = await submitLogin(browser, await ask(guarded.provider, { browser }));
  const fields = (i: number) => ({ code: `00000-00000-${String(i).padStart(5, "0")}` });
  const responses = await guarded.guess(browser, page, secondFactorPath, fields);
  const { counts, read } = countAnswers(responses);
  assertEquals(counts, { 401: allowed, 429: read - allowed });
  assertEquals(await failures(guarded), Array(allowed).fill("recovery_code"));
});

Deno.test("flooding the sign-in page does not lock out a user who has passed the first factor by mail", async () => {
  await using guarded = await aGuardedProvider();
  const { provider } = guarded;
  const app = await giveApp(provider);
  const flooding = guarded.browser();
  const login = await ask(provider, { browser: flooding });
  const fields = (i: number) => ({ username: "alice", password: `guess ${i}` });
  await guarded.guess(flooding, login, "/login", fields);
  assertEquals((await submitLogin(flooding, login)).response.status, 429);

  const { browser, page: sent } = await askForMail(provider, "code", {
    browser: guarded.browser(),
  });
  const half = await browser.submit(sent, { code: await newestCode(provider) });
  assertEquals(half.url.pathname, secondFactorPath);
  assertEquals(outcomeOf(await enterCode(browser, half, app.code())), "consent");
});

Deno.test("exactly the allowed number of 2,000 concurrent guesses at the current password is checked", async () => {
  await using guarded = await aGuardedProvider();
  const path = "/account/security/password";
  const browser = guarded.browser();
  const page = await signInFor(browser, path);
  guarded.checked.passwords = 0;
  const password = "a brand new password";
  const fields = (i: number) => ({
    current_password: `guess ${i}`,
    password,
    password_repeat: password,
  });
  const responses = await guarded.guess(browser, page, path, fields);
  // The browser has signed in, so its guesses have a limit of their own, wherever they come from.
  const ofBrowser = 10;
  const { counts, read } = countAnswers(responses);
  assertEquals(counts, { 401: ofBrowser, 429: read - ofBrowser });
  assertEquals(guarded.checked.passwords, ofBrowser);
});

Deno.test("exactly five of 2,000 concurrent guesses at one code by mail are compared", async () => {
  await using guarded = await aGuardedProvider();
  const { provider } = guarded;
  const { browser, page } = await askForMail(provider, "code", { browser: guarded.browser() });
  const right = await newestCode(provider);
  const fields = (i: number) => ({ code: wrong(right, i + 1) });
  const responses = await guarded.guess(browser, page, "/magic-link/code", fields);
  const { counts, read } = countAnswers(responses);
  assertEquals(counts, { 401: read });
  assertEquals(guarded.checked.mailCodes.size, 5);
  assertEquals(await failures(guarded), Array(5).fill("email"));
  // The right one comes too late.
  assertEquals((await browser.submit(page, { code: right })).response.status, 401);
  assertEquals(guarded.checked.mailCodes.size, 5);
});

Deno.test("a guess that counted for one user is not compared with another user's app", async () => {
  let afterReservation: (() => Promise<unknown>) | null = null;
  await using provider = await aProvider({
    users: [alice, bob],
    config: { rateLimits: true },
    wrap: (backend) => ({
      ...backend,
      async commit(batch) {
        const landed = await backend.commit(batch);
        const isOurs = batch.mutations.some((mutation) =>
          mutation.type === "set" && JSON.stringify(mutation.value).includes('"second-factor"')
        );
        if (!isOurs || afterReservation === null) return landed;
        const then = afterReservation;
        afterReservation = null;
        await then();
        return landed;
      },
    }),
  });
  const app = await giveApp(provider);
  await giveApp(provider, "bob");
  const browser = provider.browser();
  const login = await ask(provider, { browser });
  const ofBob = await submitLogin(browser, login, bob);
  assertEquals(ofBob.url.pathname, secondFactorPath);

  // With a password that they know, an attacker becomes somebody else once their own guess is counted.
  afterReservation = () => submitLogin(browser, login, alice);
  const landing = await enterCode(browser, ofBob, app.code());
  assertEquals(landing.url.pathname, secondFactorPath);
  assertEquals(sessionCookie(browser), undefined);
  assertEquals(outcomeOf(await enterCode(browser, landing, app.code())), "consent");
});
