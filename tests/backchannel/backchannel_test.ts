import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { accountBrowser } from "../support/account.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { countedKv } from "../support/counted_kv.ts";
import { aDpopKey } from "../support/dpop.ts";
import { formOf } from "../support/browser.ts";
import {
  aCallCentre,
  answerBackchannel,
  askBackchannel,
  beginBackchannel,
  cibaGrant,
  pollBackchannel,
} from "../support/backchannel.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { alice, aProvider, issuer } from "../support/provider.ts";
import { auditTrail, deleteUser, editUser } from "../support/records.ts";
import { withdrawSigningKey } from "../support/signing_keys.ts";
import { sectorWeb } from "../support/web.ts";
import { answerOf, introspect, signIn, tokensOf } from "../support/tokens.ts";
import { enterCode, giveApp } from "../support/factors.ts";
import { submitLogin } from "../support/authorization.ts";
import { sentMails } from "../support/mails.ts";

const bob = { username: "bob", password: "battery staple horse" };

Deno.test("a client gets tokens once the user has allowed its request in their account", async () => {
  await using provider = await aProvider({ clients: [aCallCentre()] });
  const begun = await beginBackchannel(provider, {
    scope: "openid profile offline_access",
    binding_message: "Transfer 4711",
  });
  assertEquals({ ...begun, auth_req_id: "" }, { auth_req_id: "", expires_in: 600, interval: 5 });
  const { auth_req_id } = begun;
  assertEquals(
    await answerOf(await pollBackchannel(provider, auth_req_id)),
    "400 authorization_pending",
  );
  assertEquals(await answerOf(await pollBackchannel(provider, auth_req_id)), "400 slow_down");

  const browser = await accountBrowser(provider);
  assertStringIncludes((await browser.open("/account")).body, "waits for your answer");
  const page = await browser.open("/account/requests");
  for (const shown of ["The bank", "Transfer 4711", "See your profile", "begun yourself"]) {
    assertStringIncludes(page.body, shown);
  }
  const done = await browser.submit(page, { decision: "allow" });
  assertStringIncludes(done.body, "You have allowed it");
  assertStringIncludes(done.body, "No request waits");
  // The page of before, sent again.
  assertStringIncludes((await browser.submit(page, { decision: "deny" })).body, "is over");

  const tokens = await tokensOf(await pollBackchannel(provider, auth_req_id));
  const claims = decodeJwt(tokens.id_token);
  const { userId } = await provider.userOf("alice");
  assertEquals([claims.aud, claims.sub, typeof claims.auth_time], ["bank", userId, "number"]);
  assertEquals((await provider.refresh(tokens.refresh_token)).status, 200);
  // It opens once: a replay ends what it has given.
  assertEquals(await answerOf(await pollBackchannel(provider, auth_req_id)), "400 invalid_grant");
  assertEquals((await introspect(provider, tokens.access_token)).active, false);

  const trail = (await auditTrail(provider)).filter(({ clientId }) => clientId === "bank");
  assertEquals(trail.map(({ type }) => type).sort(), [
    "auth_req_id_exchanged",
    "backchannel_allowed",
    "backchannel_requested",
    "client_created",
    "grant_ended",
    "refresh_token_used",
  ]);
});

Deno.test("the user gets a mail with the message and a link that opens nothing by itself", async () => {
  await using provider = await aProvider({ clients: [aCallCentre()] });
  const { auth_req_id } = await beginBackchannel(provider, {
    binding_message: "W4SCT",
    ui_locales: "de",
  });
  const [mail] = await sentMails(provider);
  assertEquals(mail?.to, "alice@example.com");
  for (const told of ["W4SCT", "The bank", `${issuer}/account/requests`]) {
    assertStringIncludes(mail?.text ?? "", told);
  }
  assertStringIncludes(mail?.subject ?? "", "wartet eine Anfrage");
  assert(!JSON.stringify(mail).includes(auth_req_id));
  const opened = await provider.browser().open("/account/requests");
  assertEquals(opened.url.pathname, "/login");
});

