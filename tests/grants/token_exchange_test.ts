import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { decodeJwt } from "jose";
import { anAdminApi } from "../admin/api.ts";
import { aCertificate, behindProxy } from "../support/certificate.ts";
import { aClient, aPublicClient, type ClientEntry } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { alice, aProvider, issuer } from "../support/provider.ts";
import { auditTrail, snapshotWithoutAudit } from "../support/records.ts";
import { answerOf, introspect, signIn, tokensOf, userinfo } from "../support/tokens.ts";
import {
  accessTokenType,
  apis,
  bank,
  clients,
  exchange,
  exchanged,
  exchanger,
  type Form,
  grantType,
  idTokenType,
  jwtType,
  orders,
  type Sender,
  signInForOrders,
  stock,
} from "../support/token_exchange.ts";

const options = { clients, resources: apis };

Deno.test("an API exchanges the token that it got for one of another API, and is named in it", async () => {
  await using provider = await aProvider(options);
  const { access_token: subject } = await signInForOrders(provider);
  const { userId } = await provider.userOf(alice.username);

  const answer = await exchanged(provider, subject, { resource: stock, scope: "read" });

  assertObjectMatch(answer, {
    token_type: "Bearer",
    issued_token_type: accessTokenType,
    scope: "read",
  });
  assert(!("refresh_token" in answer) && !("id_token" in answer));
  const said = { sub: userId, aud: stock, client_id: "api", scope: "read", act: { sub: "api" } };
  const claims = decodeJwt(answer.access_token);
  assertObjectMatch(claims, said);
  assert(claims.auth_time !== undefined);
  const seen = await introspect(provider, answer.access_token, "api");
  assertObjectMatch(seen, { active: true, ...said });
  assertEquals(await introspect(provider, answer.access_token, "shop"), { active: false });
  assertEquals((await userinfo(provider, answer.access_token)).status, 401);

  const event = (await auditTrail(provider)).find(({ type }) => type === "token_exchanged");
  assertObjectMatch(event ?? {}, { userId, clientId: "api", actor: "client:api", about: stock });
});

Deno.test("a client narrows a token of its own without any policy, and nobody is named", async () => {
  await using provider = await aProvider(options);
  const own = await signInForOrders(provider);
  const narrow = await exchanged(provider, own.access_token, { scope: "read" }, { client: "shop" });
  const seen = await introspect(provider, narrow.access_token, "shop");
  assertObjectMatch(seen, { active: true, scope: "read", aud: orders, client_id: "shop" });
  assert(!("act" in seen));

  const { access_token, id_token } = await signIn(provider, { client: "shop" });
  const forUserinfo = await exchanged(provider, access_token, { scope: "openid email" }, {
    client: "shop",
  });
  const told = await (await userinfo(provider, forUserinfo.access_token)).json();
  assertEquals(Object.keys(told).sort(), ["email", "email_verified", "sub"]);
  // Its ID token stands for the same grant.
  const byIdToken = { subject_token_type: idTokenType, scope: "openid" };
  const another = await exchanged(provider, id_token, byIdToken, { client: "shop" });
  assertEquals((await userinfo(provider, another.access_token)).status, 200);
});

