import { formAnswer } from "../../support/form_answer.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemTimers } from "../../../stores/engine/kv.ts";
import { bob, isSignedIn, outcomeOf, sessionCookie } from "../../support/authorization.ts";
import { type Browser, formOf } from "../../support/browser.ts";
import { defaultConfig } from "../../support/config.ts";
import { faultyKv } from "../../support/faulty_kv.ts";
import {
  aliceAddress,
  askForMail,
  newestCode,
  sessionsOf,
  submitAtOnce,
  wrong,
} from "../../support/mail_sign_in.ts";
import { sentMails } from "../../support/mails.ts";
import { alice, aProvider, type ProviderOptions } from "../../support/provider.ts";
import { auditTrail, deleteUser, editUser } from "../../support/records.ts";

const bobWithMail = { ...bob, claims: { email: "bob@example.com", email_verified: true } };

Deno.test("a code by mail signs in, typed with or without a space", async () => {
  await using provider = await aProvider();
  const { browser, page } = await askForMail(provider, "code");
  assertMatch(page.body, /<input[^>]*autocomplete="one-time-code"[^>]*inputmode="text"/);
  const [mail] = await sentMails(provider);
  assertEquals(mail?.to, aliceAddress);
  const code = await newestCode(provider);
  assertStringIncludes(mail?.subject ?? "", code);
  assert(!mail?.text.includes("token="));

  const landed = await browser.submit(page, { code: `${code.slice(0, 3)} ${code.slice(3)}` });

  assertEquals(outcomeOf(landed), "consent");
  assert(await isSignedIn(provider, sessionCookie(browser)));
  const events = (await auditTrail(provider)).map(({ type, reason }) => `${type} ${reason}`);
  assert(events.includes("mail_sign_in_requested code"));
  assert(events.includes("signed_in email"));
});

Deno.test("a code by mail is accepted in any case, with any separators, and in full-width letters", async () => {
  await using provider = await aProvider();
  const fullWidth = (text: string) =>
    text.replaceAll(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
  const typed: ((code: string) => string)[] = [
    (code) => code,
    (code) => code.toLowerCase(),
    (code) => code.replace("-", ""),
    (code) => ` ${code.replace("-", " ")} `,
    (code) => [...code.replace("-", "")].join("."),
    (code) => code.replace("-", "\u2013"),
    fullWidth,
  ];
  for (const type of typed) {
    const { browser, page } = await askForMail(provider, "code");
    const code = type(await newestCode(provider));
    assertEquals(outcomeOf(await browser.submit(page, { code })), "consent", code);
  }
});

Deno.test("a code is good once: of 50 concurrent requests one creates a session", async () => {
  await using provider = await aProvider();
  const { browser, page } = await askForMail(provider, "code");
  const code = await newestCode(provider);

  const responses = await submitAtOnce(browser, page, { code });

  const signedIn = responses.filter(({ headers }) =>
    headers.getSetCookie().some((cookie) => cookie.includes("latchkey_session="))
  );
  assertEquals(signedIn.length, 1);
  assertEquals(await sessionsOf(provider), 1);
});

Deno.test("the second of two clicks continues, also if the first is done before a try is reserved", async () => {
  let meanwhile: (() => Promise<void>) | null = null;
  await using provider = await aProvider({
    wrap: (backend) => ({
      ...backend,
      async getMany(keys) {
        // Alone a challenge is read where a try of it is used up.
        if (keys.length === 1 && keys[0]?.[0] === "challenges") {
          const twin = meanwhile;
          meanwhile = null;
          await twin?.();
        }
        return await backend.getMany(keys);
      },
    }),
  });
  const { browser, page } = await askForMail(provider, "code");
  const code = await newestCode(provider);
  const click = async () => (await submitAtOnce(browser, page, { code }, 1)).map(whereTo);

  const answers: (string | null)[] = [];
  meanwhile = async () => void answers.push(...await click());
  answers.push(...await click());

  assertEquals(answers, ["/authorize/resume", "/authorize/resume"]);
  assertEquals(await sessionsOf(provider), 1);
});

function whereTo({ status, headers }: Response): string | null {
  const location = headers.get("location");
  return status === 303 && location !== null ? location.split("?")[0] ?? null : null;
}

Deno.test("five of a thousand concurrent guesses are compared, and then the right code is refused", async () => {
  await using provider = await aProvider();
  const { browser, page } = await askForMail(provider, "code");
  const code = await newestCode(provider);
  const { action, hidden } = formOf(page.body);
  const guess = async (n: number) => {
    const body = new URLSearchParams({ ...hidden, code: wrong(code, n + 1) });
    return await formAnswer(provider.deps, await browser.send(action, { method: "POST", body }));
  };
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, n) => guess(n)));
  assertEquals(new Set(answers.map(({ status }) => status)), new Set([401]));
  const failures = (await auditTrail(provider)).filter(({ type }) => type === "sign_in_failed");
  assertEquals(failures.length, 5);
  assertEquals((await browser.submit(page, { code })).response.status, 401);
  assertEquals(sessionCookie(browser), undefined);
});