Deno.test("a request is refused with an error of the specification, and then nobody is asked", async () => {
  const clients = [
    aCallCentre(),
    aCallCentre("club", { allowed_groups: ["members"] }),
    aClient("shop"),
    aPublicClient("app"),
  ];
  await using provider = await aProvider({ clients, users: [alice, bob] });
  const { id_token: ownToken } = await signIn(provider, { client: "shop" });
  await editUser(provider, "bob", { status: "suspended" });
  const table: [string, Record<string, string | undefined>, string][] = [
    ["shop", {}, "400 unauthorized_client"],
    ["app", {}, "401 invalid_client"],
    ["bank", { client_secret: "wrong" }, "401 invalid_client"],
    ["bank", { login_hint: undefined }, "400 invalid_request"],
    ["bank", { id_token_hint: ownToken }, "400 invalid_request"],
    ["bank", { login_hint_token: "a.b.c" }, "400 invalid_request"],
    ["bank", { login_hint: undefined, login_hint_token: "a.b.c" }, "400 invalid_request"],
    ["bank", { login_hint: "" }, "400 invalid_request"],
    ["bank", { scope: "profile" }, "400 invalid_scope"],
    ["bank", { scope: "openid phone" }, "400 invalid_scope"],
    ["bank", { resource: "https://unknown.example" }, "400 invalid_target"],
    ["bank", { request: "a.b.c" }, "400 invalid_request"],
    ["bank", { requested_expiry: "0" }, "400 invalid_request"],
    ["bank", { requested_expiry: "-5" }, "400 invalid_request"],
    ["bank", { requested_expiry: "1e3" }, "400 invalid_request"],
    ["bank", { binding_message: "x".repeat(65) }, "400 invalid_binding_message"],
    ["bank", { binding_message: "a\u0000b" }, "400 invalid_binding_message"],
    ["bank", { binding_message: "a\u202eb" }, "400 invalid_binding_message"],
    ["bank", { binding_message: "\u200b \u2800" }, "400 invalid_binding_message"],
    ["bank", { binding_message: " " }, "400 invalid_binding_message"],
    // Nobody of them can be told from the others.
    ["bank", { login_hint: "nobody" }, "400 unknown_user_id"],
    ["bank", { login_hint: "bob" }, "400 unknown_user_id"],
    ["club", { login_hint: "alice" }, "400 unknown_user_id"],
    ["bank", { login_hint: undefined, id_token_hint: "a.b.c" }, "400 unknown_user_id"],
    ["bank", { login_hint: undefined, id_token_hint: ownToken }, "400 unknown_user_id"],
  ];
  for (const [client, parameters, expected] of table) {
    const asked = { login_hint: "alice", ...parameters };
    const answer = await answerOf(await askBackchannel(provider, asked, client));
    assertEquals(answer, expected, JSON.stringify(parameters));
  }
  const types = (await auditTrail(provider)).map(({ type }) => type);
  assert(!types.includes("backchannel_requested"));
  assertEquals((await sentMails(provider)).length, 0);
  const { expires_in } = await beginBackchannel(provider, { requested_expiry: "60" });
  assertEquals(expires_in, 60);
  for (const requested_expiry of ["99999", "99999999999", "9".repeat(400)]) {
    assertEquals((await beginBackchannel(provider, { requested_expiry })).expires_in, 600);
  }
});

const two = "urn:latchkey:acr:2fa";
const essential = (...values: unknown[]) =>
  JSON.stringify({ id_token: { acr: { essential: true, values } } });

