import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt, decodeProtectedHeader, generateKeyPair } from "jose";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { anAdminApi, problemOf } from "../admin/api.ts";
import { accountBrowser } from "../support/account.ts";
import {
  ask,
  bob,
  outcomeAt,
  outcomeOf,
  signedInBrowser,
  submitLogin,
} from "../support/authorization.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { deviceGrant } from "../support/devices.ts";
import { aDpopKey } from "../support/dpop.ts";
import { aClient, redirectUriOf } from "../support/clients.ts";
import {
  anApp,
  deviceSecretType,
  type DeviceTokens,
  shareSignIn,
  signInOnDevice,
} from "../support/native_sso.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail, editUser, snapshot } from "../support/records.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { withdrawSigningKey } from "../support/signing_keys.ts";
import { sectorWeb } from "../support/web.ts";
import { signedJwt } from "../support/signed_jwt.ts";
import { accessTokenType, apis, grantType, orders } from "../support/token_exchange.ts";
import { answerOf, signIn, tokensOf, userinfo } from "../support/tokens.ts";

type Sharing = Parameters<typeof shareSignIn>[2];

async function shared(provider: TestProvider, tokens: DeviceTokens, sharing: Sharing = {}) {
  const answer: DeviceTokens = await tokensOf(await shareSignIn(provider, tokens, sharing));
  return answer;
}

async function answered(provider: TestProvider, tokens: DeviceTokens, sharing: Sharing = {}) {
  return await answerOf(await shareSignIn(provider, tokens, sharing));
}

Deno.test("an application on a device signs its user in by the sign-in of another one", async () => {
  const sector = { subject_type: "pairwise", redirect_uris: ["https://acme.example/callback"] };
  const apps = ["mail", "calendar", "notes"].map((name) => anApp(name));
  const clients = [...apps, anApp("p1", sector), anApp("p2", sector)];
  await using provider = await aProvider({ clients });
  const first = await signInOnDevice(provider);
  const told = decodeJwt(first.id_token);
  assertEquals([typeof told.ds_hash, typeof told.sid], ["string", "string"]);
  provider.clock.advance(100);

  const scope = "openid email offline_access device_sso";
  const second = await shared(provider, first, { parameters: { scope } });
  const { issued_token_type, device_secret, token_type } = second;
  assertEquals({ issued_token_type, device_secret, token_type }, {
    issued_token_type: accessTokenType,
    device_secret: undefined, // it has not changed
    token_type: "Bearer",
  });
  const claims = decodeJwt(second.id_token);
  const { sub, sid, auth_time, acr, amr, ds_hash } = told;
  assertEquals({ ...claims, sub, sid, auth_time, acr, amr, ds_hash, aud: "calendar" }, claims);
  const info = await (await userinfo(provider, second.access_token)).json();
  assertEquals(info, { sub, email: "alice@example.com", email_verified: true });
  const refreshed = await provider.refresh(second.refresh_token, { client: "calendar" });
  assertEquals((await tokensOf(refreshed)).scope, scope);

  // Clients of one sector have other names for the user, and share as well.
  const [one, two] = ["p1", "p2"];
  const pair = await signInOnDevice(provider, one);
  const paired = decodeJwt((await shared(provider, pair, { client: two })).id_token);
  const before = decodeJwt(pair.id_token);
  assertEquals([paired.sub, paired.sid], [before.sub, before.sid]);
  assertNotEquals(paired.sub, sub);

  // The second application's ID token shares on, and with no scope it gets what is registered.
  const third = await shared(provider, { ...first, id_token: second.id_token }, {
    client: "notes",
  });
  assertEquals(third.scope, "openid profile email");
  assertEquals(third.refresh_token, "");
  // An application may sign in again by its own sign-in, and any number of times.
  assertEquals(await answered(provider, first, { client: "mail" }), "200");
  const events = (await auditTrail(provider)).filter(({ type }) => type === "token_exchanged");
  const seen = events.map(({ clientId, reason, about }) => `${clientId} ${reason} ${about}`);
  assertEquals(seen.toSorted(), [
    "calendar native_sso mail",
    "mail native_sso mail",
    "notes native_sso calendar",
    "p2 native_sso p1",
  ]);
});