Deno.test("audience may repeat, as resource may, and a token is still for one target", async () => {
  await using provider = await aProvider(options);
  const { access_token: subject } = await signInForOrders(provider);
  const subject_token_type = "urn:ietf:params:oauth:token-type:id_token";
  const idJag = {
    requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
    subject_token_type,
  };
  const withSecret = {
    subject_token_type,
    actor_token: "secret",
    actor_token_type: "urn:openid:params:token-type:device-secret",
  };
  const spellings = [
    stock,
    ...["https", "Https", "hTtps", "htTps", "httPs"].map((scheme) => `${scheme}${stock.slice(5)}/`),
  ];
  const onlyOnce = "400 invalid_request: audience must occur only once here";
  const many = ["a", "b", "c", "d", "e"].map((name) => `https://${name}.example`);
  const table: [answer: string, targets: Record<string, string[]>, form?: Form][] = [
    ["200", { audience: [stock, stock] }],
    ["200", { audience: [stock, `${stock}/`], resource: [stock, "HTTPS://stock.example:443"] }],
    ["400 invalid_target", { audience: [stock, bank] }],
    ["400 invalid_target", { audience: [bank, stock], resource: [stock] }],
    ["400 invalid_target", { audience: [stock, issuer] }],
    ["400 invalid_target", { audience: [stock, "stock"] }],
    ["400 invalid_target", { audience: many.slice(0, 3), resource: many.slice(2) }],
    ["200", { audience: spellings.slice(0, 2), resource: spellings.slice(2, 5) }],
    ["400 invalid_target", { audience: spellings.slice(0, 2), resource: spellings.slice(2) }],
    ["400 invalid_request", { audience: many }],
    [onlyOnce, { audience: [stock, stock] }, idJag],
    [onlyOnce, { audience: [issuer, issuer] }, withSecret],
  ];
  for (const [answer, targets, form] of table) {
    const body = new URLSearchParams({
      grant_type: grantType,
      subject_token: subject,
      subject_token_type: accessTokenType,
      ...provider.credentials("api"),
      ...form as Record<string, string>,
    });
    for (const [name, values] of Object.entries(targets)) {
      for (const value of values) body.append(name, value);
    }
    const response = await provider.request("/token", { method: "POST", body });
    const { error_description: description } = await response.clone().json();
    const found = await answerOf(response);
    const told = answer === onlyOnce ? `${found}: ${description}` : found;
    assertEquals(told, answer, JSON.stringify(targets));
  }
});

Deno.test("a token is exchanged within the policy, the registration and its scope, or not at all", async () => {
  const more = [
    aClient("stranger", exchanger),
    aClient("listed", { ...exchanger, token_exchange: { subject_audiences: [orders] } }),
    aClient("ungranted", { ...exchanger, grant_types: ["client_credentials"] }),
    aPublicClient("spa"),
  ];
  await using provider = await aProvider({ ...options, clients: [...clients, ...more] });
  const { access_token: subject, id_token } = await signInForOrders(provider);
  const { access_token: forUserinfo, refresh_token } = await signIn(provider, {
    client: "shop",
    parameters: { scope: "openid email offline_access" },
  });
  const at = { resource: stock };
  const unknown = `at_${"A".repeat(22)}.${"A".repeat(43)}`;
  const byId = { subject_token_type: idTokenType };
  const table: [what: string, answer: string, token: string, form: Form, sender?: Sender][] = [
    ["more than the token has", "400 invalid_scope", subject, { ...at, scope: "read count" }],
    ["a scope of neither", "400 invalid_scope", subject, { ...at, scope: "admin" }],
    ["a scope about the person", "400 invalid_scope", subject, { ...at, scope: "openid" }],
    ["a target that no policy lists", "400 invalid_target", subject, { resource: bank }],
    ["the token's own audience, unlisted", "400 invalid_target", subject, {}],
    ["an unknown target", "400 invalid_target", subject, { audience: "https://x.example" }],
    ["userinfo", "400 invalid_target", subject, { audience: issuer }],
    ["the admin API", "400 invalid_target", subject, { resource: `${issuer}/api/v1` }],
    ["two targets", "400 invalid_target", subject, { ...at, audience: bank }],
    ["no URI", "400 invalid_target", subject, { audience: "stock" }],
    ["a token for another audience", "400 invalid_request", forUserinfo, at],
    ["another client's ID token", "400 invalid_request", id_token, { ...at, ...byId }],
    ["a refresh token", "400 invalid_request", refresh_token, at],
    ["an unknown token", "400 invalid_request", unknown, at],
    ["a token that only looks so", "400 invalid_request", "ey.ey.ey", at],
    ["an ID token as access token", "400 invalid_request", id_token, at],
    ["an access token as ID token", "400 invalid_request", subject, { ...at, ...byId }],
    ["an opaque token as JWT", "400 invalid_request", subject, {
      ...at,
      subject_token_type: jwtType,
    }],
    ["an unknown type", "400 invalid_request", subject, { ...at, subject_token_type: "urn:x" }],
    ["no type", "400 invalid_request", subject, { ...at, subject_token_type: undefined }],
    ["an ID token to be issued", "400 invalid_request", subject, {
      ...at,
      requested_token_type: idTokenType,
    }],
    ["an actor's type alone", "400 invalid_request", subject, {
      ...at,
      actor_token_type: accessTokenType,
    }],
    ["an unknown actor", "400 invalid_request", subject, {
      ...at,
      actor_token_type: accessTokenType,
      actor_token: unknown,
    }],
    ["a client without a policy", "400 invalid_request", subject, at, { client: "stranger" }],
    ["a client without targets", "400 invalid_target", subject, at, { client: "listed" }],
    ["a client without the grant", "400 unauthorized_client", subject, at, {
      client: "ungranted",
    }],
    ["a public client", "401 invalid_client", subject, at, { client: "spa" }],
    ["a wrong secret", "401 invalid_client", subject, { ...at, client_secret: "wrong" }],
  ];
  const before = await snapshotWithoutAudit(provider.backend);
  for (const [what, answer, token, form, sender] of table) {
    assertEquals(await answerOf(await exchange(provider, token, form, sender)), answer, what);
  }
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
  // A JWT may be called one or the other, and a resource is named by either parameter.
  for (const subject_token_type of [accessTokenType, jwtType]) {
    const first = await exchanged(provider, subject, { audience: stock });
    const form = { subject_token_type, requested_token_type: jwtType, scope: "read" };
    const { issued_token_type } = await exchanged(provider, first.access_token, form);
    assertEquals(issued_token_type, jwtType);
  }
  const toOpaque = { requested_token_type: jwtType };
  const own = { client: "shop" };
  const refused = await exchange(provider, subject, toOpaque, own);
  assertEquals(await answerOf(refused), "400 invalid_request");
});

