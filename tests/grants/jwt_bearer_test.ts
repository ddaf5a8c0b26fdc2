import { assertEquals, assertObjectMatch } from "@std/assert";
import { decodeJwt, SignJWT } from "jose";
import type { TrustedIssuer } from "../../src/config/trusted_issuers.ts";
import { anAdminApi } from "../admin/api.ts";
import { aCertificate, behindProxy } from "../support/certificate.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshotWithoutAudit } from "../support/records.ts";
import { answerOf, introspect, signIn, tokensOf, userinfo } from "../support/tokens.ts";
import { grantType as tokenExchange } from "../support/token_exchange.ts";
import { aTrustedIssuer, idp, jwtBearer } from "../support/trusted_issuer.ts";
import { testWeb } from "../support/web.ts";

const [api, other] = ["https://api.example", "https://other.example"];
const resources = [
  { resource: api, scopes: ["read", "write", "admin"], access_token_format: "jwt" },
  { resource: other, scopes: ["read"] },
];
const members = {
  grant_types: [jwtBearer],
  redirect_uris: [],
  post_logout_redirect_uris: [],
  scope: "openid email read write",
};
const clients = [aClient("wiki", members), aClient("notes", members)];

type Form = Readonly<Record<string, string | undefined>>;

function present(
  provider: TestProvider,
  assertion: string,
  form: Form = {},
  headers: Record<string, string> = {},
) {
  const client = provider.credentials(form.client_id ?? "wiki");
  return provider.post("/token", { grant_type: jwtBearer, assertion, ...client, ...form }, headers);
}

const claims = { resource: api, scope: "read write other" };

Deno.test("a client gets a token for the user of an assertion, and no refresh token", async () => {
  const server = await aTrustedIssuer();
  const config = { trustedIssuers: [server.trusted()] };
  await using provider = await aProvider({ clients, resources, config });
  const { userId } = await provider.userOf(alice.username);
  const response = await present(provider, await server.idJag(provider, claims));
  const body = await response.json();
  assertEquals(response.status, 200, JSON.stringify(body));
  const { access_token, ...answer } = body;
  assertEquals(answer, { token_type: "Bearer", expires_in: 3600, scope: "read write" });
  const said = { sub: userId, aud: api, client_id: "wiki", scope: "read write" };
  assertObjectMatch(decodeJwt(access_token), said);
  assertObjectMatch(await introspect(provider, access_token, "wiki"), { active: true, ...said });
  const event = (await auditTrail(provider)).find(({ type }) => type === "assertion_exchanged");
  assertObjectMatch(event ?? {}, { userId, clientId: "wiki", actor: "client:wiki", about: idp });

  // Of what the client asks for it gets what is in the assertion too.
  const less = await server.idJag(provider, { ...claims, scope: "read" });
  const part = await tokensOf(await present(provider, less, { scope: "read write other" }));
  assertEquals(part.scope, "read");

  // Without a resource it is for userinfo. A list of one audience is as good as the audience.
  const assertion = await server.idJag(provider, { scope: "openid email", aud: [issuer] });
  const own = await tokensOf(await present(provider, assertion));
  const told = await (await userinfo(provider, own.access_token)).json();
  assertObjectMatch(told, { sub: userId, email: "alice@example.com" });
});