Deno.test("the fifth try still signs in", async () => {
  await using provider = await aProvider();
  const { browser, page } = await askForMail(provider, "code");
  const code = await newestCode(provider);
  for (let n = 1; n < 5; n++) {
    const answer = await browser.submit(page, { code: wrong(code, n) });
    assertEquals(answer.response.status, 401);
    assertStringIncludes(answer.body, 'href="#code"');
  }
  assertEquals(outcomeOf(await browser.submit(page, { code })), "consent");
});

Deno.test("a text that cannot be a code uses up no try", async () => {
  await using provider = await aProvider();
  const { browser, page } = await askForMail(provider, "code");
  for (
    const code of ["", "123456", "BBBBBBB", "BBBB-BBBBB", "BBBB-BBBA", "BBBB-BBB1", "........"]
  ) {
    assertEquals((await browser.submit(page, { code })).response.status, 400, code);
  }
  const code = await newestCode(provider);
  assertEquals(outcomeOf(await browser.submit(page, { code })), "consent");
});

Deno.test("wrong codes for all accounts together are counted for their network address", async () => {
  const limits = {
    ...defaultConfig.limits,
    codeAddress: { count: 10, seconds: 600 },
    mail: { count: 100, seconds: 60 },
    authorize: { count: 1000, seconds: 60 },
    route: { count: 1000, seconds: 60 },
  };
  const told: Record<string, number>[] = [];
  for (const address of [aliceAddress, "nobody@example.com"]) {
    await using provider = await aProvider({ config: { rateLimits: true, limits } });
    const waiting = await Promise.all(
      Array.from({ length: 4 }, () => askForMail(provider, "code", { address })),
    );
    const answers = await Promise.all(
      waiting.flatMap(({ browser, page }) =>
        Array.from({ length: 20 }, (_, n) => {
          const { action, hidden } = formOf(page.body);
          const code = wrong("BBBB-BBBB", n);
          const body = new URLSearchParams({ ...hidden, code });
          return browser.send(action, { method: "POST", body })
            .then((answer) => formAnswer(provider.deps, answer));
        })
      ),
    );
    const failures = (await auditTrail(provider)).filter(({ type }) => type === "sign_in_failed");
    assert(failures.length <= 10, "of this many tries, ten from one address are compared");
    const byStatus: Record<string, number> = {};
    for (const { status } of answers) byStatus[status] = (byStatus[status] ?? 0) + 1;
    told.push(byStatus);
  }
  assertEquals(told[0], { 401: 10, 429: 70 });
  assertEquals(told[1], told[0], "an address that nobody has is told apart");
});

Deno.test("a code is valid for five minutes", async () => {
  await using provider = await aProvider();
  const { browser, page } = await askForMail(provider, "code");
  const code = await newestCode(provider);
  provider.clock.advance(300);
  assertEquals((await browser.submit(page, { code })).response.status, 401);
  const again = await askForMail(provider, "code", { browser });
  provider.clock.advance(299);
  const newer = await newestCode(provider);
  assertEquals(outcomeOf(await browser.submit(again.page, { code: newer })), "consent");
});

