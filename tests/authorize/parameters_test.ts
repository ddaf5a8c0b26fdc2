import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { tooLongToKeep } from "../../src/protocol/kept_parameters.ts";
import type { RawParameters } from "../../src/protocol/parameters.ts";
import { aCallCentre } from "../support/backchannel.ts";
import { aTelevision } from "../support/devices.ts";
import { ask, outcomeAt, outcomeOf, signedInBrowser, toldTo } from "../support/authorization.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aProvider, codeVerifier } from "../support/provider.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";

Deno.test("a parameter that occurs twice is an error", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const outcomes: Record<string, string> = {};
  for (const [name, [first, second]] of Object.entries(pairs)) {
    const url = provider.authorizeUrl({ parameters: { [name]: first } });
    const landing = await browser.open(`${url}&${new URLSearchParams({ [name]: second })}`);
    outcomes[name] = outcomeOf(landing);
    // Which of two states is the true one nobody knows.
    if (name === "state") assertEquals(toldTo(landing).state, undefined);
  }
  assertEquals(outcomes, {
    ...Object.fromEntries(Object.keys(pairs).map((name) => [name, "error invalid_request"])),
    client_id: "page invalid_request",
    redirect_uri: "page invalid_request",
  });
});

/** Two values of each parameter; where they are equal, the second one is too many all the same. */
const pairs: Record<string, [string, string]> = {
  response_type: ["code", "code"],
  client_id: ["shop", "shop"],
  redirect_uri: ["https://shop.example/callback", "https://evil.example"],
  response_mode: ["query", "form_post"],
  scope: ["openid", "profile"],
  state: ["one", "two"],
  nonce: ["one", "two"],
  code_challenge: ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "x".repeat(43)],
  code_challenge_method: ["S256", "S256"],
  prompt: ["consent", "login"],
  max_age: ["1", "2"],
  login_hint: ["alice", "bob"],
  id_token_hint: ["a.b.c", "d.e.f"],
  ui_locales: ["de", "en"],
  acr_values: ["0", "1"],
  claims: ["{}", "{}"],
  display: ["page", "popup"],
  dpop_jkt: ["x".repeat(43), "y".repeat(43)],
};

Deno.test("a malformed parameter is an error for the client", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const cases: [string, string | undefined][] = [
    ["response_type", undefined],
    ["prompt", "none login"],
    ["prompt", "create"],
    ["prompt", "NONE"],
    ["max_age", "-1"],
    ["max_age", "soon"],
    ["max_age", "1.5"],
    ["max_age", "1e9"],
    ["claims", "{"],
    ["claims", "[]"],
    ["claims", "null"],
    ["claims", '{"id_token":7}'],
    ["claims", '{"id_token":{"email":"yes"}}'],
    ["nonce", "n".repeat(513)],
    ["dpop_jkt", "short"],
  ];
  for (const [name, value] of cases) {
    const outcome = await outcomeAt(provider, browser, { [name]: value });
    assertEquals(outcome, "error invalid_request", `${name}=${value}`);
  }
});

Deno.test("a hint that is too long or unknown does not stop a sign-in", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const cases: [string, string][] = [
    ["login_hint", "l".repeat(257)],
    ["login_hint", `eyJ${"a".repeat(3000)}`],
    ["ui_locales", "de-CH ".repeat(60).trim()],
    ["ui_locales", "x".repeat(3000)],
    ["max_age", "4294967295"],
    ["max_age", "9".repeat(40)],
    ["acr_values", "urn:mace:incommon:iap:silver phrh 0 1"],
    ["acr_values", `${"urn:x:silver ".repeat(400)}urn:latchkey:acr:1fa`],
    ["display", "wap"],
    ["display", "x".repeat(5000)],
    ["id_token_hint", "x".repeat(9000)],
    ["claims_locales", "de"],
  ];
  for (const [name, value] of cases) {
    assertEquals(await outcomeAt(provider, browser, { [name]: value }), "code", name);
    const page = await ask(provider, { parameters: { [name]: value } });
    assertEquals(outcomeOf(page), "login", name);
    const pushed = await provider.post("/par", {
      ...Object.fromEntries(new URLSearchParams(provider.authorizeUrl().split("?")[1])),
      ...provider.credentials(),
      [name]: value,
    });
    assertEquals(pushed.status, 201, name);
  }
});

Deno.test("the first of too many ui_locales are used", async () => {
  await using provider = await aProvider();
  for (const separator of [" ", ","]) {
    const ui_locales = `de${`${separator}xx`.repeat(200)}`;
    const { body } = await ask(provider, { parameters: { ui_locales } });
    assertStringIncludes(body, '<html lang="de">', ui_locales);
  }
});