Deno.test("an assertion is refused for whatever is wrong with it, and nothing is stored", async () => {
  const server = await aTrustedIssuer();
  const stranger = await aTrustedIssuer();
  const config = {
    trustedIssuers: [server.trusted(), server.trusted({ issuer: "https://mail.example" })],
  };
  const all = [
    ...clients,
    aPublicClient("spa"),
    aClient("ungranted", { ...members, grant_types: ["client_credentials"] }),
  ];
  await using provider = await aProvider({ clients: all, resources, config });
  const now = provider.clock.seconds();
  const make = (changed: Record<string, unknown>, header = {}) =>
    server.idJag(provider, { ...claims, ...changed }, header);
  const good = await make({});
  const [head = "", payload = "", signature = ""] = good.split(".");
  const secret = new TextEncoder().encode(JSON.stringify(server.publicJwk));
  const confused = await new SignJWT(decodeJwt(good))
    .setProtectedHeader({ typ: "oauth-id-jag+jwt", alg: "HS256", kid: "idp-1" }).sign(secret);
  const none = btoa('{"alg":"none","typ":"oauth-id-jag+jwt"}').replaceAll("=", "");
  const invalid = "400 invalid_grant";
  const table: [what: string, answer: string, assertion: string, form?: Form][] = [
    ["no JWT", invalid, "abc"],
    ["no signature", invalid, `${none}.${payload}.`],
    ["another signature", invalid, `${head}.${payload}.${signature.slice(0, -4)}AAAA`],
    ["a public key as secret", invalid, confused],
    ["another server's key", invalid, await stranger.idJag(provider, claims)],
    ["another type", invalid, await make({}, { typ: "at+jwt" })],
    ["a kind that is not accepted", invalid, await make({}, { typ: "JWT" })],
    ["no type", invalid, await make({}, { typ: undefined })],
    ["an unknown key", invalid, await make({}, { kid: "idp-2" })],
    ["an unknown issuer", invalid, await make({ iss: "https://evil.example" })],
    ["ourselves", invalid, await make({ iss: issuer })],
    ["another audience", invalid, await make({ aud: "https://chat.example" })],
    ["the token endpoint", invalid, await make({ aud: `${issuer}/token` })],
    ["the issuer with a slash", invalid, await make({ aud: `${issuer}/` })],
    ["several audiences", invalid, await make({ aud: [issuer, idp] })],
    ["our audience twice", invalid, await make({ aud: [issuer, issuer] })],
    ["a list of no audience", invalid, await make({ aud: [] })],
    ["a list of another audience", invalid, await make({ aud: [idp] })],
    ["no audience", invalid, await make({ aud: undefined })],
    ["another client_id", invalid, await make({ client_id: "notes" })],
    ["no client_id", invalid, await make({ client_id: undefined })],
    ["another client presents it", invalid, good, { client_id: "notes" }],
    ["a client that the issuer is not for", invalid, await make({ client_id: "notes" }), {
      client_id: "notes",
    }],
    ["expired", invalid, await make({ exp: now - 31 })],
    ["no end", invalid, await make({ exp: undefined })],
    ["an end too far", invalid, await make({ exp: now + 700 })],
    ["of the future", invalid, await make({ iat: now + 60 })],
    ["not valid yet", invalid, await make({ nbf: now + 60 })],
    ["no jti", invalid, await make({ jti: undefined })],
    ["a long jti", invalid, await make({ jti: "x".repeat(257) })],
    ["an unknown user", invalid, await make({ sub: "mallory" })],
    ["no user", invalid, await make({ sub: undefined })],
    ["an unknown confirmation", invalid, await make({ cnf: { kid: "x" } })],
    ["an empty confirmation", invalid, await make({ cnf: {} })],
    ["a key that is none", invalid, await make({ cnf: { jkt: 1 } })],
    ["another resource", "400 invalid_target", await make({}), { resource: other }],
    ["an unknown resource", invalid, await make({ resource: "https://x.example" })],
    ["the admin API", invalid, await make({ resource: `${issuer}/api/v1` })],
    ["two resources, none named", "400 invalid_target", await make({ resource: [api, other] })],
    ["no resource is allowed", invalid, await make({ resource: [] })],
    [
      "no resource, but a scope of this server",
      invalid,
      await make({ resource: [], scope: "openid" }),
    ],
    ["more than it has", "400 invalid_scope", await make({ scope: "read" }), { scope: "write" }],
    ["more than is registered", invalid, await make({ scope: "admin" })],
    ["a public client", "401 invalid_client", good, { client_id: "spa" }],
    ["a client without the grant", "400 unauthorized_client", good, { client_id: "ungranted" }],
    ["a wrong secret", "401 invalid_client", good, { client_secret: "wrong" }],
  ];
  const before = await snapshotWithoutAudit(provider.backend);
  for (const [what, answer, assertion, form] of table) {
    assertEquals(await answerOf(await present(provider, assertion, form)), answer, what);
  }
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
  assertEquals(await answerOf(await present(provider, good)), "200");
  assertEquals(await answerOf(await present(provider, good)), invalid);
  // The ids of one issuer are not those of another.
  const { jti } = decodeJwt(good);
  const twin = await make({ iss: "https://mail.example", jti });
  assertEquals(await answerOf(await present(provider, twin)), "200");
});