Deno.test("an essential acr is met by a step-up, or the client gets nothing", async () => {
  await using provider = await aProvider({ clients: [aCallCentre()] });
  const outcome = async (claims: string, decision: "allow" | "deny" = "allow") => {
    provider.clock.advance(6);
    const { auth_req_id } = await beginBackchannel(provider, { claims });
    const landing = await answerBackchannel(provider, decision, browser);
    return {
      landing,
      poll: async () => await answerOf(await pollBackchannel(provider, auth_req_id)),
      tokens: async () => await tokensOf(await pollBackchannel(provider, auth_req_id)),
    };
  };
  const browser = await accountBrowser(provider);
  // She has nothing but a password, and can say no to what she cannot meet.
  for (const decision of ["allow", "deny"] as const) {
    const { landing, poll } = await outcome(essential("phr"), decision);
    assertStringIncludes(landing.body, "not allowed it");
    assertEquals(await poll(), "400 access_denied");
  }
  const denied = (await auditTrail(provider)).filter(({ type }) => type === "backchannel_denied");
  assertEquals(denied.map(({ reason }) => reason ?? null).sort(), [
    null,
    "unmet_authentication_requirements",
  ]);

  const app = await giveApp(provider);
  const { landing, poll, tokens } = await outcome(essential("phr", two));
  assertEquals(landing.url.pathname, "/login/second-factor");
  assertEquals(await poll(), "400 authorization_pending");
  const back = await enterCode(browser, landing, app.code());
  assertEquals(back.url.pathname, "/account/requests");
  await browser.submit(back, { decision: "allow" });
  provider.clock.advance(6);
  const { acr, amr } = decodeJwt<{ acr: string; amr: string[] }>((await tokens()).id_token);
  assertEquals([acr, amr.includes("otp")], [two, true]);
  // Now the session has it.
  assertStringIncludes((await outcome(essential(two))).landing.body, "You have allowed it");
});

Deno.test("a request for somebody else's sub, or for an acr that is unknown here, asks nobody", async () => {
  const sector = "https://sector.example/uris.json";
  const clients = [
    aCallCentre(),
    aCallCentre("clinic", { subject_type: "pairwise", sector_identifier_uri: sector }),
  ];
  const transport = sectorWeb(sector, []);
  await using provider = await aProvider({ clients, transport, users: [alice, bob] });
  const { userId } = await provider.userOf("alice");
  const other = (await provider.userOf("bob")).userId;
  const begun = await beginBackchannel(provider, {}, "clinic");
  await answerBackchannel(provider);
  const got = await tokensOf(await pollBackchannel(provider, begun.auth_req_id, "clinic"));
  const own = decodeJwt(got.id_token).sub;
  const sub = (member: unknown, at = "id_token") => JSON.stringify({ [at]: { sub: member } });
  const unknown = "400 unknown_user_id";
  const table: [client: string, claims: string, expected: string][] = [
    ["bank", sub({ value: userId }), "200"],
    ["bank", sub({ values: [other, userId] }), "200"],
    ["bank", sub(null), "200"],
    ["bank", sub({ value: other }), unknown],
    ["bank", sub({ value: other, essential: true }), unknown],
    ["bank", sub({ values: [other] }, "userinfo"), unknown],
    ["bank", sub({ value: 7 }), unknown],
    ["clinic", sub({ value: own }), "200"],
    ["clinic", sub({ value: userId }), unknown],
    ["bank", essential("urn:example:gold"), "400 unmet_authentication_requirements"],
    ["bank", essential("urn:example:gold", two), "200"],
    ["bank", JSON.stringify({ id_token: { acr: { value: "urn:example:gold" } } }), "200"],
  ];
  for (const [client, claims, expected] of table) {
    const response = await askBackchannel(provider, { login_hint: "alice", claims }, client);
    assertEquals(await answerOf(response), expected, `${client} ${claims}`);
  }
});

Deno.test("a client's default_max_age counts from the request: whoever signs in for it is asked once", async () => {
  const clients = [aCallCentre("bank", { default_max_age: 0 })];
  await using provider = await aProvider({ clients });
  const browser = await accountBrowser(provider);
  provider.clock.advance(10);
  const { auth_req_id } = await beginBackchannel(provider);
  const login = await answerBackchannel(provider, "allow", browser);
  assertEquals(login.url.pathname, "/login");
  const back = await submitLogin(browser, login);
  assertEquals(back.url.pathname, "/account/requests");
  await browser.submit(back, { decision: "allow" });
  const tokens = await tokensOf(await pollBackchannel(provider, auth_req_id));
  assertEquals(decodeJwt(tokens.id_token).auth_time, provider.clock.seconds());
});

Deno.test("a user is named by an address or by an ID token that the client got, however old it is", async () => {
  await using provider = await aProvider({ clients: [aCallCentre()] });
  const first = await beginBackchannel(provider, { login_hint: "Alice@EXAMPLE.com" });
  await answerBackchannel(provider);
  const { id_token } = await tokensOf(await pollBackchannel(provider, first.auth_req_id));
  provider.clock.advance(86_400);
  await beginBackchannel(provider, { login_hint: undefined, id_token_hint: id_token });
});