Deno.test("a device secret is kept for its session, and another session gets another one", async () => {
  const clients = [anApp("mail"), anApp("calendar"), anApp("other", { native_sso: "other" })];
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider, { client: "mail" });
  const { device_secret } = await signInOnDevice(provider, "mail", { browser });
  const next = async (client: string, sent: string, options = {}): Promise<DeviceTokens> => {
    const parameters = { scope: "openid offline_access device_sso" };
    const code = await provider.authorize({ client, parameters, ...options });
    return await tokensOf(
      await provider.exchange(code, { client, parameters: { device_secret: sent } }),
    );
  };
  const same = await next("calendar", device_secret, { browser });
  assertEquals(same.device_secret, device_secret);
  for (const wrong of ["x", "", "ds.", "x".repeat(5000), `${device_secret}x`]) {
    const { device_secret: made } = await next("calendar", wrong, { browser });
    assertEquals(/^ds\.[A-Za-z0-9_-]{43,44}$/.test(made ?? ""), true, wrong);
    assertNotEquals(made, device_secret);
  }
  const otherVendor = await next("other", device_secret, { browser });
  const otherSession = await next("calendar", device_secret);
  const secrets = new Set([device_secret, otherVendor.device_secret, otherSession.device_secret]);
  assertEquals(secrets.size, 3);

  // A refresh keeps it as well, and makes another one if the client sends none that is good.
  const refresh = async (sent: string | undefined) => {
    const parameters = sent === undefined ? {} : { device_secret: sent };
    const refreshed = await provider.refresh(same.refresh_token, {
      client: "calendar",
      parameters,
    });
    const tokens: DeviceTokens = await tokensOf(refreshed);
    Object.assign(same, tokens);
    return { hash: decodeJwt(tokens.id_token).ds_hash, secret: tokens.device_secret };
  };
  const hash = decodeJwt(same.id_token).ds_hash;
  assertEquals(await refresh(device_secret), { hash, secret: device_secret });
  for (const sent of [undefined, otherSession.device_secret, "x"]) {
    const made = await refresh(sent);
    assertEquals([typeof made.hash, secrets.has(made.secret)], ["string", false], sent);
    assertNotEquals(made.hash, hash);
    const shares = await answered(provider, { ...same, device_secret: made.secret }, {
      client: "mail",
    });
    assertEquals(shares, "200", "it belongs to the new ID token");
  }
  const plain = { client: "calendar", parameters: { scope: "openid" } };
  const silent: DeviceTokens = await tokensOf(await provider.refresh(same.refresh_token, plain));
  assertEquals([silent.device_secret, decodeJwt(silent.id_token).ds_hash], [undefined, undefined]);
  // It is stored as a digest only.
  const stored = JSON.stringify([...await snapshot(provider.backend)]);
  for (const secret of secrets) assertEquals(stored.includes(secret ?? "none"), false);
});

Deno.test("the oldest device secrets of a session end when a client gets a ninth one", async () => {
  const clients = [anApp("mail"), anApp("calendar"), anApp("other", { native_sso: "other" })];
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const parameters = { scope: "openid offline_access device_sso" };
  const others = await signInOnDevice(provider, "other", { browser });
  const all: DeviceTokens[] = [await signInOnDevice(provider, "mail", { browser, parameters })];
  for (let n = 1; n <= 9; n++) {
    const refreshed = await provider.refresh(all.at(-1)?.refresh_token ?? "", { client: "mail" });
    all.push(await tokensOf(refreshed));
  }
  const outcomes = await Promise.all(all.map((tokens) => answered(provider, tokens)));
  assertEquals(outcomes, [
    ...Array(2).fill("400 invalid_grant"),
    ...Array(8).fill("200"),
  ]);
  assertEquals(await answered(provider, others, { client: "other" }), "200", "another vendor's");
});