Deno.test("the acting party is named before those who acted earlier, as far as the policies allow", async () => {
  const chain = ["one", "two", "three", "four", "five"].map((name) =>
    aClient(name, {
      ...exchanger,
      token_exchange: { subject_audiences: [orders], resources: [orders] },
    })
  );
  const ghost = aClient("ghost", {
    ...exchanger,
    token_exchange: { subject_audiences: [orders], resources: [orders], impersonation: true },
  });
  const guarded = aClient("guarded", { scope: "openid read", may_act: "two" });
  const all = { ...options, clients: [...clients, ...chain, ghost, guarded] };
  await using provider = await aProvider(all);
  const actOf = async (token: string, client: string) =>
    (await introspect(provider, token, client)).act;
  let { access_token: token } = await signInForOrders(provider);
  const tokens = [token];
  for (const client of ["one", "two", "three", "four"]) {
    tokens.push(token = (await exchanged(provider, token, {}, { client })).access_token);
  }
  assertEquals(await actOf(token, "four"), {
    sub: "four",
    act: { sub: "three", act: { sub: "two", act: { sub: "one" } } },
  });
  const fifth = await exchange(provider, token, {}, { client: "five" });
  assertEquals(await answerOf(fifth), "400 invalid_request");
  // One that may impersonate is not named, but hides nobody either.
  const [subject = "", ofOne = ""] = tokens;
  const hidden = await exchanged(provider, subject, {}, { client: "ghost" });
  assertEquals(await actOf(hidden.access_token, "ghost"), undefined);
  const kept = await exchanged(provider, ofOne, {}, { client: "ghost" });
  assertEquals(await actOf(kept.access_token, "ghost"), { sub: "one" });

  // An actor token names another actor: a token of the client that sends it.
  const own = async (client: string) => {
    const form = { grant_type: "client_credentials", ...provider.credentials(client) };
    return (await tokensOf(await provider.post("/token", form))).access_token;
  };
  const acting = async (by: string) => ({
    actor_token_type: accessTokenType,
    actor_token: await own(by),
  });
  const named = await exchanged(provider, subject, await acting("ghost"), {
    client: "ghost",
  });
  assertEquals(await actOf(named.access_token, "ghost"), { sub: "ghost" });
  const borrowed = await exchange(provider, subject, await acting("two"), {
    client: "one",
  });
  assertEquals(await answerOf(borrowed), "400 invalid_request");

  // The application has said who alone may act for its users.
  const parameters = { scope: "openid read", resource: orders };
  const limited = await signIn(provider, { client: "guarded", parameters });
  const seen = await introspect(provider, limited.access_token, "guarded");
  assertEquals(seen.may_act, { sub: "two" });
  for (const [client, answer] of [["one", 400], ["ghost", 400], ["two", 200]] as const) {
    const response = await exchange(provider, limited.access_token, {}, { client });
    assertEquals(response.status, answer, client);
    await response.body?.cancel();
  }
});

