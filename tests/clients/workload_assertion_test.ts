import { assertEquals } from "@std/assert";
import { decodeJwt, exportSPKI, SignJWT } from "jose";
import { anAdminApi } from "../admin/api.ts";
import { callback, register } from "../registration/registration.ts";
import { aClientKey, type AssertionOptions } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { answerOf } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";
import { account, aWorkload, cluster, workloads } from "../support/workload.ts";

const wrong = "401 invalid_client";

async function ask(provider: TestProvider, form: Record<string, string>): Promise<string> {
  return await answerOf(
    await provider.post("/token", { grant_type: "client_credentials", ...form }),
  );
}

/** Tokens that the right key has signed, and what is wrong with each. */
function attacks(provider: TestProvider): Readonly<Record<string, AssertionOptions>> {
  const { issuer } = provider.deps.config;
  const now = provider.clock.seconds();
  return {
    "another subject": { claims: { sub: "system:serviceaccount:shop:other" } },
    "a longer subject": { claims: { sub: `${account}:environment:prod` } },
    "a subject in other case": { claims: { sub: account.toUpperCase() } },
    "no subject": { claims: { sub: undefined } },
    "another issuer": { claims: { iss: "https://other.example" } },
    "the issuer with a slash": { claims: { iss: `${cluster}/` } },
    "our own issuer": { claims: { iss: issuer } },
    "no issuer": { claims: { iss: undefined } },
    "another audience": { claims: { aud: "https://other.example" } },
    "several audiences": { claims: { aud: [issuer, "https://other.example"] } },
    "an endpoint as audience": { claims: { aud: `${issuer}/token` } },
    "no audience": { claims: { aud: undefined } },
    "an empty list of audiences": { claims: { aud: [] } },
    "no end": { claims: { exp: undefined } },
    "an end long ago": { claims: { exp: now - 31 } },
    "an end too far away": { claims: { exp: now + 7300 } },
    "an end that is no number": { claims: { exp: "soon" } },
    "a beginning in the future": { claims: { nbf: now + 60 } },
    "made in the future": { claims: { iat: now + 60 } },
    "a long jti": { claims: { jti: "x".repeat(257) } },
    "a jti that is no text": { claims: { jti: 7 } },
    "the type of an access token": { header: { typ: "at+jwt" } },
    "the type of a logout token": { header: { typ: "logout+jwt" } },
    "a key that the issuer does not have": { header: { kid: "2" } },
    "an extension that must be understood": { header: { crit: ["x"], x: 1 } },
  };
}

Deno.test("a workload's token is refused if anything in it is wrong, and nothing is spent", async () => {
  const issuer = await workloads();
  const key = await aClientKey();
  await using provider = await aProvider({
    clients: [
      aWorkload("orders"),
      aWorkload("other", { workload_subject: "other" }),
      aWorkload("elsewhere", { workload_issuer: "https://unknown.example" }),
      aKeyClient("key", { jwks: { keys: [key.publicJwk] }, grant_types: ["client_credentials"] }),
      aClient("shop", { grant_types: ["client_credentials"] }),
    ],
    config: { workloadIssuers: [issuer.trusted()] },
  });
  for (const [name, options] of Object.entries(attacks(provider))) {
    assertEquals(await ask(provider, await issuer.form(provider, "orders", options)), wrong, name);
  }
  const form = await issuer.form(provider, "orders");
  for (const client of ["other", "elsewhere", "key", "shop", "unknown", ""]) {
    assertEquals(await ask(provider, { ...form, client_id: client }), wrong, client);
  }
  const { client_id: _, ...unnamed } = form;
  assertEquals(await ask(provider, unnamed), wrong, "without client_id");
  assertEquals(await ask(provider, { ...form, client_secret: "x" }), "400 invalid_request");
  assertEquals(await ask(provider, await key.form(provider, "orders")), wrong, "its own assertion");
  assertEquals(await ask(provider, { client_id: "orders" }), wrong, "no token");

  const [, payload = "", signature = ""] = (form.client_assertion ?? "").split(".");
  const header = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const claims = decodeJwt(form.client_assertion ?? "");
  const secrets = [await exportSPKI(issuer.publicKey), JSON.stringify(issuer.publicJwk)];
  const forged = [
    `${header({ alg: "none" })}.${payload}.`,
    `${header({ alg: "RS256", kid: "cluster-1" })}.${payload}.`,
    `${header({ alg: "PS256", kid: "cluster-1" })}.${payload}.${signature}`,
    ...await Promise.all(
      secrets.map((secret) =>
        new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "cluster-1" })
          .sign(new TextEncoder().encode(secret))
      ),
    ),
    await new SignJWT(claims).setProtectedHeader({ alg: "ES256", jwk: key.publicJwk })
      .sign(key.privateKey),
  ];
  for (const client_assertion of forged) {
    assertEquals(await ask(provider, { ...form, client_assertion }), wrong);
  }
  assertEquals(await ask(provider, form), "200", "nothing was spent");
  const plain = await issuer.form(provider, "orders", {
    claims: { aud: provider.deps.config.issuer },
    header: { typ: "JWT" },
  });
  assertEquals(await ask(provider, plain), "200", "one audience as a text");
});