Deno.test("a device secret alone, an ID token alone, or both of different sign-ins get nothing", async () => {
  const clients = [
    anApp("mail"),
    anApp("calendar"),
    anApp("stranger", { native_sso: "stranger" }),
    anApp("alone", { native_sso: undefined, scope: "openid", grant_types: ["authorization_code"] }),
    anApp("moved", { subject_type: "pairwise" }),
    anApp("fresh", { default_max_age: 60 }),
    aClient("web", { grant_types: [grantType], redirect_uris: [] }),
    aClient("server", { grant_types: ["client_credentials"], redirect_uris: [] }),
  ];
  await using provider = await aProvider({ clients, users: [alice, bob] });
  const browser = provider.browser();
  const first = await signInOnDevice(provider, "mail", { browser });
  const second = await signInOnDevice(provider, "mail", { browser });
  const again = await signInOnDevice(provider);
  const his = await signInOnDevice(provider, "mail", { user: bob });
  const theirs = await signInOnDevice(provider, "stranger");
  const without = await signIn(provider, { client: "mail", parameters: { scope: "openid" } });
  const { privateKey } = await generateKeyPair("RS256");
  const { kid } = decodeProtectedHeader(first.id_token);
  const forged = await signedJwt(privateKey, decodeJwt(first.id_token), { alg: "RS256", kid });
  const cut = first.id_token.split(".").slice(0, 2).join(".");
  provider.clock.advance(60);
  const grant = "400 invalid_grant";
  const request = "400 invalid_request";
  const as = (client: string): Sharing => ({ client });
  const with_ = (parameters: Record<string, string | undefined>): Sharing => ({ parameters });
  const rows: [string, Partial<DeviceTokens>, Sharing, string][] = [
    ["the secret of another session of the same user", again, {
      parameters: {
        subject_token: first.id_token,
      },
    }, grant],
    ["another secret of the same session", { device_secret: second.device_secret }, {}, grant],
    ["the secret of another user", { device_secret: his.device_secret }, {}, grant],
    ["the ID token of another user", { id_token: his.id_token }, {}, grant],
    ["the secret of another vendor", { device_secret: theirs.device_secret }, {}, grant],
    ["the ID token of another vendor", { id_token: theirs.id_token }, {}, grant],
    ["both, of another vendor", theirs, {}, grant],
    ["both, at another vendor's client", {}, as("stranger"), grant],
    ["an ID token without a hash", { id_token: without.id_token }, {}, grant],
    ["an ID token with another key", { id_token: forged }, {}, grant],
    ["an ID token without a signature", { id_token: `${cut}.` }, {}, grant],
    ["an access token as the ID token", { id_token: first.access_token }, {}, grant],
    ["no ID token at all", { id_token: "x" }, {}, grant],
    ["an unknown secret", { device_secret: "x" }, {}, grant],
    [
      "the hash as the secret",
      {
        device_secret: String(decodeJwt(first.id_token).ds_hash),
      },
      {},
      grant,
    ],
    ["a client of another sector", {}, as("moved"), grant],
    ["a client that wants a newer sign-in", {}, as("fresh"), "400 interaction_required"],
    ["a client without native_sso", {}, as("web"), "400 unauthorized_client"],
    ["a public client without either", {}, as("alone"), "400 unauthorized_client"],
    ["a client without the grant type", {}, as("server"), "400 unauthorized_client"],
    ["a client that does not exist", {}, with_({ client_id: "nobody" }), "401 invalid_client"],
    ["no secret", {}, with_({ actor_token: undefined }), request],
    ["no subject token", {}, with_({ subject_token: undefined }), request],
    ["another subject token type", {}, with_({ subject_token_type: accessTokenType }), request],
    ["another requested type", {}, with_({ requested_token_type: deviceSecretType }), request],
    [
      "the secret as an access token",
      {},
      with_({ actor_token_type: accessTokenType }),
      "401 invalid_client",
    ],
    ["no audience", {}, with_({ audience: undefined }), request],
    ["another audience", {}, with_({ audience: "https://other.example" }), "400 invalid_target"],
    ["a scope that is not registered", {}, with_({ scope: "openid phone" }), "400 invalid_scope"],
    ["a scope without openid", {}, with_({ scope: "email" }), "400 invalid_scope"],
    [
      "authorization details",
      {},
      with_({
        authorization_details: '[{"type":"payment"}]',
      }),
      "400 invalid_authorization_details",
    ],
    ["an unknown resource", {}, with_({ resource: orders }), "400 invalid_target"],
  ];
  const stored = async () => (await snapshot(provider.backend, ["step_markers"])).size;
  for (const [name, tokens, sharing, expected] of rows) {
    const before = await stored();
    const sent = { ...first, ...tokens };
    assertEquals(await answered(provider, sent, sharing), expected, name);
    const events = await auditTrail(provider);
    assertEquals(events.some(({ type }) => type === "token_exchanged"), false, name);
    const refusals = (await stored()) - before;
    assertEquals(refusals <= 8, true, `${name}: only the trace of a refusal`);
  }
  assertEquals(await answered(provider, first), "200", "and it is as good as before");
});