Deno.test("a new token lives no longer than the subject's and the actor's", async () => {
  await using provider = await aProvider({ ...options, lifetimes: { accessToken: 600 } });
  const { access_token: subject } = await signInForOrders(provider);
  provider.clock.advance(400);
  const first = await exchanged(provider, subject, { resource: stock });
  assertEquals(first.expires_in, 200);
  const { exp = 0, iat = 0 } = decodeJwt(first.access_token);
  assertEquals(exp - iat, 200);
  provider.clock.advance(150);
  const next = await exchanged(provider, first.access_token, { scope: "read" });
  assertEquals(next.expires_in, 50);
  provider.clock.advance(51);
  assertEquals(await introspect(provider, next.access_token, "api"), { active: false });
  const late = await exchange(provider, subject, { resource: stock });
  assertEquals(await answerOf(late), "400 invalid_request");
});

Deno.test("a bound token needs a proof of its key, and the new one is bound to the caller's", async () => {
  await using provider = await aProvider(options);
  const [hers, other] = [await aDpopKey(provider), await aDpopKey(provider)];
  const proved = async (key: typeof hers) => ({ dpop: await key.proof({ path: "/token" }) });
  const parameters = { scope: "openid read write", resource: orders, dpop_jkt: hers.thumbprint };
  const code = await provider.authorize({ client: "shop", parameters });
  const bound = await tokensOf(
    await provider.exchange(code, { client: "shop" }, await proved(hers)),
  );
  const { access_token: bearer } = await signInForOrders(provider);
  const to = { resource: stock };
  const refused = "400 invalid_request";
  const table: [string, Record<string, string>, string][] = [
    [bound.access_token, {}, refused],
    [bound.access_token, await proved(other), refused],
    [bound.access_token, await proved(hers), `DPoP ${hers.thumbprint}`],
    [bearer, {}, "Bearer"],
    [bearer, await proved(other), `DPoP ${other.thumbprint}`],
  ];
  for (const [token, headers, expected] of table) {
    const response = await exchange(provider, token, to, { headers });
    if (expected === refused) assertEquals(await answerOf(response), refused);
    else {
      const body = await response.json();
      const { cnf } = decodeJwt<{ cnf?: { jkt: string } }>(body.access_token);
      assertEquals([body.token_type, cnf?.jkt].join(" ").trim(), expected);
      const seen = await introspect(provider, body.access_token, "api");
      assertEquals(seen.token_type, body.token_type);
    }
  }
  const { dpop } = await proved(hers);
  assertEquals((await exchange(provider, bearer, to, { headers: { dpop } })).status, 200);
  const again = await exchange(provider, bearer, to, { headers: { dpop } });
  assertEquals(await answerOf(again), "400 invalid_dpop_proof");
});

Deno.test("a client's token for itself is exchanged too, and its end is the end of what came of it", async () => {
  await using provider = await aProvider(options);
  const form = { grant_type: "client_credentials", ...provider.credentials("shop") };
  const forOrders = { ...form, scope: "read", resource: orders };
  const subject = (await tokensOf(await provider.post("/token", forOrders))).access_token;
  const { access_token } = await exchanged(provider, subject, { resource: stock });
  assertObjectMatch(decodeJwt(access_token), {
    sub: "shop",
    client_id: "api",
    act: { sub: "api" },
  });
  const next = await exchanged(provider, access_token, { scope: "read" });
  assertEquals((await introspect(provider, next.access_token, "api")).active, true);

  await provider.post("/revoke", { token: subject, ...provider.credentials("shop") });
  for (const token of [access_token, next.access_token]) {
    assertEquals(await introspect(provider, token, "api"), { active: false });
  }
});