Deno.test("an unknown parameter is ignored, even twice", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const url = provider.authorizeUrl({ parameters: { flavour: "vanilla", __proto__x: "1" } });
  assertEquals(
    outcomeOf(await browser.open(`${url}&flavour=mint&__proto__=1&__proto__=2`)),
    "code",
  );
  const stranger = provider.browser();
  assertEquals(outcomeOf(await stranger.open(`${url}&flavour=mint&__proto__=1`)), "login");
});

Deno.test("a parameter without a value counts as omitted", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  assertEquals(await outcomeAt(provider, browser, { prompt: "", max_age: "", claims: "" }), "code");
  assertEquals(await outcomeAt(provider, browser, { redirect_uri: "" }), "page invalid_request");
});

Deno.test("request objects and foreign request URIs are refused under their own names", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const cases: [Record<string, string>, string][] = [
    [{ request: "e30.e30." }, "error invalid_request_object"],
    [{ registration: "{}" }, "error registration_not_supported"],
    [{ request_uri: "https://shop.example/request" }, "error invalid_request_uri"],
  ];
  for (const [parameters, expected] of cases) {
    assertEquals(await outcomeAt(provider, browser, parameters), expected);
  }
});

Deno.test("every client must use PKCE unless it has a secret and says otherwise", async () => {
  const clients = [
    aClient("shop", { require_pkce: false }),
    aClient("bank"),
    aPublicClient("app", { require_pkce: false }),
  ];
  await using provider = await aProvider({ clients });
  const without = { code_challenge: undefined, code_challenge_method: undefined };
  const outcomes: Record<string, string> = {};
  for (const { client_id: client } of clients) {
    outcomes[client] = await outcomeAt(provider, provider.browser(), without, client);
  }
  assertEquals(outcomes, {
    shop: "login",
    bank: "error invalid_request",
    app: "error invalid_request",
  });
});

Deno.test("a request without PKCE and nonce gets no code, pushed or not", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", { require_pkce: false })] });
  const without = { code_challenge: undefined, code_challenge_method: undefined };
  for (
    const [parameters, expected] of [
      [{ ...without, nonce: undefined }, "error invalid_request"],
      // Without an ID token nothing tells the nonce.
      [{ ...without, scope: "profile" }, "error invalid_request"],
      [{ nonce: undefined }, "login"],
      [without, "login"],
    ] as const
  ) {
    assertEquals(await outcomeAt(provider, provider.browser(), parameters), expected);
    const pushed = await provider.post("/par", {
      ...Object.fromEntries(
        new URL(provider.authorizeUrl({ parameters }), "https://op.example").searchParams,
      ),
      ...provider.credentials("shop"),
    });
    assertEquals(pushed.status, expected === "login" ? 201 : 400);
    await pushed.body?.cancel();
  }
});

Deno.test("only the method S256 is accepted, and only with a well-formed challenge", async () => {
  await using provider = await aProvider();
  const cases: Record<string, string | undefined>[] = [
    { code_challenge_method: "plain" },
    { code_challenge_method: undefined }, // means plain
    { code_challenge_method: "s256" },
    { code_challenge: undefined },
    { code_challenge: "too-short" },
    { code_challenge: "=".repeat(43) },
    { code_challenge: codeVerifier, code_challenge_method: "plain" },
  ];
  for (const parameters of cases) {
    const outcome = await outcomeAt(provider, provider.browser(), parameters);
    assertEquals(outcome, "error invalid_request", JSON.stringify(parameters));
  }
});

Deno.test("a code_verifier for a code without a code_challenge is refused", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", { require_pkce: false })] });
  const without = { code_challenge: undefined, code_challenge_method: undefined };
  const code = await provider.authorize({ parameters: without });
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_request");
  assertEquals(
    (await provider.exchange(code, { parameters: { code_verifier: undefined } })).status,
    200,
  );
});

Deno.test("the ID token contains the nonce unchanged", async () => {
  await using provider = await aProvider();
  const code = await provider.authorize({ parameters: { nonce: "n-0S6_WzA2Mj é" } });
  const { id_token } = await tokensOf(await provider.exchange(code));
  assertEquals(decodeJwt(id_token).nonce, "n-0S6_WzA2Mj é");
});

