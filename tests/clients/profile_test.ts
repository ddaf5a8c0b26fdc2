import { assertEquals } from "@std/assert";
import { decodeProtectedHeader } from "jose";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import * as providers from "../../stores/provider.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { members as memberTable } from "../../src/clients/members.ts";
import { clientMetadataSchema } from "../../src/clients/metadata.ts";
import { signLogoutToken } from "../../src/logout/logout_token.ts";
import { outcomeOf } from "../support/authorization.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { aClientKey, type AssertionOptions, type ClientKey } from "../support/client_assertion.ts";
import { aCertificate, behindProxy, cn, verified } from "../support/certificate.ts";
import { aClient, aKeyClient, aPublicClient } from "../support/clients.ts";
import { aDpopKey, type DpopKey, type ProofRequest } from "../support/dpop.ts";
import {
  alice,
  aProvider,
  codeChallenge,
  codeVerifier,
  issuer,
  type TestProvider,
} from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { signedObject } from "../support/request_object.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";

const key = await aClientKey();
const rsa = await aClientKey("RS256", "2");
const jwks = { keys: [key.publicJwk, rsa.publicJwk] };
const api = { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt" };
const bank = aKeyClient("bank", {
  profile: "fapi2",
  jwks,
  scope: "openid offline_access read",
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
});

interface Call {
  readonly form?: Readonly<Record<string, string | undefined>>;
  readonly signed?: AssertionOptions;
  readonly by?: ClientKey;
  readonly proof?: Partial<ProofRequest> | null;
}

/** A request of the bank: signed, and with a proof, unless the test says otherwise. */
async function call(
  provider: TestProvider,
  dpop: DpopKey,
  path: string,
  { form = {}, signed = {}, by = key, proof = {} }: Call = {},
): Promise<Response> {
  const headers: Record<string, string> = proof === null
    ? {}
    : { dpop: await dpop.proof({ path, ...proof }) };
  return await provider.post(
    path,
    { ...await by.form(provider, "bank", signed), ...form },
    headers,
  );
}

const asked = {
  response_type: "code",
  redirect_uri: "https://bank.example/callback",
  scope: "openid offline_access",
  nonce: "nonce",
  code_challenge: codeChallenge,
  code_challenge_method: "S256",
};

async function requestUri(provider: TestProvider, dpop: DpopKey): Promise<string> {
  const response = await call(provider, dpop, "/par", { form: asked });
  assertEquals(response.status, 201);
  return `/authorize?client_id=bank&request_uri=${(await response.json()).request_uri}`;
}

async function code(provider: TestProvider, dpop: DpopKey): Promise<URLSearchParams> {
  const url = await requestUri(provider, dpop);
  return (await provider.browser().signInAndAllow(url, alice)).searchParams;
}

function exchange(provider: TestProvider, dpop: DpopKey, code: string, other: Call = {}) {
  const form = {
    grant_type: "authorization_code",
    code,
    code_verifier: codeVerifier,
    redirect_uri: asked.redirect_uri,
    ...other.form,
  };
  return call(provider, dpop, "/token", { ...other, form });
}

/** Writes what no registration would let pass, such as the record of a release without profiles. */
async function edit(provider: TestProvider, clientId: string, changes: Partial<Client>) {
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { entry } = await tx.read({ entry: clients.ref(clientId) });
    if (entry.value !== null) clients.keep(tx, entry, { ...entry.value, ...changes });
  });
}

Deno.test("a fapi2 client gets bound tokens for a pushed request, and keeps its refresh token", async () => {
  await using provider = await aProvider({ clients: [bank], lifetimes: { code: 600 } });
  const dpop = await aDpopKey(provider);
  const answer = await code(provider, dpop);
  assertEquals(answer.get("iss"), issuer);
  const tokens = await tokensOf(await exchange(provider, dpop, answer.get("code") ?? ""));
  assertEquals(tokens.token_type, "DPoP");
  assertEquals(decodeProtectedHeader(tokens.id_token).alg, "ES256");
  const form = { grant_type: "refresh_token", refresh_token: tokens.refresh_token };
  for (let times = 0; times < 3; times++) {
    provider.clock.advance(100);
    const refreshed = await tokensOf(await call(provider, dpop, "/token", { form }));
    assertEquals(refreshed.refresh_token, tokens.refresh_token);
  }
  // A code lives for a minute, although the server's setting is ten.
  const late = await code(provider, dpop);
  provider.clock.advance(60);
  assertEquals(
    await answerOf(await exchange(provider, dpop, late.get("code") ?? "")),
    "400 invalid_grant",
  );
});

