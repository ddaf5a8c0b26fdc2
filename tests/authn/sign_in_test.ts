import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  ask,
  bob,
  codeAt,
  isSignedIn,
  outcomeOf,
  sessionCookie,
  signedInBrowser,
  submitLogin,
} from "../support/authorization.ts";
import { countedKv } from "../support/counted_kv.ts";
import { alice, aProvider } from "../support/provider.ts";
import { auditTrail, editUser } from "../support/records.ts";

Deno.test("an unknown name, a wrong password and a suspended user get the same answer, byte for byte", async () => {
  const { wrap, calls } = countedKv();
  const carol = { username: "carol", password: "the password of carol" };
  await using provider = await aProvider({ users: [alice, carol], wrap });
  await editUser(provider, "carol", { status: "suspended" });
  const browser = provider.browser();
  const page = await ask(provider, { browser });

  const answers: unknown[] = [];
  for (
    const person of [
      { username: "alice", password: "wrong" },
      { username: "nobody", password: "wrong" },
      carol,
      { username: "carol", password: "wrong" },
      { username: "__proto__", password: "wrong" },
    ]
  ) {
    calls.length = 0;
    const { response, body } = await submitLogin(browser, page, person);
    answers.push({
      status: response.status,
      headers: [...response.headers].filter(([name]) => !/request-id|security-policy/.test(name)),
      body: body.replaceAll(/nonce="[^"]*"/g, "")
        .replaceAll(/name="form_token" value="[^"]*"/g, "") // masked anew in each page
        .replaceAll(`"${person.username}"`, "NAME"),
      calls: [...calls],
    });
  }
  for (const answer of answers) assertEquals(answer, answers[0]);
  assertEquals(sessionCookie(browser), undefined);
  // And whoever knows the password gets in, in the same interaction.
  assertEquals(outcomeOf(await submitLogin(browser, page)), "consent");
});

Deno.test("an empty or impossible username is reported", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const cases = [
    { username: "", password: "x" },
    { username: "alice", password: "" },
    { username: "a".repeat(257), password: "x" },
    { username: "alice", password: "p".repeat(1025) },
  ];
  for (const person of cases) {
    const { response, url } = await submitLogin(browser, page, person);
    assertEquals([response.status, url.pathname], [400, "/login"]);
  }
});

Deno.test("a username is found in any spelling that people consider the same", async () => {
  await using provider = await aProvider();
  for (const username of ["ALICE", " alice ", "ａｌｉｃｅ"]) {
    const browser = provider.browser();
    const page = await ask(provider, { browser });
    const landing = await submitLogin(browser, page, { ...alice, username });
    assertNotEquals(outcomeOf(landing), "login", username);
  }
});

Deno.test("a failed sign-in is audited without an actor", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  await submitLogin(browser, page, { ...alice, password: "wrong" });
  await submitLogin(browser, page, { username: "nobody", password: "wrong" });
  const failed = (await auditTrail(provider)).filter(({ type }) => type === "sign_in_failed");
  assertEquals(failed.map(({ outcome, actor }) => [outcome, actor]), [
    ["failure", "anonymous"],
    ["failure", "anonymous"],
  ]);
});

Deno.test("a flood of made-up names leaves a limited number of events, and events of users continue", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  for (let i = 0; i < 450; i++) {
    await submitLogin(browser, page, { username: `nobody-${i}`, password: "wrong" });
  }
  const events = async () =>
    (await provider.backend.list({ prefix: ["audit_events_by_time"] }, { limit: 1000 })).entries
      .length;
  const before = await events();
  assert(before < 16 * 20 + 10, `${before} events`);
  await submitLogin(browser, page, { ...alice, password: "wrong" });
  assertEquals(await events(), before + 1);
});

Deno.test("a failed sign-in does not change the present session", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const browser = await signedInBrowser(provider);
  const before = sessionCookie(browser);
  const page = await ask(provider, { browser, parameters: { prompt: "login" } });
  await submitLogin(browser, page, { ...bob, password: "wrong" });
  assertEquals(sessionCookie(browser), before);
  assertEquals(await isSignedIn(provider, before), true);
});

Deno.test("a sign-in that is sent four times at once gives one session and a valid code", async () => {
  for (const signedInBefore of [false, true]) {
    await using provider = await aProvider();
    const browser = provider.browser();
    if (signedInBefore) await signedInBrowser(provider, { browser });
    const page = await ask(provider, { browser, parameters: { prompt: "login consent" } });
    const landings = await Promise.all([1, 2, 3, 4].map(() => submitLogin(browser, page)));
    assertEquals(landings.map(outcomeOf).includes("consent"), true);

    const last = await browser.open(`/consent${page.url.search}`);
    const landing = await browser.submit(last, { decision: "allow" });
    assertEquals((await provider.exchange(codeAt(landing))).status, 200);
    const signedIn = (await auditTrail(provider)).filter(({ type }) => type === "signed_in");
    assertEquals(signedIn.length, signedInBefore ? 5 : 4);
    assertEquals(new Set(signedIn.map(({ sessionId }) => sessionId)).size, 1);
  }
});

Deno.test("a repeated sign-in renews its session", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const consent = await submitLogin(browser, page);
  codeAt(await browser.submit(consent, { decision: "allow" }));
  const before = sessionCookie(browser);

  // The code that nobody has used is replaced.
  const again = codeAt(await submitLogin(browser, page));
  assertEquals(await isSignedIn(provider, before), false);
  assertEquals((await provider.exchange(again)).status, 200);
  // Another person has no part in a request that is done with.
  assertEquals(outcomeOf(await submitLogin(browser, page, bob)), "page invalid_request");
  const signedIn = (await auditTrail(provider)).filter(({ type }) => type === "signed_in");
  assertEquals(signedIn.length, 2);
  // And for the person it is over, too.
  assertEquals(outcomeOf(await submitLogin(browser, page)), "page invalid_request");
});