Deno.test("an assertion opens once: of 20 concurrent requests, one gets a token", async () => {
  const server = await aTrustedIssuer();
  const config = { trustedIssuers: [server.trusted()] };
  await using provider = await aProvider({ clients, resources, config });
  const assertion = await server.idJag(provider, claims);
  const sent = Array.from({ length: 20 }, () => present(provider, assertion).then(answerOf));
  const answers = await Promise.all(sent);
  assertEquals(answers.filter((one) => one === "200").length, 1);
  assertEquals(new Set(answers), new Set(["200", "400 invalid_grant"]));
});

Deno.test("the issuer's rules say who is meant, and nobody is created", async () => {
  const server = await aTrustedIssuer();
  const bob = { username: "bob", password: "battery staple horse" };
  const carol = {
    username: "carol@corp.example",
    password: "battery staple horse",
    claims: { email: "carol@corp.example", email_verified: true },
  };
  const everybody = { clients, resources, users: [alice, bob, carol] };
  const rules = async (members: Partial<TrustedIssuer>) => {
    const config = { trustedIssuers: [server.trusted({ usernameClaim: null, ...members })] };
    return await aProvider({ ...everybody, config });
  };
  const named = async (provider: TestProvider, claimed: Record<string, unknown>) => {
    const assertion = await server.idJag(provider, { ...claims, ...claimed });
    const response = await present(provider, assertion);
    const body = await response.json();
    if (response.status !== 200) return body.error;
    const { sub } = decodeJwt(body.access_token);
    for (const { username } of everybody.users) {
      if ((await provider.userOf(username)).userId === sub) return username;
    }
  };
  {
    await using provider = await rules({ usernameClaim: "preferred_username" });
    assertEquals(await named(provider, { preferred_username: "Bob", sub: "alice" }), "bob");
    assertEquals(await named(provider, { sub: "alice" }), "invalid_grant");
    assertEquals(await named(provider, { preferred_username: ["bob"] }), "invalid_grant");
    // What a rule does not read may be of any type: some servers write "true", or null.
    for (const odd of [{ email: null, email_verified: "true" }, { email: ["a", "b"] }]) {
      assertEquals(await named(provider, { preferred_username: "bob", ...odd }), "bob");
    }
  }
  await using provider = await rules({ emailDomains: ["corp.example"] });
  const verified = { email_verified: true };
  const of = (email: string) => named(provider, { email, ...verified });
  assertEquals(await of("carol@corp.example"), "carol@corp.example");
  assertEquals(await of("Carol@Corp.example"), "carol@corp.example");
  assertEquals(await of("alice@example.com"), "invalid_grant");
  assertEquals(await of("alice@example.com@corp.example"), "invalid_grant");
  assertEquals(await of("nobody@corp.example"), "invalid_grant");
  assertEquals(await named(provider, { email: "carol@corp.example" }), "invalid_grant");
  for (const email_verified of [false, "true", 1, null]) {
    const unverified = { email: "carol@corp.example", email_verified };
    assertEquals(await named(provider, unverified), "invalid_grant");
  }

  const linked = new Map([["00u2", "A".repeat(22)]]);
  await using linking = await rules({ users: linked });
  linked.set("00u1", (await linking.userOf("bob")).userId);
  assertEquals(await named(linking, { sub: "00u1" }), "bob");
  assertEquals(await named(linking, { sub: "00u2" }), "invalid_grant");
  assertEquals(await named(linking, { sub: "00u3" }), "invalid_grant");
});