Deno.test("a sign-in is shared as long as its session, whatever the ID token says of its time", async () => {
  const clients = [anApp("mail"), anApp("calendar")];
  const lifetimes = { idToken: 300, sessionIdle: 1000, sessionMax: 2000 };
  await using provider = await aProvider({ clients, lifetimes });
  const parameters = { scope: "openid offline_access device_sso" };
  const browser = provider.browser();
  const tokens = await signInOnDevice(provider, "mail", { browser, parameters });
  provider.clock.advance(900);
  assertEquals(await answered(provider, tokens), "200", "the ID token has expired");
  const offline = await shared(provider, tokens, { parameters });
  const bound = await shared(provider, tokens, { parameters: { scope: "openid" } });
  provider.clock.advance(200);
  assertEquals(await answered(provider, tokens), "400 invalid_grant", "the session has expired");
  assertEquals((await userinfo(provider, bound.access_token)).status, 401);
  // What was granted for offline access goes on, and shares nothing any more.
  const refreshed = await provider.refresh(offline.refresh_token, {
    client: "calendar",
    parameters: { device_secret: tokens.device_secret },
  });
  const goesOn: DeviceTokens = await tokensOf(refreshed);
  assertEquals([goesOn.device_secret, decodeJwt(goesOn.id_token).ds_hash], [undefined, undefined]);
  assertEquals(
    await answered(provider, { ...tokens, id_token: offline.id_token }),
    "400 invalid_grant",
  );
});

Deno.test("without offline_access a sign-in is shared as long as its session too, and nothing else lives longer", async () => {
  const clients = [anApp("mail"), anApp("calendar"), aClient("web")];
  const lifetimes = { code: 30, accessToken: 60, idToken: 60, sessionIdle: 1000, sessionMax: 2000 };
  await using provider = await aProvider({ clients, lifetimes });
  const browser = provider.browser();
  const first = await signInOnDevice(provider, "mail", { browser });
  const scope = "openid device_sso";
  const second = await shared(provider, first, { parameters: { scope } });
  const plain = await signIn(provider, { client: "web", browser, parameters: { scope: "openid" } });
  provider.clock.advance(900);
  for (const { access_token } of [first, second, plain]) {
    assertEquals((await userinfo(provider, access_token)).status, 401);
  }
  const sharing = { ...first, id_token: second.id_token };
  assertEquals([await answered(provider, first), await answered(provider, sharing)], [
    "200",
    "200",
  ]);
  // An ID token that has expired stands for nothing without the secret.
  const alone = {
    actor_token: undefined,
    actor_token_type: undefined,
    audience: undefined,
  };
  assertEquals(await answered(provider, first, { parameters: alone }), "401 invalid_client");
  provider.clock.advance(200);
  assertEquals(await answered(provider, first), "400 invalid_grant", "the session has expired");
});

Deno.test("a device secret lives on in a session that a new sign-in has renewed", async () => {
  const clients = [anApp("mail"), anApp("calendar"), anApp("notes")];
  const lifetimes = { sessionIdle: 2000, sessionMax: 2000 };
  await using provider = await aProvider({ clients, lifetimes });
  const browser = provider.browser();
  const scope = "openid offline_access device_sso";
  const parameters = { scope };
  const first = await signInOnDevice(provider, "mail", { browser, parameters });
  const { device_secret } = first;
  const renew = async () => {
    provider.clock.advance(1500);
    const anew = { scope: "openid", prompt: "login" };
    const page = await ask(provider, { browser, client: "notes", parameters: anew });
    assertEquals(outcomeOf(await submitLogin(browser, page)), "code");
  };
  // Whoever presents it keeps it: another application, a code, a refresh.
  await renew();
  const second = await shared(provider, first, { parameters });
  await renew();
  const code = await provider.authorize({ client: "mail", browser, parameters });
  const sent = { client: "mail", parameters: { device_secret } };
  const next: DeviceTokens = await tokensOf(await provider.exchange(code, sent));
  assertEquals(next.device_secret, device_secret);
  await renew();
  assertEquals(
    (await provider.refresh(second.refresh_token, { ...sent, client: "calendar" })).status,
    200,
  );
  provider.clock.advance(1500);
  assertEquals(await answered(provider, { ...next, device_secret }), "200");
  provider.clock.advance(500);
  assertEquals(await answered(provider, { ...next, device_secret }), "400 invalid_grant");
});