Deno.test("an ID token that was signed by a withdrawn key names nobody", async () => {
  await using provider = await aProvider({ clients: [aCallCentre()] });
  const { auth_req_id } = await beginBackchannel(provider);
  await answerBackchannel(provider);
  const { id_token } = await tokensOf(await pollBackchannel(provider, auth_req_id));
  const hinted = { login_hint: undefined, id_token_hint: id_token };
  assertEquals(await answerOf(await askBackchannel(provider, hinted)), "200");
  await withdrawSigningKey(provider.deps, { alg: "RS256" });
  assertEquals(await answerOf(await askBackchannel(provider, hinted)), "400 unknown_user_id");
});

Deno.test("an ID token with a pairwise subject names its user as long as its grant lasts", async () => {
  const pairwise = { subject_type: "pairwise", redirect_uris: ["https://bank.example/callback"] };
  await using provider = await aProvider({ clients: [aCallCentre("bank", pairwise)] });
  const first = await beginBackchannel(provider, { scope: "openid offline_access" });
  await answerBackchannel(provider);
  const tokens = await tokensOf(await pollBackchannel(provider, first.auth_req_id));
  provider.clock.advance(86_400);
  const hinted = { login_hint: undefined, id_token_hint: tokens.id_token };
  await beginBackchannel(provider, hinted);
  const form = { token: tokens.refresh_token, ...provider.credentials("bank") };
  assertEquals((await provider.post("/revoke", form)).status, 200);
  assertEquals(await answerOf(await askBackchannel(provider, hinted)), "400 unknown_user_id");
});

Deno.test("a user who denies, waits too long or is another one gives the client nothing", async () => {
  const clients = [aCallCentre(), aCallCentre("thief")];
  await using provider = await aProvider({ clients, users: [alice, bob] });
  const browser = await accountBrowser(provider);
  const denied = await beginBackchannel(provider);
  const page = await browser.open("/account/requests");

  // Another user, who has learnt the id of the request.
  const other = provider.browser();
  await other.submit(await other.open("/account/requests"), bob);
  await beginBackchannel(provider, { login_hint: "bob" });
  const own = await other.open("/account/requests");
  const { id = "", told = "" } = formOf(page.body).hidden;
  assertStringIncludes((await other.submit(own, { id, told, decision: "allow" })).body, "is over");

  assertStringIncludes((await browser.submit(page, { decision: "deny" })).body, "not allowed it");
  const poll = async (id: string, client?: string) =>
    await answerOf(await pollBackchannel(provider, id, client));
  assertEquals(await poll(denied.auth_req_id), "400 access_denied");
  assertEquals(await poll(denied.auth_req_id, "thief"), "400 invalid_grant");

  const late = await beginBackchannel(provider);
  const stale = await browser.open("/account/requests");
  // A sign-in that is older than five minutes is not enough to answer.
  provider.clock.advance(301);
  assertEquals((await browser.submit(stale, { decision: "allow" })).url.pathname, "/login");
  assertEquals(await poll(late.auth_req_id), "400 authorization_pending");
  provider.clock.advance(299);
  assertEquals(await poll(late.auth_req_id), "400 expired_token");
  const types = (await auditTrail(provider)).map(({ type }) => type);
  assertEquals(types.filter((type) => type === "backchannel_denied").length, 1);
  assert(!types.includes("backchannel_allowed"));
});