Deno.test("a workload's token is used once, for all clients together, unless its issuer's are reusable", async () => {
  const issuer = await workloads();
  const clients = [aWorkload("orders"), aWorkload("twin")];
  await using once = await aProvider({
    clients,
    config: { workloadIssuers: [issuer.trusted()] },
  });
  const form = await issuer.form(once, "orders");
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(once, form)));
  assertEquals(answers.filter((answer) => answer === "200").length, 1);
  assertEquals(await ask(once, { ...form, client_id: "twin" }), wrong);
  // Without a jti the token itself is remembered.
  const nameless = await issuer.form(once, "orders", { claims: { jti: undefined } });
  const other = await issuer.form(once, "orders", { claims: { jti: undefined, nonce: "2" } });
  assertEquals([await ask(once, nameless), await ask(once, other)], ["200", "200"]);
  assertEquals([await ask(once, nameless), await ask(once, other)], [wrong, wrong]);
  // Neither do other spellings of its signature, which verify too, make it another token.
  const [head, body, signature = ""] = (nameless.client_assertion ?? "").split(".");
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const nearLast = letters[letters.indexOf(signature.at(-1) ?? "") ^ 1] ?? "";
  const spellings = [`${signature} `, `${signature}\n`, ` ${signature}`, `${signature}==`]
    .concat(signature.slice(0, -1) + nearLast, `${signature.slice(0, 9)} ${signature.slice(9)}`);
  for (const spelling of spellings) {
    const client_assertion = [head, body, spelling].join(".");
    assertEquals(await ask(once, { ...nameless, client_assertion }), wrong, spelling.slice(-4));
  }
  once.clock.advance(3600);
  assertEquals(await ask(once, form), wrong, "to its very end");

  await using again = await aProvider({
    clients,
    config: { workloadIssuers: [issuer.trusted({ reusable: true })] },
  });
  const kept = await issuer.form(again, "orders");
  assertEquals([await ask(again, kept), await ask(again, kept)], ["200", "200"]);
  again.clock.advance(3607 + 31);
  assertEquals(await ask(again, kept), wrong);
});

Deno.test("the keys of an issuer are found by its metadata, kept, and looked up again for a new key", async () => {
  const web = testWeb();
  const [issuer, next] = [await workloads(), await workloads("ES256", "cluster-2")];
  const trusted = issuer.trusted({ jwks: null });
  const metadata = `${cluster}/.well-known/openid-configuration`;
  const jwks_uri = `${cluster}/openid/v1/jwks`;
  await using provider = await aProvider({
    clients: [aWorkload("orders")],
    config: { workloadIssuers: [trusted] },
    transport: web,
  });
  const at = async (by: typeof issuer) => await ask(provider, await by.form(provider, "orders"));
  assertEquals(await at(issuer), wrong, "nothing is published");
  web.publish(metadata, JSON.stringify({ issuer: "https://other.example", jwks_uri }));
  web.publish(jwks_uri, JSON.stringify({ keys: [issuer.publicJwk] }));
  provider.clock.advance(11);
  assertEquals(await at(issuer), wrong, "the metadata of another issuer");
  web.publish(metadata, JSON.stringify({ issuer: cluster, jwks_uri }));
  provider.clock.advance(11);
  assertEquals([await at(issuer), await at(issuer)], ["200", "200"]);
  const asked = web.asked.length;
  assertEquals(await at(next), wrong, "at most once in ten seconds");
  assertEquals(web.asked.length, asked);
  web.publish(jwks_uri, JSON.stringify({ keys: [next.publicJwk] }));
  provider.clock.advance(11);
  assertEquals([await at(next), await at(issuer)], ["200", wrong]);
  web.publish(jwks_uri, { status: 500 });
  provider.clock.advance(7200);
  assertEquals(await at(next), "200", "known keys work while others cannot be fetched");
});