Deno.test("a repeated refresh gets the same answer only with the same device secret", async () => {
  const graceful = anApp("mail", { refresh_token_grace_period: 10 });
  await using provider = await aProvider({ clients: [graceful] });
  const parameters = { scope: "openid offline_access device_sso" };
  const { refresh_token, device_secret } = await signInOnDevice(provider, "mail", { parameters });
  const refresh = async (sent: Record<string, string>): Promise<DeviceTokens> =>
    await tokensOf(await provider.refresh(refresh_token, { client: "mail", parameters: sent }));
  const silent = await refresh({});
  assertEquals(await refresh({}), silent);
  const other = await refresh({ device_secret });
  assertNotEquals(silent.device_secret, device_secret);
  assertEquals([other.device_secret, other.refresh_token], [device_secret, silent.refresh_token]);
});

Deno.test("a sign-out in the browser ends the shared sign-in, and the second application is told", async () => {
  const receiver = logoutReceiver();
  const told = { backchannel_logout_uri: "https://calendar.example/logout" };
  const clients = [anApp("mail"), anApp("calendar", told)];
  await using provider = await aProvider({ clients, transport: receiver });
  const browser = provider.browser();
  const tokens = await signInOnDevice(provider, "mail", { browser });
  const second = await shared(provider, tokens);
  assertEquals((await browser.send("/session", { method: "DELETE" })).status, 204);
  assertEquals(await answered(provider, tokens), "400 invalid_grant");
  assertEquals(await answered(provider, { ...tokens, ...second }), "400 invalid_grant");
  assertEquals((await userinfo(provider, second.access_token)).status, 401);
  await tellOfLogouts(provider.deps);
  assertEquals(receiver.accepted(), [`calendar ${decodeJwt(second.id_token).sid}`]);
  // A code that is exchanged after that gets no device secret.
  const late = provider.browser();
  const parameters = { scope: "openid offline_access device_sso" };
  const code = await provider.authorize({ client: "mail", browser: late, parameters });
  await late.send("/session", { method: "DELETE" });
  const answer: DeviceTokens = await tokensOf(await provider.exchange(code, { client: "mail" }));
  assertEquals([answer.device_secret, decodeJwt(answer.id_token).ds_hash], [undefined, undefined]);
  // The same where all sessions end at once, by an epoch.
  const offline = await signInOnDevice(provider, "mail", { parameters });
  const later = await provider.authorize({ client: "mail", parameters });
  await editUser(provider, "alice", { sessionEpoch: 2 });
  assertEquals(await answered(provider, offline), "400 invalid_grant");
  const none: DeviceTokens = await tokensOf(await provider.exchange(later, { client: "mail" }));
  assertEquals(none.device_secret, undefined);
});

Deno.test("a shared sign-in gives what the user has allowed this client, and nothing else", async () => {
  const scope = "openid profile email offline_access device_sso read latchkey:admin";
  const asks = { skip_consent: false, scope, resources: [orders, `${issuer}/api/v1`] };
  const clients = [
    anApp("mail"),
    anApp("calendar", asks),
    anApp("desk", { allowed_groups: ["crew"] }),
  ];
  await using provider = await aProvider({ clients, resources: apis });
  await editUser(provider, "alice", { administrator: true });
  const first = await signInOnDevice(provider);
  const ask = (parameters: Record<string, string>) => answered(provider, first, { parameters });
  const interaction = "400 interaction_required";
  assertEquals(await ask({ scope: "openid" }), interaction, "nothing is allowed yet");
  assertEquals(await ask({}), interaction);
  const allowed = { scope: "openid email device_sso read", resource: orders };
  const browser = provider.browser();
  await provider.authorize({ client: "calendar", browser, parameters: allowed });
  const rows: [string, Record<string, string>, string][] = [
    ["what was allowed", { scope: "openid email" }, "openid email"],
    ["all that was allowed", {}, "openid email"],
    ["the API that was allowed", { scope: "openid read", resource: orders }, "read"],
    ["more", { scope: "openid profile" }, interaction],
    ["offline access", { scope: "openid email offline_access" }, interaction],
    [
      "the admin API",
      { scope: "openid latchkey:admin", resource: `${issuer}/api/v1` },
      interaction,
    ],
    ["an API without its scope", { scope: "openid", resource: orders }, "400 invalid_target"],
  ];
  for (const [name, parameters, expected] of rows) {
    const response = await shareSignIn(provider, first, { parameters });
    if (response.status === 200) {
      assertEquals((await tokensOf(response)).scope, expected, name);
    } else assertEquals(await answerOf(response), expected, name);
  }
  // A user who is in no group that may use the client.
  assertEquals(await answered(provider, first, { client: "desk" }), "400 invalid_grant");
  await editUser(provider, "alice", { groups: ["crew"] });
  assertEquals(await answered(provider, first, { client: "desk" }), "200");
});

