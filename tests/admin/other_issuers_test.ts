import { assert, assertEquals, assertRejects } from "@std/assert";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import { anInstallation } from "../boot/installation.ts";
import { callback, configure, register } from "../registration/registration.ts";
import { aClient } from "../support/clients.ts";
import { countedKv } from "../support/counted_kv.ts";
import { issuer, type TestProvider } from "../support/provider.ts";
import { answerOf } from "../support/tokens.ts";
import { aTrustedIssuer, idp, jwtBearer } from "../support/trusted_issuer.ts";
import { testWeb } from "../support/web.ts";
import { account, aWorkload, cluster, workloads } from "../support/workload.ts";
import { type AdminApi, anAdminApi, problemOf } from "./api.ts";

const members = { grant_types: [jwtBearer], redirect_uris: [], post_logout_redirect_uris: [] };
const clients = [
  aClient("wiki", { ...members, scope: "openid" }),
  aWorkload("orders"),
];
const at = (kind: "trusted" | "workload", name: string) =>
  `/${kind}-issuers/${encodeURIComponent(name)}`;

async function present(provider: TestProvider, assertion: string): Promise<string> {
  const form = { grant_type: jwtBearer, assertion, ...provider.credentials("wiki") };
  return await answerOf(await provider.post("/token", form));
}

async function work(provider: TestProvider, form: Record<string, string>): Promise<string> {
  return await answerOf(
    await provider.post("/token", { grant_type: "client_credentials", ...form }),
  );
}

async function remove(api: AdminApi, path: string) {
  const { etag } = await api.get(path);
  return await api.call("DELETE", path, { headers: { "if-match": etag } });
}

async function advertised({ provider }: AdminApi) {
  const document = await (await provider.request("/.well-known/openid-configuration")).json();
  return [
    document.grant_types_supported.includes(jwtBearer),
    document.authorization_grant_profiles_supported !== undefined,
    document.token_endpoint_auth_methods_supported.includes("workload_jwt"),
  ];
}

Deno.test("an issuer of the admin API is trusted at the next request, and no longer after it is deleted", async () => {
  const [server, workload] = [await aTrustedIssuer(), await workloads()];
  const transport = testWeb();
  const jwks_uri = `${cluster}/keys`;
  transport.publish(jwks_uri, JSON.stringify({ keys: [workload.publicJwk] }));
  await using api = await anAdminApi({ clients, transport });
  const { provider } = api;
  const outcomes = async () => [
    await present(provider, await server.idJag(provider)),
    await work(provider, await workload.form(provider, "orders")),
  ];
  const none = ["400 invalid_grant", "401 invalid_client"];
  assertEquals([await outcomes(), await advertised(api)], [none, [false, false, false]]);

  const trusted = {
    issuer: idp,
    jwks: { keys: [{ ...server.publicJwk, d: "never kept" }] },
    clients: ["wiki"],
    username_claim: "sub",
  };
  const created = await api.post("/trusted-issuers", trusted);
  const usual = { assertions: ["id-jag"], users: {} };
  const shown = { ...trusted, ...usual, jwks: { keys: [server.publicJwk] } };
  assertEquals([created.status, created.body], [201, shown]);
  assertEquals(await advertised(api), [true, true, false]);
  const made = await api.post("/workload-issuers", { issuer: cluster, jwks_uri });
  assertEquals(made.body, { issuer: cluster, jwks_uri, reusable: false, longest_lifetime: 7200 });
  assertEquals([await outcomes(), await advertised(api)], [["200", "200"], [true, true, true]]);

  await api.patch(at("trusted", idp), { assertions: ["jwt"] });
  assertEquals((await outcomes())[0], none[0]);
  assertEquals(await advertised(api), [true, false, true]);
  await api.patch(at("trusted", idp), { assertions: ["id-jag", "jwt"], clients: ["notes"] });
  assertEquals((await outcomes())[0], none[0]);
  const { userId } = await provider.userOf("alice");
  await api.patch(at("trusted", idp), { clients: ["wiki"], users: { alice: userId } });
  await api.patch(at("workload", cluster), { longest_lifetime: 60 });
  assertEquals(await outcomes(), ["200", none[1]]);
  for (const path of [at("trusted", idp), at("workload", cluster)]) {
    assertEquals((await remove(api, path)).status, 204);
    assertEquals(problemOf(await api.get(path)), "404 not-found");
  }
  assertEquals([await outcomes(), await advertised(api)], [none, [false, false, false]]);
  const events = (await api.events()).filter((type) => type.includes("_issuer_"));
  assertEquals(events.sort(), [
    ...["trusted_issuer_created", "trusted_issuer_deleted"],
    ...Array.from({ length: 3 }, () => "trusted_issuer_updated"),
    ...["workload_issuer_created", "workload_issuer_deleted", "workload_issuer_updated"],
  ]);
});