Deno.test("a request that is too large to be stored is refused with an error for the client", async () => {
  await using provider = await aProvider();
  const long = "x".repeat(20_000);
  const cases: Record<string, string>[] = [
    { state: "x".repeat(8193) },
    { claims: JSON.stringify({ id_token: { name: { value: "x".repeat(4100) } } }) },
    { scope: `openid ${long}` },
    { prompt: "x".repeat(30_000) },
  ];
  for (const parameters of cases) {
    const landing = await ask(provider, { parameters });
    assertEquals(outcomeOf(landing), "error invalid_request", Object.keys(parameters).join());
    // Some of them are wrong in other ways, too.
    assertMatch(toldTo(landing).error_description ?? "", /must not be longer than \d+ bytes$/);
  }
});

Deno.test("each value of a parameter counts for what may be stored, at its limit and at each endpoint", async () => {
  const fits = (parameters: RawParameters) => tooLongToKeep(parameters) === null;
  const [scope, list] = ["scope".length + 4, 2 * ("resource".length + 4)];
  const table: [string, (length: number) => RawParameters, most: number][] = [
    ["the state", (n) => ({ state: "x".repeat(n) }), 8192],
    ["a wide state", (n) => ({ state: "\u20ac".repeat(n) }), 1365],
    ["a hint", (n) => ({ id_token_hint: "x".repeat(n) }), 8192],
    ["another", (n) => ({ scope: "x".repeat(n), state: "x".repeat(8192) }), 4096 - scope],
    ["a list", (n) => ({ resource: ["x".repeat(2000), "x".repeat(n)] }), 2096 - list],
  ];
  for (const [name, parameters, most] of table) {
    assertEquals([fits(parameters(most)), fits(parameters(most + 1))], [true, false], name);
  }

  const clients = [aClient("shop"), aTelevision(), aCallCentre()];
  await using provider = await aProvider({ clients });
  const query = new URLSearchParams(provider.authorizeUrl().split("?")[1]);
  const pushed = { ...Object.fromEntries(query), ...provider.credentials() };
  const device = { ...provider.credentials("tv"), scope: "openid" };
  const elsewhere = { ...provider.credentials("bank"), login_hint: "alice", scope: "openid" };
  const endpoints: [string, Record<string, string>, expected: string][] = [
    ["/par", pushed, "201"],
    ["/device_authorization", device, "200"],
    ["/backchannel_authentication", elsewhere, "200"],
  ];
  for (const [path, form, expected] of endpoints) {
    const send = async (length: number) => {
      const claims = '{"userinfo":{"name":null}}'.padEnd(length); // longer ones are refused anyway
      return await answerOf(await provider.post(path, { ...form, claims }));
    };
    assertEquals([await send(3000), await send(4096)], [expected, "400 invalid_request"], path);
  }
});

Deno.test("unknown parameters of any length are ignored and not stored", async () => {
  await using provider = await aProvider();
  const parameters = { flavour: "é".repeat(5000), audience: "https://api.example", nonce: "n" };
  assertEquals(outcomeOf(await ask(provider, { parameters })), "login");
  const pushed = await provider.post("/par", {
    ...Object.fromEntries(new URLSearchParams(provider.authorizeUrl().split("?")[1])),
    ...provider.credentials(),
    flavour: "vanilla",
  });
  assertEquals(pushed.status, 201);
  for (const family of ["interactions", "pushed_requests"]) {
    const { entries } = await provider.backend.list({ prefix: [family] }, { limit: 10 });
    assertEquals(entries.length, 1, family);
    const stored = JSON.stringify(entries.map(({ value }) => value));
    assertEquals(/flavour|audience|client_secret/.test(stored), false, stored);
    assertEquals(stored.includes("code_challenge"), true);
  }
});

Deno.test("authorization_details are refused wherever they come, and never ignored", async () => {
  const details = { authorization_details: JSON.stringify([{ type: "payment" }]) };
  const clients = [aClient("shop"), aTelevision(), aCallCentre()];
  await using provider = await aProvider({ clients });
  const told = toldTo(await ask(provider, { parameters: details }));
  assertEquals(told.error, "invalid_authorization_details");
  const code = await provider.authorize();
  const device = { ...provider.credentials("tv"), scope: "openid", ...details };
  const elsewhere = { ...provider.credentials("bank"), login_hint: "alice", scope: "openid" };
  const query = new URLSearchParams(provider.authorizeUrl().split("?")[1]);
  const pushed = { ...Object.fromEntries(query), ...provider.credentials() };
  const answers = [
    await provider.exchange(code, { parameters: details }),
    await provider.post("/par", { ...pushed, ...details }),
    await provider.post("/device_authorization", device),
    await provider.post("/backchannel_authentication", { ...elsewhere, ...details }),
  ];
  for (const answer of answers) {
    assertEquals(await answerOf(answer), "400 invalid_authorization_details");
  }
  assertEquals((await provider.exchange(code)).status, 200, "the refusal spent nothing");
});
