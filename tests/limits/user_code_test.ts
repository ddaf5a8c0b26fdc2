import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { codeOf, formatCode, parseCode } from "../../src/identifiers/letter_code.ts";
import { formOf } from "../support/browser.ts";
import { aTelevision, beginDevice, typeCode } from "../support/devices.ts";
import { formAnswer } from "../support/form_answer.ts";
import { defaultConfig } from "../support/config.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { anyText } from "../support/any_text.ts";

/** Types codes in one browser at once. @returns how many of the answers have each status */
async function guessAtOnce(
  provider: TestProvider,
  { codes, address, browser = provider.browser() }: {
    codes: readonly string[];
    address: string;
    browser?: ReturnType<TestProvider["browser"]>;
  },
): Promise<Record<number, number>> {
  const { hidden } = formOf((await browser.open("/device")).body);
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const headers = { cookie, origin: provider.deps.config.issuer };
  const counts: Record<number, number> = {};
  await Promise.all(codes.map(async (user_code) => {
    const body = new URLSearchParams({ ...hidden, user_code });
    const sent = await provider.request("/device", { method: "POST", body, headers, address });
    const { status, body: stream } = await formAnswer(provider.deps, sent);
    await stream?.cancel();
    counts[status] = (counts[status] ?? 0) + 1;
  }));
  return counts;
}

function aLimitedProvider(own: Partial<typeof defaultConfig.limits>): Promise<TestProvider> {
  const limits = { ...defaultConfig.limits, ...own };
  return aProvider({ clients: [aTelevision()], config: { rateLimits: true, limits } });
}

const wrong = (count: number) => Array.from({ length: count }, () => "BBBB-BBBB");

Deno.test("wrong user codes are limited exactly: in a browser, from an address and of everybody together", async () => {
  await using provider = await aLimitedProvider({
    signIn: { count: 4, seconds: 60 },
    codeAddress: { count: 6, seconds: 600 },
    userCode: { count: 9, seconds: 600 },
  });
  const { user_code } = await beginDevice(provider);
  const browser = provider.browser();
  const guess = (codes: readonly string[], address: string, own = false) =>
    guessAtOnce(provider, { codes, address, ...(own ? { browser } : {}) });

  assertEquals(await guess(wrong(20), "192.0.2.1", true), { 400: 4, 429: 16 }, "its browser");
  assertEquals(await guess([user_code], "192.0.2.1", true), { 429: 1 }, "not even the right one");
  assertEquals(await guess(wrong(20), "192.0.2.1"), { 400: 2, 429: 18 }, "its address");
  // The right code uses up nothing, however often it is typed.
  assertEquals(await guess(Array.from({ length: 8 }, () => user_code), "192.0.2.2"), { 303: 8 });
  assertEquals(await guess(wrong(20), "192.0.2.2"), { 400: 3, 429: 17 }, "everybody");
  assertEquals(await guess([user_code], "192.0.2.3"), { 429: 1 });
  // What is no code at all is no guess.
  assertEquals(await guess(["", "ABC", "AAAA-AAAA"], "192.0.2.3"), { 400: 3 });
  provider.clock.advance(601);
  assertEquals(await guess([(await beginDevice(provider)).user_code], "192.0.2.1"), { 303: 1 });
});

Deno.test("strangers who use up their guesses at user codes do not keep a signed-in user from a device", async () => {
  await using provider = await aLimitedProvider({
    signIn: { count: 3, seconds: 600 },
    userCode: { count: 5, seconds: 600 },
  });
  const { user_code } = await beginDevice(provider);
  const signedIn = async () => {
    const browser = provider.browser();
    const landing = await browser.open("/account");
    await browser.submit(landing, { username: alice.username, password: alice.password });
    return browser;
  };
  const [browser, another, signedOut] = [await signedIn(), await signedIn(), await signedIn()];
  const session = [...signedOut.cookies].map(([name, value]) => [name, value] as const);
  await signedOut.submit(await signedOut.open("/logout"), {});
  for (const [name, value] of session) signedOut.cookies.set(name, value);
  for (const address of ["192.0.2.1", "192.0.2.2"]) {
    await guessAtOnce(provider, { codes: wrong(4), address });
  }
  const at = (one: typeof browser, code: string, n: number) =>
    guessAtOnce(provider, { codes: [code], address: `192.0.2.${n}`, browser: one });
  assertEquals(await at(provider.browser(), user_code, 3), { 429: 1 }, "a stranger");
  assertEquals(await at(signedOut, user_code, 4), { 429: 1 }, "the cookie of an ended session");
  assertEquals(await at(browser, user_code, 5), { 303: 1 }, "a user");
  // A user has the limit of a browser, however many sessions they open and addresses they have.
  for (const n of [6, 7, 8]) assertEquals(await at(browser, "BBBB-BBBB", n), { 400: 1 });
  assertEquals(await at(another, user_code, 9), { 429: 1 });
});

Deno.test("limited guesses are told on the page, also to a user who is signed in", async () => {
  await using provider = await aLimitedProvider({ signIn: { count: 2, seconds: 60 } });
  const browser = provider.browser();
  const landing = await browser.open("/account");
  await browser.submit(landing, { username: alice.username, password: alice.password });
  for (const shown of ["No device waits", "No device waits", "Too many wrong codes"]) {
    assertStringIncludes((await typeCode(browser, "BBBB-BBBB")).body, shown);
  }
});

Deno.test("a user code is read however it is typed, and nothing else is read as one", () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const between = fc.constantFrom("", " ", "-", " - ", "\u2013", ".", "\u200b", "\n");
  fc.assert(fc.property(bytes, fc.array(between, { minLength: 9, maxLength: 9 }), (raw, gaps) => {
    const code = codeOf(raw);
    assertEquals(parseCode(formatCode(code)), code);
    const typed = [...code].map((letter, n) => gaps[n] + letter).join("") + gaps[8];
    assertEquals(parseCode(typed), code);
    assertEquals(parseCode(typed.toLowerCase()), code);
    assertEquals(parseCode(typed + "B"), null);
    assertEquals(parseCode(code.slice(1)), null);
  }));
  fc.assert(fc.property(anyText({ maxLength: 80 }), (text) => {
    const code = parseCode(text);
    assertEquals(code === null || /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(code), true);
  }));
});