Deno.test("a user who was suspended, reset or deleted, or has left the client's groups, cannot answer", async () => {
  const club = aCallCentre("club", { allowed_groups: ["members"] });
  await using provider = await aProvider({ clients: [aCallCentre(), club], users: [alice, bob] });
  const poll = async (id: string, client?: string) => {
    provider.clock.advance(6);
    return await answerOf(await pollBackchannel(provider, id, client));
  };
  const { user } = await provider.userOf("alice");
  await editUser(provider, "alice", { groups: ["members"] });
  const [waiting, member] = [
    await beginBackchannel(provider),
    await beginBackchannel(provider, {}, "club"),
  ];
  assertEquals(await poll(waiting.auth_req_id), "400 authorization_pending");
  await editUser(provider, "alice", { groups: [] });
  assertEquals(await poll(member.auth_req_id, "club"), "400 access_denied");
  assertEquals(await poll(waiting.auth_req_id), "400 authorization_pending");
  await editUser(provider, "alice", { status: "suspended" });
  // A poll that comes too early reads nothing more, so it does not tell.
  const early = await pollBackchannel(provider, waiting.auth_req_id);
  assertEquals(await answerOf(early), "400 slow_down");
  provider.clock.advance(6);
  assertEquals(await poll(waiting.auth_req_id), "400 access_denied");
  await editUser(provider, "alice", { status: "active", epoch: user.epoch + 1 });
  assertEquals(await poll(waiting.auth_req_id), "400 access_denied");
  const browser = await accountBrowser(provider);
  assertStringIncludes((await browser.open("/account/requests")).body, "No request waits");

  const allowed = await beginBackchannel(provider);
  await answerBackchannel(provider, "allow", browser);
  await editUser(provider, "alice", { status: "suspended" });
  assertEquals(await poll(allowed.auth_req_id), "400 invalid_grant");

  const left = await beginBackchannel(provider, { login_hint: "bob" });
  await deleteUser(provider, "bob");
  assertEquals(await poll(left.auth_req_id), "400 access_denied");
  assertEquals(
    await answerOf(await pollBackchannel(provider, left.auth_req_id)),
    "400 access_denied",
  );
});

Deno.test("a refused request to a suspended user is in the audit trail, and costs what one to nobody costs", async () => {
  const { calls, wrap } = countedKv();
  const clients = [aCallCentre(), aCallCentre("other")];
  await using provider = await aProvider({ clients, users: [alice, bob], wrap });
  const { userId } = await provider.userOf("alice");
  const waiting = await beginBackchannel(provider);
  await editUser(provider, "alice", { status: "suspended" });
  const body = {
    error: "unknown_user_id",
    error_description: "the hint names nobody who can use this client",
  };
  const refuse = async (login_hint: string, client: string, cost: string) => {
    calls.length = 0;
    const answer = await askBackchannel(provider, { login_hint }, client);
    assertEquals([answer.status, await answer.json(), calls.join(" ")], [400, body, cost]);
  };
  // Also more often than there are events: a client must not find out by the time.
  for (let n = 0; n < 8; n++) {
    const cost = `read read read${n < 5 ? " commit" : ""}`;
    await refuse(n % 2 === 0 ? "alice" : "nobody", "bank", cost);
  }
  await refuse("nobody", "other", "read read read commit");
  await refuse("alice", "other", "read read read commit");
  const told = async (type: string) =>
    (await auditTrail(provider)).filter((event) => event.type === type)
      .map(({ reason, clientId, userId, outcome }) =>
        [clientId, reason, userId, outcome].join(" ")
      );
  const events = await told("authorization_refused");
  const suspended = ` hinted_user_suspended ${userId} failure`;
  const unknown = " hinted_user_unknown  failure";
  assertEquals(events.toSorted(), [
    ...Array(3).fill(`bank${suspended}`),
    ...Array(2).fill(`bank${unknown}`),
    `other${suspended}`,
    `other${unknown}`,
  ]);
  provider.clock.advance(6);
  const poll = await pollBackchannel(provider, waiting.auth_req_id);
  assertEquals(await answerOf(poll), "400 access_denied");
  assertEquals(await told("token_refused"), [`bank asked_user_suspended ${userId} failure`]);
});

Deno.test("tokens are bound to the key of the first proof", async () => {
  await using provider = await aProvider({ clients: [aCallCentre()] });
  const [own, other] = [await aDpopKey(provider), await aDpopKey(provider)];
  const path = "/backchannel_authentication";
  const dpop = await own.proof({ path });
  const { auth_req_id } = await beginBackchannel(provider, {}, "bank", { dpop });
  await answerBackchannel(provider);
  const poll = async (key: typeof own | null) => {
    const headers: Record<string, string> = key === null
      ? {}
      : { dpop: await key.proof({ path: "/token" }) };
    return await pollBackchannel(provider, auth_req_id, "bank", {}, headers);
  };
  assertEquals(await answerOf(await poll(null)), "400 invalid_dpop_proof");
  assertEquals(await answerOf(await poll(other)), "400 invalid_grant");
  assertEquals((await tokensOf(await poll(own))).token_type, "DPoP");
});