Deno.test("a shared sign-in gives no access to the admin API, not even in a client that asks for no consent", async () => {
  const resource = `${issuer}/api/v1`;
  const console = anApp("console", {
    skip_consent: true,
    scope: "openid device_sso latchkey:admin",
    resources: [resource],
  });
  await using provider = await aProvider({ clients: [anApp("mail"), console] });
  await editUser(provider, "alice", { administrator: true });
  const first = await signInOnDevice(provider);
  const asked = async (parameters: Record<string, string>) =>
    await answered(provider, first, { client: "console", parameters });
  assertEquals(await asked({ scope: "openid" }), "200");
  const scope = "openid latchkey:admin";
  assertEquals(await asked({ scope, resource }), "400 interaction_required");
});

Deno.test("a shared sign-in is bound to the key of the client that asks, and is no stronger than the first", async () => {
  const bound = { dpop_bound_access_tokens: true };
  const clients = [anApp("mail"), anApp("calendar", bound)];
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const tokens = await signInOnDevice(provider, "mail", { browser });
  assertEquals(await answered(provider, tokens), "400 invalid_dpop_proof");
  // The user shows a password again in the browser: that is not the sign-in that is shared.
  provider.clock.advance(100);
  const parametersOf = { scope: "openid", prompt: "login" };
  const page = await ask(provider, { browser, client: "mail", parameters: parametersOf });
  assertEquals(outcomeOf(await submitLogin(browser, page)), "code");
  const key = await aDpopKey(provider);
  const proof = await key.proof({ path: "/token" });
  const headers = { dpop: proof };
  const parameters = { scope: "openid offline_access" };
  const second = await shared(provider, tokens, { headers, parameters });
  assertEquals(second.token_type, "DPoP");
  const { auth_time, acr, amr, sid } = decodeJwt(tokens.id_token);
  const claims = decodeJwt(second.id_token);
  assertEquals({ ...claims, auth_time, acr, amr, sid }, claims);
  assertEquals(await answered(provider, tokens, { headers }), "400 invalid_dpop_proof", "used");
  const refresh = async (proofs: Record<string, string>) =>
    await answerOf(await provider.refresh(second.refresh_token, { client: "calendar" }, proofs));
  const other = await aDpopKey(provider);
  assertEquals(await refresh({ dpop: await other.proof({ path: "/token" }) }), "400 invalid_grant");
  assertEquals(await refresh({ dpop: await key.proof({ path: "/token" }) }), "200");
});

Deno.test("only an operator lets applications share sign-ins, and not without native_sso", async () => {
  await using api = await anAdminApi();
  const rows: [Record<string, unknown>, string][] = [
    [{ native_sso: "acme" }, "201"],
    [{ native_sso: "acme", scope: "openid device_sso" }, "201"],
    [{ native_sso: "a b" }, "422 validation-failed"],
    [{ native_sso: "" }, "422 validation-failed"],
    [{ scope: "openid device_sso" }, "422 validation-failed"],
    [{ token_endpoint_auth_method: "none", grant_types: [grantType] }, "422 validation-failed"],
    [{
      token_endpoint_auth_method: "none",
      grant_types: [grantType],
      native_sso: "acme",
    }, "201"],
  ];
  for (const [n, [members, expected]] of rows.entries()) {
    const redirect_uris = [`https://app${n}.example/callback`];
    const entry = { client_id: `app${n}`, client_name: "App", redirect_uris, ...members };
    const reply = await api.post("/clients", entry);
    assertEquals(
      reply.status === 201 ? "201" : problemOf(reply),
      expected,
      JSON.stringify(members),
    );
  }
  // A public client can use no other token exchange.
  const { provider } = api;
  const form = {
    client_id: "app6",
    grant_type: grantType,
    subject_token: "x",
    subject_token_type: accessTokenType,
  };
  assertEquals(await answerOf(await provider.post("/token", form)), "401 invalid_client");
  const asked = await outcomeAt(provider, provider.browser(), { scope: "openid device_sso" });
  assertEquals(asked, "error invalid_scope");
});