Deno.test("the rules of fapi2 hold whenever the client is used, whatever its record says", async () => {
  await using provider = await aProvider({
    clients: [bank],
    resources: [api],
    config: { implicit: true },
  });
  const dpop = await aDpopKey(provider);
  const rs256 = await aDpopKey(provider, "RS256");
  await edit(provider, "bank", {
    requirePushedAuthorizationRequests: false,
    dpopBoundAccessTokens: false,
    rotateRefreshTokens: true,
    refreshTokenGracePeriod: 60,
    requirePkce: false,
    responseTypes: ["code", "code id_token"],
    grantTypes: ["authorization_code", "refresh_token", "client_credentials", "implicit"],
    idTokenSignedResponseAlg: "RS256",
    redirectUris: [asked.redirect_uri, "http://127.0.0.1/callback"],
    applicationType: "native",
  });
  const now = provider.clock.seconds();
  const own = { grant_type: "client_credentials", scope: "read", resource: api.resource };
  const token = (other: Call) => call(provider, dpop, "/token", { form: own, ...other });
  const wrongProof = "400 invalid_dpop_proof";
  const refusals: [name: string, response: Promise<Response>, answer: string][] = [
    ["a bearer token", token({ proof: null }), wrongProof],
    ["a proof of RS256", call(provider, rs256, "/token", { form: own }), wrongProof],
    ["a proof 60 s ahead", token({ proof: { claims: { iat: now + 60 } } }), wrongProof],
    ["a proof with nbf 60 s ahead", token({ proof: { claims: { nbf: now + 60 } } }), wrongProof],
    ["an assertion of RS256", token({ by: rsa }), "401 invalid_client"],
    [
      "an endpoint as aud",
      token({ signed: { claims: { aud: `${issuer}/token` } } }),
      "401 invalid_client",
    ],
    ["a list as aud", token({ signed: { claims: { aud: [issuer] } } }), "401 invalid_client"],
    ["an iat 60 s ahead", token({ signed: { claims: { iat: now + 60 } } }), "401 invalid_client"],
    ["an nbf 60 s ahead", token({ signed: { claims: { nbf: now + 60 } } }), "401 invalid_client"],
    [
      "no PKCE",
      call(provider, dpop, "/par", {
        form: { ...asked, code_challenge: undefined, code_challenge_method: undefined },
      }),
      "400 invalid_request",
    ],
    [
      "tokens in the browser",
      call(provider, dpop, "/par", { form: { ...asked, response_type: "code id_token" } }),
      "400 unauthorized_client",
    ],
    [
      "a loopback redirect URI",
      call(provider, dpop, "/par", {
        form: { ...asked, redirect_uri: "http://127.0.0.1/callback" },
      }),
      "400 invalid_request",
    ],
  ];
  for (const [name, response, answer] of refusals) {
    assertEquals([name, await answerOf(await response)], [name, answer]);
  }
  const logoutToken = await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { client, provider: own } = await providers.read(tx, { client: clients.ref("bank") });
    if (client.value === null) throw new Error("no client");
    const about = { client: client.value, provider: own, userId: "alice", sid: "sid" };
    return await signLogoutToken(provider.deps, tx, about);
  });
  assertEquals(decodeProtectedHeader(logoutToken).alg, "ES256");
  // A nonce of ours makes no clock right that is further ahead than the profile allows.
  const early = await token({ proof: { claims: { iat: now + 61 } } });
  const nonce = early.headers.get("dpop-nonce") ?? "";
  const times: [Record<string, number>, string][] = [
    [{ iat: now + 61 }, wrongProof],
    [{ iat: now + 31 }, wrongProof],
    [{ nbf: now + 31 }, wrongProof],
    [{ iat: now + 30, nbf: now + 30 }, "200"],
    [{ iat: now - 3600 }, "200"],
  ];
  for (const [claims, answer] of times) {
    const response = await token({ proof: { nonce, claims } });
    assertEquals([claims, await answerOf(response)], [claims, answer]);
  }
  const ahead = { claims: { iat: now + 10, nbf: now + 10 } };
  const good = await token({ signed: ahead, proof: ahead });
  assertEquals((await tokensOf(good)).token_type, "DPoP");

  const unpushed = `/authorize?${new URLSearchParams({ client_id: "bank", ...asked })}`;
  const landed = await provider.browser().open(unpushed);
  assertEquals(outcomeOf(landed), "error invalid_request");

  const { id_token, refresh_token } = await tokensOf(
    await exchange(provider, dpop, (await code(provider, dpop)).get("code") ?? ""),
  );
  assertEquals(decodeProtectedHeader(id_token).alg, "ES256");
  const form = { grant_type: "refresh_token", refresh_token };
  const refreshed = await tokensOf(await call(provider, dpop, "/token", { form }));
  assertEquals(refreshed.refresh_token, refresh_token);
});