Deno.test("a plain JWT is taken where it is allowed, and a bound one needs a proof of its key", async () => {
  const server = await aTrustedIssuer();
  const config = {
    trustedIssuers: [server.trusted({ assertions: ["jwt", "id-jag"] })],
    ...behindProxy,
  };
  await using provider = await aProvider({ clients, resources, config });
  for (const client_id of [undefined, "wiki"]) {
    const plain = await server.idJag(provider, { ...claims, client_id }, { typ: undefined });
    assertEquals(await answerOf(await present(provider, plain)), "200");
  }
  const foreign = await server.idJag(provider, { ...claims, client_id: "notes" }, { typ: "JWT" });
  assertEquals(await answerOf(await present(provider, foreign)), "400 invalid_grant");

  const [key, another] = [await aDpopKey(provider), await aDpopKey(provider)];
  const bound = await server.idJag(provider, { ...claims, cnf: { jkt: key.thumbprint } });
  assertEquals(await answerOf(await present(provider, bound)), "400 invalid_grant", "no proof");
  const wrong = { dpop: await another.proof({ path: "/token" }) };
  assertEquals(await answerOf(await present(provider, bound, {}, wrong)), "400 invalid_grant");
  const right = { dpop: await key.proof({ path: "/token" }) };
  const { token_type } = await (await present(provider, bound, {}, right)).json();
  assertEquals(token_type, "DPoP");

  const [certificate, stolen] = [await aCertificate(), await aCertificate()];
  const cnf = { "x5t#S256": certificate.thumbprint };
  const byCertificate = await server.idJag(provider, { ...claims, cnf });
  const send = async (headers = {}) =>
    await answerOf(await present(provider, byCertificate, {}, headers));
  assertEquals(await send(), "400 invalid_grant");
  assertEquals(await send(stolen.header), "400 invalid_grant");
  // The client is not registered for it, but the assertion is bound, and so is the token.
  const got = await present(provider, byCertificate, {}, certificate.header);
  const { access_token } = await tokensOf(got);
  assertEquals((await introspect(provider, access_token, "wiki")).cnf, cnf);
});

Deno.test("the issuer's keys are fetched by its metadata, and once more for an unknown key", async () => {
  const [server, next] = [await aTrustedIssuer(), await aTrustedIssuer("ES256", "idp-2")];
  const web = testWeb();
  const at = `${idp}/.well-known/openid-configuration`;
  const publish = (...keys: unknown[]) => web.publish(`${idp}/keys`, JSON.stringify({ keys }));
  const config = { trustedIssuers: [server.trusted({ jwks: null })] };
  await using provider = await aProvider({ clients, resources, config, transport: web });
  const ask = async (from = server) =>
    await answerOf(await present(provider, await from.idJag(provider, claims)));

  publish(server.publicJwk);
  web.publish(at, JSON.stringify({ issuer: "https://evil.example", jwks_uri: `${idp}/keys` }));
  assertEquals(await ask(), "400 invalid_grant");
  web.publish(at, JSON.stringify({ issuer: idp, jwks_uri: `${idp}/keys` }));
  assertEquals(await ask(), "400 invalid_grant"); // not again within ten seconds
  provider.clock.advance(11);
  assertEquals([await ask(), await ask()], ["200", "200"]);
  const asked = web.asked.length;
  publish(server.publicJwk, next.publicJwk);
  assertEquals(await ask(next), "400 invalid_grant");
  assertEquals(web.asked.length, asked);
  provider.clock.advance(11);
  assertEquals([await ask(next), await ask()], ["200", "200"]);
  assertEquals(web.asked.length, asked + 2);
  // A client that fails makes the server ask nobody.
  provider.clock.advance(100_000);
  const anybody = await present(provider, await server.idJag(provider), { client_secret: "wrong" });
  assertEquals(await answerOf(anybody), "401 invalid_client");
  assertEquals(web.asked.length, asked + 2);
});