Deno.test("an application that may not share any more, or calls its users otherwise, ends what it shared", async () => {
  const sector = "https://acme.example/sector.json";
  const ofVendor = { subject_type: "pairwise", sector_identifier_uri: sector };
  const clients = [anApp("mail", ofVendor), anApp("calendar", ofVendor)];
  const transport = sectorWeb(sector, clients.map(redirectUriOf));
  await using api = await anAdminApi({ clients, transport });
  const { provider } = api;
  const tokens = await signInOnDevice(provider);
  const change = async (app: string, members: Record<string, unknown>) =>
    assertEquals((await api.patch(`/clients/${app}`, members)).status, 200);
  assertEquals(await answered(provider, tokens), "200");
  for (const app of ["mail", "calendar"]) {
    await change(app, { subject_type: "public", sector_identifier_uri: null });
  }
  assertEquals(await answered(provider, tokens), "400 invalid_grant");
  const anew = await signInOnDevice(provider);
  assertEquals(await answered(provider, anew), "200");
  await change("mail", { scope: "openid profile email offline_access" });
  assertEquals(await answered(provider, anew), "400 invalid_grant");
});

Deno.test("another vendor's name and a withdrawn key end what was shared before", async () => {
  await using api = await anAdminApi({ clients: [anApp("mail"), anApp("calendar")] });
  const { provider } = api;
  const tokens = await signInOnDevice(provider);
  for (const app of ["mail", "calendar"]) {
    assertEquals((await api.patch(`/clients/${app}`, { native_sso: "other" })).status, 200);
  }
  assertEquals(await answered(provider, tokens), "400 invalid_grant");
  const anew = await signInOnDevice(provider);
  assertEquals(await answered(provider, anew), "200");
  await withdrawSigningKey(provider.deps, { alg: "RS256" });
  assertEquals(await answered(provider, anew), "400 invalid_grant");
});

Deno.test("the consent page says that a sign-in is shared", async () => {
  await using provider = await aProvider({ clients: [anApp("mail", { skip_consent: false })] });
  const browser = await accountBrowser(provider);
  const parameters = { scope: "openid device_sso" };
  const page = await ask(provider, { browser, client: "mail", parameters });
  assertEquals(outcomeOf(page), "consent");
  assertStringIncludes(page.body, "Sign you in to its other apps on this device");
});

Deno.test("the registration and the request of docs/clients.md share a sign-in", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/clients.md", import.meta.url));
  const [, section = ""] = page.split("### One sign-in for several applications");
  const [, entry = "{}"] = /```json\n([\s\S]*?)```/.exec(section) ?? [];
  const [, command = ""] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
  await using provider = await aProvider({ clients: [anApp("mail"), JSON.parse(entry)] });
  const { id_token, device_secret } = await signInOnDevice(provider);
  const values: Record<string, string> = {
    $ISSUER: issuer,
    $ID_TOKEN: id_token,
    $DEVICE_SECRET: device_secret,
  };
  const sent = command.matchAll(/-d (\w+)=(?:"([^"]+)"|(\S+))/g);
  const form = Object.fromEntries(
    [...sent].map(([, name = "", quoted, plain = ""]) => {
      const value = quoted ?? plain;
      return [name, values[value] ?? value];
    }),
  );
  const tokens = await tokensOf(await provider.post("/token", form));
  assertEquals(tokens.scope, "openid profile offline_access");
  assertEquals(decodeJwt(tokens.id_token).aud, "acme-calendar");
});

Deno.test("a device secret is given only to who asks for it, where the user is", async () => {
  const till = aClient("till", {
    grant_types: ["authorization_code", deviceGrant, cibaGrant],
    backchannel_token_delivery_mode: "poll",
    scope: "openid email device_sso",
    native_sso: "acme",
  });
  await using provider = await aProvider({ clients: [anApp("mail"), till] });
  const unasked: DeviceTokens = await signIn(provider, {
    client: "mail",
    parameters: { scope: undefined },
  });
  assertEquals([unasked.device_secret, unasked.scope], [undefined, "openid profile email"]);
  const form = { scope: "openid device_sso", login_hint: "alice", ...provider.credentials("till") };
  for (const path of ["/device_authorization", "/backchannel_authentication"]) {
    assertEquals(await answerOf(await provider.post(path, form)), "400 invalid_scope", path);
    const plain = { ...form, scope: "openid" };
    assertEquals((await provider.post(path, plain)).status, 200, path);
  }
});