Deno.test("a request object of a fapi2 client is made within the last hour, for an hour at most", async () => {
  await using provider = await aProvider({ clients: [bank] });
  const dpop = await aDpopKey(provider);
  const now = provider.clock.seconds();
  const table: [Record<string, unknown>, string][] = [
    [{ nbf: now, exp: now + 3600 }, "201"],
    [{ nbf: now - 3600, exp: now + 60 }, "400 invalid_request_object"],
    [{ nbf: now - 3540, exp: now + 60 }, "201"],
    [{ nbf: now + 10, exp: now + 70 }, "201"],
    [{ nbf: now - 3601, exp: now - 1 }, "400 invalid_request_object"],
    [{ nbf: now, exp: now + 3601 }, "400 invalid_request_object"],
    [{ nbf: now, exp: undefined }, "400 invalid_request_object"],
    [{ exp: now + 60 }, "400 invalid_request_object"],
    [{ nbf: now + 60, exp: now + 120 }, "400 invalid_request_object"],
    [{ iat: now + 30, nbf: now, exp: now + 60 }, "201"],
    [{ iat: now + 31, nbf: now, exp: now + 120 }, "400 invalid_request_object"],
  ];
  for (const [times, expected] of table) {
    const request = await signedObject(provider, key, {
      client: "bank",
      claims: { ...asked, ...times },
    });
    const answer = await answerOf(await call(provider, dpop, "/par", { form: { request } }));
    assertEquals([times, answer], [times, expected]);
  }
});

Deno.test("a fapi2 client may prove itself and bind its tokens by a certificate instead", async () => {
  const certificate = await aCertificate({ subject: [[[cn, "bank"]]] });
  const byCertificate = {
    ...aPublicClient("bank"),
    profile: "fapi2",
    token_endpoint_auth_method: "tls_client_auth",
    tls_client_auth_subject_dn: "CN=bank",
    grant_types: ["client_credentials"],
    redirect_uris: [],
  };
  for (const isBound of [true, false]) {
    const tls_client_certificate_bound_access_tokens = isBound;
    const bank = { ...byCertificate, tls_client_certificate_bound_access_tokens };
    await using provider = await aProvider({ clients: [bank], config: behindProxy });
    const form = { grant_type: "client_credentials", client_id: "bank" };
    const headers = { ...certificate.header, ...verified };
    const dpop = { dpop: await (await aDpopKey(provider)).proof({ path: "/token" }) };
    assertEquals(await answerOf(await provider.post("/token", form)), "401 invalid_client");
    const plain = await provider.post("/token", form, headers);
    if (isBound) assertEquals((await tokensOf(plain)).token_type, "Bearer");
    else assertEquals(await answerOf(plain), "400 invalid_dpop_proof");
    const proved = await tokensOf(await provider.post("/token", form, { ...headers, ...dpop }));
    assertEquals(proved.token_type, "DPoP");
  }
});