Deno.test("a wrong token counts as a guess and leaves an event, and a code of before a change of the subject is dead", async () => {
  const issuer = await workloads();
  const limits = { ...defaultConfig.limits, clientAuthentication: { count: 2, seconds: 60 } };
  await using server = await anAdminApi({
    clients: [
      aWorkload("orders", {
        grant_types: ["client_credentials", "authorization_code"],
        redirect_uris: ["https://orders.example/callback"],
      }),
    ],
    config: { workloadIssuers: [issuer.trusted()], rateLimits: true, limits },
  });
  const { provider } = server;
  const code = await provider.authorize({ client: "orders" });
  const bad = () => issuer.form(provider, "orders", { claims: { sub: "other" } });
  assertEquals(await ask(provider, await issuer.form(provider, "orders")), "200");
  const changed = await server.patch("/clients/orders", { workload_subject: "renamed" });
  assertEquals([changed.status, changed.body.workload_subject], [200, "renamed"]);
  const parameters = await issuer.form(provider, "orders", { claims: { sub: "renamed" } });
  const exchanged = await provider.exchange(code, { client: "orders", parameters });
  assertEquals(await answerOf(exchanged), "400 invalid_grant");
  assertEquals(await ask(provider, await issuer.form(provider, "orders")), wrong);
  assertEquals(await ask(provider, await bad()), wrong);
  assertEquals(await ask(provider, await bad()), "429 temporarily_unavailable");
  const reasons = (await auditTrail(provider))
    .filter(({ type }) => type === "client_authentication_failed").map(({ reason }) => reason);
  assertEquals(new Set(reasons), new Set(["client_assertion_wrong"]));
});

Deno.test("an operator registers a workload with issuer and subject; nobody registers itself as one", async () => {
  const issuer = await workloads();
  const config = { workloadIssuers: [issuer.trusted()], registration: "open" } as const;
  await using server = await anAdminApi({ config });
  const { workload_issuer: _, ...noIssuer } = aWorkload("a");
  const { workload_subject: __, ...noSubject } = aWorkload("b");
  const refused: Record<string, unknown>[] = [
    noIssuer,
    noSubject,
    aWorkload("c", { workload_subject: "" }),
    aWorkload("d", { workload_subject: "a\nb" }),
    aWorkload("e", { workload_issuer: "cluster" }),
    aWorkload("f", { client_secret: "Zk3vQ9xT7mLw2pRb8nYc5dHs" }),
    aWorkload("g", { profile: "fapi2" }),
    aClient("h", { workload_issuer: cluster, workload_subject: account }),
  ];
  for (const metadata of refused) {
    const { status } = await server.post("/clients", metadata);
    assertEquals(status, 422, JSON.stringify(metadata));
  }
  assertEquals((await server.post("/clients", aWorkload("orders"))).status, 201);
  const { status, body } = await register(server.provider, {
    redirect_uris: [callback],
    token_endpoint_auth_method: "workload_jwt",
    workload_issuer: cluster,
    workload_subject: account,
  });
  assertEquals([status, body.error], [400, "invalid_client_metadata"]);
  const document = await (await server.provider.request("/.well-known/openid-configuration"))
    .json();
  assertEquals(document.token_endpoint_auth_methods_supported.includes("workload_jwt"), true);
  await using without = await aProvider();
  const plain = await (await without.request("/.well-known/openid-configuration")).json();
  assertEquals(plain.token_endpoint_auth_methods_supported.includes("workload_jwt"), false);
});