Deno.test("an issuer of the configuration comes before one that is stored, and this server is never one", async () => {
  const [server, other] = [await aTrustedIssuer(), await aTrustedIssuer()];
  const [workload, forged] = [await workloads(), await workloads()];
  const { calls, wrap } = countedKv();
  await using api = await anAdminApi({
    wrap,
    clients: [...clients, aWorkload("own", { workload_issuer: issuer })],
    config: { trustedIssuers: [server.trusted()], workloadIssuers: [workload.trusted()] },
  });
  const { provider } = api;
  const keys = { jwks: { keys: [other.publicJwk] } };
  const trusted = { issuer: idp, ...keys, clients: ["wiki"], username_claim: "sub" };
  assertEquals((await api.post("/trusted-issuers", trusted)).status, 201);
  const jwks = { keys: [forged.publicJwk] };
  assertEquals((await api.post("/workload-issuers", { issuer: cluster, jwks })).status, 201);
  assertEquals(await present(provider, await server.idJag(provider)), "200");
  assertEquals(await present(provider, await other.idJag(provider)), "400 invalid_grant");
  assertEquals(await work(provider, await workload.form(provider, "orders")), "200");
  const wrong = await forged.form(provider, "orders");
  assertEquals(await work(provider, wrong), "401 invalid_client");

  // Only an issuer that the configuration does not name costs a read.
  const elsewhere = "https://elsewhere.example";
  await api.post("/trusted-issuers", { ...trusted, issuer: elsewhere });
  const reads: number[] = [];
  for (
    const by of [() => server.idJag(provider), () => other.idJag(provider, { iss: elsewhere })]
  ) {
    const assertion = await by();
    calls.length = 0;
    assertEquals(await present(provider, assertion), "200");
    reads.push(calls.filter((call) => call === "read").length);
  }
  assertEquals(reads[1], (reads[0] ?? 0) + 1);

  // As if the server had another URL when they were stored.
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { found } = await tx.read({ found: providers.ref() });
    if (!isPresent(found)) throw new Error("no provider");
    const { workloadIssuers, trustedIssuers } = found.value;
    tx.replace(found, {
      ...found.value,
      workloadIssuers: workloadIssuers.map((one) => ({ ...one, issuer })),
      trustedIssuers: trustedIssuers.map((one) => ({ ...one, issuer })),
    });
  });
  const own = await forged.form(provider, "own", { claims: { iss: issuer } });
  assertEquals(await work(provider, own), "401 invalid_client");
  const assertion = await other.idJag(provider, { iss: issuer });
  assertEquals(await present(provider, assertion), "400 invalid_grant");

  // Discovery does not say what only the stored one of two would do.
  const config = { trustedIssuers: [server.trusted({ assertions: ["jwt"] })] };
  await using less = await anAdminApi({ config });
  await less.post("/trusted-issuers", trusted);
  assertEquals(await advertised(less), [true, false, false]);
});

Deno.test("issuers of the environment are listed, read and marked, and cannot be changed here", async () => {
  const [server, workload] = [await aTrustedIssuer(), await workloads()];
  await using api = await anAdminApi({
    config: { trustedIssuers: [server.trusted()], workloadIssuers: [workload.trusted()] },
  });
  const trusted = {
    issuer: idp,
    jwks: { keys: [server.publicJwk] },
    clients: ["wiki"],
    assertions: ["id-jag"],
    users: {},
    username_claim: "sub",
  };
  const kinds = [["trusted", idp, trusted], ["workload", cluster, { issuer: cluster }]] as const;
  for (const [kind, name, entry] of kinds) {
    const list = async () => (await api.get(`/${kind}-issuers`)).body.items;
    const [listed, ...others] = await list();
    assertEquals([others, listed.source], [[], "environment"]);
    assertEquals((await api.get(at(kind, name))).body, listed);
    if (kind === "trusted") assertEquals(listed, { ...trusted, source: "environment" });
    const headers = { "if-match": "*" };
    for (const method of ["PUT", "PATCH", "DELETE"]) {
      const body = method === "DELETE" ? {} : { body: entry };
      const refused = await api.call(method, at(kind, name), { headers, ...body });
      assertEquals(problemOf(refused), "409 conflict", method);
      assert(refused.body.detail.includes(`LATCHKEY_${kind.toUpperCase()}_ISSUERS`), method);
    }
    // One of the same name that is stored stands behind it, and can be changed and deleted. It can be
    // written as the other is shown, and is not of the environment for that.
    assertEquals((await api.post(`/${kind}-issuers`, listed)).status, 201);
    const put = await api.call("PUT", at(kind, name), { headers, body: listed });
    assertEquals([put.status, put.body.source], [200, undefined]);
    const stored = await api.get(at(kind, name));
    assertEquals(stored.body.source, undefined);
    const marked = await api.patch(at(kind, name), { source: "environment" });
    assertEquals(marked.status, 422);
    assertEquals(await list(), [listed, stored.body]);
    assertEquals((await api.patch(at(kind, name), {})).status, 200);
    assertEquals((await remove(api, at(kind, name))).status, 204);
    assertEquals(await list(), [listed]);
    const events = (await api.events()).filter((type) => type.startsWith(`${kind}_issuer_`));
    assertEquals(events.length, 2, "the changes changed nothing");
  }
});