Deno.test("the secret of a client that becomes a fapi2 client, and its tokens without a key, are dead", async () => {
  await using provider = await aProvider({ clients: [aClient("shop")] });
  const tokens = await tokensOf(await provider.exchange(await provider.authorize()));
  const ask = () =>
    provider.request("/userinfo", { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assertEquals((await ask()).status, 200);
  await edit(provider, "shop", { profile: "fapi2" });
  assertEquals((await ask()).status, 401);
  assertEquals(await answerOf(await provider.refresh("any")), "401 invalid_client");
  const reasons = (await auditTrail(provider)).map(({ reason }) => reason);
  assertEquals(reasons.includes("client_method_not_allowed"), true);
});

Deno.test("an mcp client must use PKCE and name its resource, and gets refresh tokens", async () => {
  const agent = aPublicClient("agent", {
    profile: "mcp",
    grant_types: undefined,
    refresh_token_grace_period: undefined,
    scope: "read",
  });
  await using provider = await aProvider({ clients: [agent], resources: [api] });
  await edit(provider, "agent", { requirePkce: false });
  const browser = provider.browser();
  const ask = async (parameters: Record<string, string | undefined>) => {
    const url = provider.authorizeUrl({ parameters: { scope: "read", ...parameters } });
    return outcomeOf(await browser.open(url));
  };
  const { resource } = api;
  assertEquals(await ask({}), "error invalid_target");
  const unbound = { code_challenge: undefined, code_challenge_method: undefined };
  assertEquals(await ask({ resource, ...unbound }), "error invalid_request");
  const code = await provider.authorize({ parameters: { scope: "read", resource } });
  const first = await tokensOf(await provider.exchange(code));
  // Two tabs with one refresh token get one answer, within ten seconds.
  const [one, two] = await Promise.all([1, 2].map(() => provider.refresh(first.refresh_token)));
  const answers = [await tokensOf(one as Response), await tokensOf(two as Response)];
  assertEquals(answers[0], answers[1]);
  provider.clock.advance(10);
  assertEquals(await answerOf(await provider.refresh(first.refresh_token)), "400 invalid_grant");
  const next = answers[0]?.refresh_token ?? "";
  assertEquals(await answerOf(await provider.refresh(next)), "400 invalid_grant");
});

Deno.test("no token of an mcp client is without a resource, by whichever grant it comes", async () => {
  const agent = aClient("agent", {
    profile: "mcp",
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    scope: "openid offline_access read",
  });
  await using provider = await aProvider({ clients: [agent], resources: [api] });
  const { resource } = api;
  const own = { grant_type: "client_credentials", ...provider.credentials("agent") };
  const missing = "400 invalid_target";
  assertEquals(await answerOf(await provider.post("/token", own)), missing);
  assertEquals(await answerOf(await provider.post("/token", { ...own, resource })), "200");
  const scope = "openid offline_access read";
  const code = await provider.authorize({ parameters: { scope, resource } });
  const { refresh_token, id_token } = await tokensOf(await provider.exchange(code));
  assertEquals(id_token === "", false);
  const refresh = async (parameters: Record<string, string>) =>
    await answerOf(await provider.refresh(refresh_token, { parameters }));
  assertEquals(await refresh({ scope: "openid" }), missing);
  assertEquals(await refresh({ resource }), "200"); // the refusal has spent nothing
});

Deno.test("metadata that contradicts the profile is refused, and what it leaves out follows the profile", () => {
  const { client_name: _, refresh_token_grace_period: __, ...written } = bank;
  const parsed = clientMetadataSchema.parse({ ...written, token_endpoint_auth_method: undefined });
  assertEquals([parsed.token_endpoint_auth_method, parsed.id_token_signed_response_alg], [
    "private_key_jwt",
    "ES256",
  ]);
  assertEquals(
    [parsed.introspection_signed_response_alg, parsed.authorization_signed_response_alg],
    ["ES256", "ES256"],
  );
  assertEquals([parsed.rotate_refresh_tokens, parsed.refresh_token_grace_period], [false, 0]);
  assertEquals(
    [parsed.require_pushed_authorization_requests, parsed.dpop_bound_access_tokens],
    [true, true],
  );
  const members = (metadata: Record<string, unknown>) =>
    (clientMetadataSchema.safeParse(metadata).error?.issues ?? []).map(({ path }) => path[0]);
  const ciba = { grant_types: [cibaGrant], backchannel_token_delivery_mode: "poll" };
  const wrong: Record<string, unknown>[] = [
    { require_pushed_authorization_requests: false },
    { dpop_bound_access_tokens: false },
    { rotate_refresh_tokens: true },
    { refresh_token_grace_period: 10 },
    { require_pkce: false },
    // Each member that names how this server signs, also one that is added later.
    ...Object.keys(memberTable).filter((name) => name.endsWith("_signed_response_alg"))
      .map((name) => ({ [name]: "RS256" })),
    { request_object_signing_alg: "RS256" },
    { backchannel_authentication_request_signing_alg: "RS256", ...ciba },
    { token_endpoint_auth_signing_alg: "RS256" },
    { token_endpoint_auth_signing_alg: "ES384" },
    { redirect_uris: ["http://127.0.0.1/callback"], application_type: "native" },
    { redirect_uris: ["com.bank.app:/callback"], application_type: "native" },
  ];
  for (const change of wrong) {
    assertEquals(
      members({ ...written, ...change }),
      [Object.keys(change)[0]],
      JSON.stringify(change),
    );
  }
  assertEquals(members({ ...written, redirect_uris: ["HTTPS://bank.example/callback"] }), []);
  for (const method of ["client_secret_basic", "client_secret_post", "client_secret_jwt"]) {
    const secret = { client_secret: "a long secret of the bank, with 32 characters" };
    const change = { ...secret, token_endpoint_auth_method: method };
    assertEquals(members({ ...written, ...change }), ["token_endpoint_auth_method"], method);
  }
  assertEquals(members(aPublicClient("a", { profile: "mcp", require_pkce: false })), [
    "require_pkce",
  ]);
  assertEquals(members(aClient("app", { profile: "fapi" })), ["profile"]);
});