Deno.test("an issuer's metadata lead into the operator's networks only to the issuer itself", async () => {
  const server = await aTrustedIssuer();
  const web = testWeb();
  const keys = JSON.stringify({ keys: [server.publicJwk] });
  const outcome = async (jwks_uri: string, members: Partial<TrustedIssuer>) => {
    for (const path of [jwks_uri, members.jwksUri ?? jwks_uri]) web.publish(path, keys);
    const metadata = JSON.stringify({ issuer: idp, jwks_uri });
    web.publish(`${idp}/.well-known/openid-configuration`, metadata);
    await using provider = await aProvider({
      clients,
      resources,
      transport: { ...web, resolve: () => Promise.resolve(["10.1.0.9"]) },
      config: {
        trustedIssuers: [server.trusted({ jwks: null, ...members })],
        outgoing: { hosts: null, privateNetworks: ["10.1.0.0/16"] },
      },
    });
    return await answerOf(await present(provider, await server.idJag(provider, claims)));
  };
  const internal = "https://internal.example/keys";
  assertEquals(await outcome(`${idp}/keys`, {}), "200");
  for (const other of [internal, "https://idp.example:8443/keys", "https://sub.idp.example/keys"]) {
    web.asked.length = 0;
    assertEquals(await outcome(other, {}), "400 invalid_grant", other);
    assertEquals(web.asked, [`${idp}/.well-known/openid-configuration`], other);
  }
  assertEquals(await outcome(internal, { jwksUri: internal }), "200"); // the operator's own word
});

Deno.test("the token ends with the user, the withdrawal and the client, and is not given to who may not", async () => {
  const server = await aTrustedIssuer();
  const config = { trustedIssuers: [server.trusted()] };
  await using admin = await anAdminApi({ clients, resources, config });
  const { provider } = admin;
  const { userId } = await provider.userOf(alice.username);
  const get = async () => await present(provider, await server.idJag(provider, claims));
  const active = async (token: string) => (await introspect(provider, token, "wiki")).active;
  const first = (await tokensOf(await get())).access_token;
  assertEquals(await active(first), true);
  assertEquals((await admin.post(`/users/${userId}/suspend`)).status, 200);
  assertEquals([await active(first), await answerOf(await get())], [false, "400 invalid_grant"]);
  await admin.post(`/users/${userId}/activate`);
  const second = (await tokensOf(await get())).access_token;
  assertEquals([await active(first), await active(second)], [false, true]);
  await admin.patch("/clients/wiki", { allowed_groups: ["staff"] });
  assertEquals([await active(second), await answerOf(await get())], [false, "400 invalid_grant"]);
});

Deno.test("an assertion for another server works there, once, and not here", async () => {
  const wiki = aClient("wiki", {
    grant_types: ["authorization_code", tokenExchange, jwtBearer],
    id_jag_audiences: [{ audience: idp, client_id: "wiki", resources: [api], scope: "read" }],
  });
  await using home = await aProvider({ clients: [wiki] });
  const { id_token } = await signIn(home);
  const issued = await home.post("/token", {
    grant_type: tokenExchange,
    requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
    subject_token: id_token,
    subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
    audience: idp,
    resource: api,
    scope: "read",
    ...home.credentials(),
  });
  const { access_token: assertion } = await issued.json();
  assertEquals(await answerOf(await present(home, assertion)), "400 invalid_grant");

  const { keys } = await (await home.request("/.well-known/jwks.json")).json();
  const users = new Map<string, string>();
  const server = await aTrustedIssuer();
  const trusted = server.trusted({ issuer, jwks: { keys }, users, usernameClaim: null });
  const config = { issuer: idp, trustedIssuers: [trusted] };
  await using there = await aProvider({ clients, resources, config });
  const { userId } = await there.userOf(alice.username);
  users.set((await home.userOf(alice.username)).userId, userId);
  const { access_token } = await tokensOf(await present(there, assertion));
  assertObjectMatch(decodeJwt(access_token), { iss: idp, sub: userId, aud: api, scope: "read" });
  assertEquals(await answerOf(await present(there, assertion)), "400 invalid_grant");
});