Deno.test("the end of a token is the end of all that came of it, and of nothing before", async () => {
  await using provider = await aProvider(options);
  const narrowed = async (token: string, client: string, form: Form = {}) =>
    (await exchanged(provider, token, form, { client })).access_token;
  const lives = async (token: string, client: string) =>
    (await introspect(provider, token, client)).active;
  /** Five exchanges: the application's own, and those of the API. */
  const chain = async (first: string) => {
    const tokens = [[first, "shop"]];
    tokens.push([await narrowed(first, "shop", { scope: "read" }), "shop"]);
    for (const form of [{ resource: stock }, { resource: stock }, {}]) {
      tokens.push([await narrowed(tokens.at(-1)?.[0] ?? "", "api", form), "api"]);
    }
    return tokens as [token: string, client: string][];
  };
  for (let revoked = 0; revoked < 5; revoked++) {
    const tokens = await chain((await signInForOrders(provider)).access_token);
    const [token, client] = tokens[revoked] ?? ["", ""];
    await provider.post("/revoke", { token, ...provider.credentials(client) });
    for (const [n, [one, holder]] of tokens.entries()) {
      assertEquals(await lives(one, holder), n < revoked, `${n} after the end of ${revoked}`);
      if (n < revoked) continue;
      const more = await exchange(provider, one, { scope: "read" }, { client: holder });
      assertEquals(await answerOf(more), "400 invalid_request");
    }
  }

  // What came of an ID token, at userinfo.
  const { id_token } = await signIn(provider, { client: "shop" });
  const byIdToken = { subject_token_type: idTokenType, scope: "openid email" };
  const parent = await narrowed(id_token, "shop", byIdToken);
  const child = await narrowed(parent, "shop", { scope: "openid" });
  assertEquals((await userinfo(provider, child)).status, 200);
  await provider.post("/revoke", { token: parent, ...provider.credentials("shop") });
  assertEquals((await userinfo(provider, child)).status, 401);

  // Each use looks at all of them, so they are few.
  let last = (await signInForOrders(provider)).access_token;
  for (let n = 0; n < 5; n++) last = await narrowed(last, "shop", { scope: "read" });
  assertEquals(await lives(last, "shop"), true);
  const sixth = await exchange(provider, last, { scope: "read" }, { client: "shop" });
  assertEquals(await answerOf(sixth), "400 invalid_request");
});

Deno.test("only an operator gives a client its policy", async () => {
  await using provider = await aProvider({ config: { registration: "open" } });
  const response = await provider.request("/register", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      redirect_uris: ["https://stranger.example/callback"],
      grant_types: ["authorization_code", grantType],
      token_exchange: { subject_audiences: [orders], resources: [stock] },
      may_act: "stranger",
    }),
  });
  const body = await response.json();
  assertEquals(response.status, 201);
  assertEquals(body.grant_types, ["authorization_code"]);
  assertEquals([body.token_exchange, body.may_act], [undefined, undefined]);
});

Deno.test("a token dies with the client that exchanged it, also if another one gets its id", async () => {
  await using api = await anAdminApi(options);
  const { provider } = api;
  const { access_token: subject } = await signInForOrders(provider);
  const { access_token } = await exchanged(provider, subject, { resource: stock });
  const { body: reader } = await api.post("/clients", { ...exchanger, client_id: "reader" });
  const watched = `/resources/${encodeURIComponent(stock)}`;
  await api.patch(watched, { introspection_clients: ["reader"] });
  const isActive = async () => {
    const form = { token: access_token, client_id: "reader", client_secret: reader.client_secret };
    return (await (await provider.post("/introspect", form)).json()).active;
  };
  assertEquals(await isActive(), true);
  provider.clock.advance(1);
  const headers = { "if-match": "*" };
  assertEquals((await api.call("DELETE", "/clients/api", { headers })).status, 204);
  assertEquals(await isActive(), false);
  const { status } = await api.post("/clients", { ...exchanger, client_id: "api" });
  assertEquals([status, await isActive()], [201, false]);
});