Deno.test("a code is refused, unspent, while its user or address is changed", async () => {
  const verified = { email: aliceAddress, email_verified: true };
  const moved = { email: "new@example.com", email_verified: true };
  type Change = (provider: Parameters<typeof editUser>[0]) => Promise<void>;
  const changes: [string, Change, boolean][] = [
    ["suspended", (p) => editUser(p, "alice", { status: "suspended" }), true],
    ["another address", (p) => editUser(p, "alice", { claims: moved }), true],
    ["a password reset", (p) => editUser(p, "alice", { epoch: 2 }), false],
    ["deleted", (p) => deleteUser(p, "alice"), false],
  ];
  for (const [what, change, comesBack] of changes) {
    await using provider = await aProvider();
    const { browser, page } = await askForMail(provider, "code");
    const code = await newestCode(provider);
    await change(provider);
    assertEquals((await browser.submit(page, { code })).response.status, 401, what);
    assertEquals(sessionCookie(browser), undefined, what);
    if (!comesBack) continue;
    await editUser(provider, "alice", { status: "active", claims: verified });
    assertEquals(outcomeOf(await browser.submit(page, { code })), "consent", `${what} spent it`);
  }
});

Deno.test("a code is accepted only in its browser and sign-in, and strangers use up none of its tries", async () => {
  await using provider = await aProvider({ users: [alice, bobWithMail] });
  const { browser, page } = await askForMail(provider, "code");
  const code = await newestCode(provider);
  const other = await askForMail(provider, "code", { address: "bob@example.com" });
  const second = await askForMail(provider, "code", { browser, address: "bob@example.com" });
  const bobsCode = await newestCode(provider);
  const { action, hidden } = formOf(page.body);
  const theirs = formOf(other.page.body).hidden;
  const bobs = formOf(second.page.body).hidden;
  const post = async (from: Browser, form: Record<string, string>, headers = {}) => {
    const body = new URLSearchParams(form);
    return await formAnswer(
      provider.deps,
      await from.send(action, { method: "POST", body, headers }),
    );
  };
  const noOrigin = await provider.request(action, {
    method: "POST",
    body: new URLSearchParams({ ...hidden, code }),
    headers: { cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; ") },
  });
  const request = hidden.request ?? "";
  const attacks: [string, Response, number][] = [
    ["without Origin", noOrigin, 400],
    [
      "another site's",
      await post(browser, { ...hidden, code }, { origin: "https://evil.example" }),
      400,
    ],
    ["another browser, with this form", await post(other.browser, { ...hidden, code }), 400],
    [
      "another browser, for its own sign-in",
      await post(other.browser, { ...theirs, request, code }),
      401,
    ],
    ["for another sign-in of this browser", await post(browser, { ...bobs, request, code }), 401],
    [
      "another's code",
      await post(browser, { ...hidden, code: bobsCode === code ? wrong(code) : bobsCode }),
      401,
    ],
    ["no form token", await post(browser, { ...hidden, form_token: "", code }), 400],
    ["no request", await post(browser, { ...hidden, request: "", code }), 400],
    ["an unknown request", await post(browser, { ...hidden, request: "A".repeat(22), code }), 401],
    ["a request that is none", await post(browser, { ...hidden, request: "../../x", code }), 400],
  ];
  for (const [what, response, status] of attacks) assertEquals(response.status, status, what);
  for (let n = 0; n < 20; n++) {
    await post(other.browser, { ...theirs, request, code: wrong(code, n + 1) });
  }
  assertEquals(sessionCookie(browser), undefined);
  assertEquals(sessionCookie(other.browser), undefined);
  assertEquals(outcomeOf(await browser.submit(page, { code })), "consent");
});

Deno.test("if the commit fails, the code stays valid", async () => {
  const state = { armed: false, fails: false };
  const wrap: ProviderOptions["wrap"] = (store) =>
    faultyKv({ ...store, remote: true }, {
      timers: systemTimers,
      fault: ({ kind, batch }) => {
        // From the commit that would sign in on, and not before: a try has been reserved by then.
        const signsIn = batch?.mutations.some(({ key }) => key[0] === "sessions") ?? false;
        state.fails ||= state.armed && signsIn;
        return state.fails && kind === "commit" ? { kind: "throwBefore" } : null;
      },
    });
  await using provider = await aProvider({ wrap });
  const { browser, page } = await askForMail(provider, "code");
  const code = await newestCode(provider);
  state.armed = true;
  assertEquals((await browser.submit(page, { code })).response.status, 503);
  assertEquals(sessionCookie(browser), undefined);
  state.armed = state.fails = false;
  let landed = await browser.submit(page, { code });
  while (landed.response.status === 503) {
    await systemTimers.sleep(20); // it is settled soon
    landed = await browser.submit(page, { code });
  }
  assertEquals(outcomeOf(landed), "consent");
});