Deno.test("an issuer that could not be trusted as written is refused, and there are few", async () => {
  await using api = await anAdminApi();
  const trusted = { issuer: idp, clients: ["wiki"], username_claim: "sub" };
  const jwks = { keys: [{ kty: "EC", crv: "P-256", x: "a", y: "b" }] };
  const wrong: [string, Record<string, unknown>][] = [
    ["/trusted-issuers", { ...trusted, issuer }],
    ["/trusted-issuers", { ...trusted, username_claim: undefined }],
    ["/trusted-issuers", { ...trusted, email_domains: ["a.example"] }],
    ["/trusted-issuers", { ...trusted, clients: [] }],
    ["/trusted-issuers", { ...trusted, jwks, jwks_uri: `${idp}/keys` }],
    ["/trusted-issuers", { ...trusted, issuer: "idp" }],
    ["/trusted-issuers", { ...trusted, more: 1 }],
    ["/workload-issuers", { issuer }],
    ["/workload-issuers", { issuer: cluster, longest_lifetime: 1 }],
    ["/workload-issuers", { issuer: cluster, jwks: { keys: [] } }],
  ];
  for (const [path, body] of wrong) {
    const answer = problemOf(await api.post(path, body));
    assertEquals(answer, "422 validation-failed", JSON.stringify(body));
  }
  const numbered = (n: number) => ({ ...trusted, issuer: `${idp}/${n}` });
  for (let n = 0; n < 16; n++) await api.post("/trusted-issuers", numbered(n));
  assertEquals(problemOf(await api.post("/trusted-issuers", numbered(1))), "409 conflict");
  assertEquals(problemOf(await api.post("/trusted-issuers", numbered(16))), "409 conflict");
  const users = Object.fromEntries(
    Array.from({ length: 200 }, (_, n) => [`s${n}${"x".repeat(60)}`, "u"]),
  );
  const large = await api.post("/workload-issuers", { issuer: cluster });
  assertEquals(large.status, 201);
  const path = at("trusted", `${idp}/1`);
  assertEquals(problemOf(await api.patch(path, { users })), "409 conflict");
  assertEquals(problemOf(await api.patch(path, { issuer: idp })), "422 validation-failed");
});

Deno.test("a client that an operator has made a workload of a stored issuer can still be updated by itself", async () => {
  await using api = await anAdminApi({ config: { registration: "open" } });
  const { body: made } = await register(api.provider, { redirect_uris: [callback] });
  await api.post("/workload-issuers", { issuer: cluster, jwks_uri: `${cluster}/keys` });
  const workload = {
    token_endpoint_auth_method: "workload_jwt",
    client_secret: null,
    workload_issuer: cluster,
    workload_subject: account,
  };
  const patched = await api.patch(`/clients/${made.client_id}`, workload);
  assertEquals(patched.status, 200, JSON.stringify(patched.body));
  const { status, body } = await configure(api.provider, "PUT", {
    uri: made.registration_client_uri,
    token: made.registration_access_token,
    body: { client_id: made.client_id, redirect_uris: [callback], client_name: "Renamed" },
  });
  assertEquals([status, body.token_endpoint_auth_method], [200, "workload_jwt"]);
});

Deno.test("the bootstrap file names issuers, and changes those that it names", async () => {
  await using installation = await anInstallation();
  const trusted = { issuer: idp, clients: ["wiki"], username_claim: "sub" };
  const stored = async (file: Record<string, unknown>) => {
    const { deps } = await installation.boot(file);
    const { provider } = await deps.kv.step(systemOrigin, (tx) => providers.read(tx, {}));
    const { trustedIssuers, workloadIssuers } = provider;
    return [
      trustedIssuers.map(({ issuer, clients }) => [issuer, clients]),
      workloadIssuers.map(({ issuer, reusable }) => [issuer, reusable]),
    ];
  };
  const file = { trusted_issuers: [trusted], workload_issuers: [{ issuer: cluster }] };
  assertEquals(await stored(file), [[[idp, ["wiki"]]], [[cluster, false]]]);
  const changed = {
    trusted_issuers: [{ ...trusted, clients: ["notes"] }],
    workload_issuers: [{ issuer: cluster, reusable: true }],
  };
  assertEquals(await stored(changed), [[[idp, ["notes"]]], [[cluster, true]]]);
  assertEquals(await stored({}), [[[idp, ["notes"]]], [[cluster, true]]]);
  const { deps } = await installation.boot({});
  const own = { ...trusted, issuer: deps.config.issuer };
  for (
    const wrong of [
      { trusted_issuers: [own] },
      { workload_issuers: [{ issuer: deps.config.issuer }] },
      { trusted_issuers: [trusted, trusted] },
      { trusted_issuers: [{ issuer: idp }] },
    ]
  ) {
    const error = await assertRejects(() => installation.boot(wrong), ConfigError);
    assert(error.message.includes("issuer"), error.message);
  }
});