Deno.test("an ID token is exchanged while it is valid and its grant alive", async () => {
  await using provider = await aProvider({ ...options, lifetimes: { idToken: 300 } });
  const byIdToken = { subject_token_type: idTokenType, scope: "openid" };
  const ask = async (idToken: string) =>
    await answerOf(await exchange(provider, idToken, byIdToken, { client: "shop" }));
  const offline = { client: "shop", parameters: { scope: "openid offline_access" } };
  const { id_token, refresh_token } = await signIn(provider, offline);
  assertEquals(await ask(id_token), "200");
  const forged = `${id_token.slice(0, -8)}AAAAAAAA`;
  assertEquals(await ask(forged), "400 invalid_request");
  provider.clock.advance(301);
  assertEquals(await ask(id_token), "400 invalid_request");
  const refreshed = await tokensOf(await provider.refresh(refresh_token, { client: "shop" }));
  assertEquals(await ask(refreshed.id_token), "200");
  await provider.post("/revoke", {
    token: refreshed.refresh_token,
    ...provider.credentials("shop"),
  });
  assertEquals(await ask(refreshed.id_token), "400 invalid_request");
});

Deno.test("a token that is bound to a certificate is exchanged with that certificate alone", async () => {
  const bound = { tls_client_certificate_bound_access_tokens: true };
  const [shop, api] = clients;
  const all = [
    { ...shop, ...bound },
    api,
    aClient("vault", { ...exchanger, ...bound, token_exchange: { subject_audiences: [orders] } }),
  ] as ClientEntry[];
  await using provider = await aProvider({ ...options, clients: all, config: behindProxy });
  const [hers, own] = [await aCertificate(), await aCertificate()];
  const parameters = { scope: "openid read", resource: orders };
  const code = await provider.authorize({ client: "shop", parameters });
  const { access_token: subject } = await tokensOf(
    await provider.exchange(code, { client: "shop" }, hers.header),
  );
  const ask = (headers: Record<string, string>) =>
    exchange(provider, subject, { resource: stock }, { headers });
  assertEquals(await answerOf(await ask({})), "400 invalid_request");
  assertEquals(await answerOf(await ask(own.header)), "400 invalid_request");
  // The API is not registered for it, but what it gets came of a bound token, and so does the next one.
  const cnf = { "x5t#S256": hers.thumbprint };
  const { access_token } = await tokensOf(await ask(hers.header));
  assertEquals(decodeJwt(access_token).cnf, cnf);
  const again = (headers: Record<string, string>) =>
    exchange(provider, access_token, { resource: stock, scope: "read" }, { headers });
  assertEquals(await answerOf(await again({})), "400 invalid_request");
  assertEquals(await answerOf(await again(own.header)), "400 invalid_request");
  const third = (await tokensOf(await again(hers.header))).access_token;
  assertEquals((await introspect(provider, third, "api")).cnf, cnf);
  // A proof beside it binds to its key too.
  const key = await aDpopKey(provider);
  const both = { ...hers.header, dpop: await key.proof({ path: "/token" }) };
  const byBoth = await tokensOf(await ask(both));
  assertEquals(decodeJwt(byBoth.access_token).cnf, { ...cnf, jkt: key.thumbprint });

  const form = { grant_type: "client_credentials", scope: "read", resource: orders };
  const machine = { ...form, ...provider.credentials("vault") };
  const itself = await tokensOf(await provider.post("/token", machine, own.header));
  const narrow = (headers: Record<string, string>) =>
    exchange(provider, itself.access_token, {}, { client: "vault", headers });
  assertEquals(await answerOf(await narrow(hers.header)), "400 invalid_request");
  const next = await tokensOf(await narrow(own.header));
  const seen = await introspect(provider, next.access_token, "vault");
  assertEquals(seen.cnf, { "x5t#S256": own.thumbprint });
});