Deno.test("unknown users are told to a client a few times only, and a user gets few requests", async () => {
  const limits = { ...defaultConfig.limits, signIn: { count: 3, seconds: 60 } };
  const config = { rateLimits: true, limits };
  await using provider = await aProvider({
    clients: [aCallCentre(), aCallCentre("other")],
    config,
  });
  const ask = async (login_hint: string, client?: string) =>
    await answerOf(await askBackchannel(provider, { login_hint }, client));
  const guesses = await Promise.all(Array.from({ length: 9 }, (_, n) => ask(`user${n}`)));
  const told = guesses.filter((answer) => answer === "400 unknown_user_id");
  assertEquals([told.length, guesses.length], [3, 9]);
  assertEquals(await ask("alice"), "429 temporarily_unavailable");
  const asked = await Promise.all(Array.from({ length: 5 }, () => ask("alice", "other")));
  assertEquals(asked.filter((answer) => answer === "200").length, 3);
});

Deno.test("discovery says how clients are answered, and only an operator registers one, with its mode", async () => {
  await using provider = await aProvider({ clients: [aCallCentre()] });
  const document = await (await provider.request("/.well-known/openid-configuration")).json();
  assertEquals(
    document.backchannel_authentication_endpoint,
    `${issuer}/backchannel_authentication`,
  );
  assertEquals(document.backchannel_token_delivery_modes_supported, ["poll", "ping"]);
  assertEquals(document.backchannel_user_code_parameter_supported, false);
  assert(document.grant_types_supported.includes(cibaGrant));
});

Deno.test("a client finds no more users by a burst of names than by asking one after the other", async () => {
  await using provider = await aProvider({
    clients: [aCallCentre()],
    config: { rateLimits: true },
  });
  const ask = async (login_hint: string) =>
    await answerOf(await askBackchannel(provider, { login_hint }));
  const names = Array.from({ length: 60 }, (_, n) => n === 50 ? "alice" : `nobody${n}`);
  const answers = await Promise.all(names.map(ask));
  const count = (answer: string) => answers.filter((one) => one === answer).length;
  assertEquals(count("400 unknown_user_id"), 10);
  assertEquals(count("429 temporarily_unavailable"), 50);

  provider.clock.advance(60);
  const known = await Promise.all(Array.from({ length: 10 }, () => ask("alice")));
  assertEquals(known, Array(10).fill("200"));
});

Deno.test("requests of a client wait for one another only until the user is known, and for no stranger's", async () => {
  /** The next of these holds up its request. */
  let slow: "read of the limit" | "commit" | null = null;
  let begun = Promise.withResolvers<void>();
  let goOn = Promise.withResolvers<void>();
  const hold = async (what: typeof slow, isIt: boolean) => {
    if (slow !== what || !isIt) return;
    slow = null;
    begun.resolve();
    await goOn.promise;
  };
  const next = (what: typeof slow) => {
    [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    slow = what;
  };
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    remote: true,
    async getMany(keys) {
      // The limit of client authentication has two.
      const limits = keys.filter(([collection]) => collection === "rate_limits");
      await hold("read of the limit", limits.length === 1);
      return await backend.getMany(keys);
    },
    async commit(batch) {
      const collections = batch.mutations.map(({ key: [collection] }) => collection);
      await hold("commit", collections.includes("backchannel_requests"));
      return await backend.commit(batch);
    },
  });
  const config = { rateLimits: true };
  await using provider = await aProvider({ clients: [aCallCentre()], config, wrap });
  const ask = async (login_hint: string, form = {}) =>
    await answerOf(await askBackchannel(provider, { login_hint, ...form }));
  assertEquals(await ask("alice"), "200");

  next("commit");
  const answered = ask("alice");
  await begun.promise;
  assertEquals(await ask("nobody"), "400 unknown_user_id");
  goOn.resolve();
  assertEquals(await answered, "200");

  next("read of the limit");
  const itsTurn = ask("alice");
  await begun.promise;
  const strangers = await Promise.all(
    Array.from({ length: 5 }, () => ask("alice", { client_secret: undefined })),
  );
  assertEquals(strangers, Array(5).fill("401 invalid_client"));
  goOn.resolve();
  assertEquals(await itsTurn, "200");
});
