import { assertEquals } from "@std/assert";
import { decodeProtectedHeader } from "jose";
import { firstAlgorithms } from "../../stores/provider.ts";
import { publicationLead } from "../../src/keys/key_rotation.ts";
import { anAdminApi, problemOf } from "../admin/api.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { aProvider, codeChallenge, type TestProvider } from "../support/provider.ts";
import { publishedKeys, verified } from "../support/published_keys.ts";
import { rotateSigningKey, withdrawSigningKey } from "../support/signing_keys.ts";
import { accessTokenType, grantType } from "../support/token_exchange.ts";
import { answerOf, introspect, signIn, type Tokens, tokensOf } from "../support/tokens.ts";

const bank = "https://bank.example";
const plain = "https://plain.example";
const shared = { scopes: ["read"], access_token_format: "jwt", clients: "any" };
const resources = [
  { resource: bank, ...shared, access_token_signing_alg: "ES384" },
  { resource: plain, ...shared },
];
const shop = aClient("shop", {
  skip_consent: true,
  scope: "openid offline_access read",
  grant_types: ["authorization_code", "refresh_token", "client_credentials", grantType],
  token_exchange: { subject_audiences: [], resources: [bank] },
  id_token_signed_response_alg: "ES256",
  introspection_signed_response_alg: "EdDSA",
});

async function algorithmsOf(provider: TestProvider): Promise<string[]> {
  const { keys } = await publishedKeys(provider);
  return [...new Set(keys.map(({ alg }) => String(alg)))].toSorted();
}

Deno.test("a resource chooses the algorithm of its JWTs, whatever its clients want for themselves", async () => {
  await using provider = await aProvider({ clients: [shop], resources });
  assertEquals(await algorithmsOf(provider), [...firstAlgorithms, "ES384"].toSorted());
  const token = async (form: Record<string, string>) =>
    await tokensOf(await provider.post("/token", { ...provider.credentials(), ...form }));
  const at = async ({ access_token }: Tokens) => {
    const { alg = "" } = decodeProtectedHeader(access_token);
    const { aud } = await verified(provider, access_token, alg, "at+jwt");
    return [aud, alg];
  };
  const scope = "openid offline_access read";
  const first = await signIn(provider, { parameters: { scope, resource: bank } });
  assertEquals(await at(first), [bank, "ES384"]);
  // Everything else is signed as before.
  await verified(provider, first.id_token, "ES256");
  const asked = { token: first.access_token, ...provider.credentials() };
  const accept = "application/token-introspection+jwt";
  const told = await (await provider.post("/introspect", asked, { accept })).text();
  await verified(provider, told, "EdDSA", "token-introspection+jwt");
  const refreshed = await token({
    grant_type: "refresh_token",
    refresh_token: first.refresh_token,
  });
  assertEquals(await at(refreshed), [bank, "ES384"]);
  const machine = { grant_type: "client_credentials", scope: "read" };
  assertEquals(await at(await token({ ...machine, resource: bank })), [bank, "ES384"]);
  const own = await token({ ...machine, resource: plain });
  assertEquals(await at(own), [plain, "ES256"]);
  const exchanged = await token({
    grant_type: grantType,
    subject_token: own.access_token,
    subject_token_type: accessTokenType,
    resource: bank,
  });
  assertEquals(await at(exchanged), [bank, "ES384"]);

  // Its key is rotated and withdrawn like others.
  provider.clock.advance(publicationLead);
  const { retired, active } = await rotateSigningKey(provider.deps, "ES384");
  assertEquals(decodeProtectedHeader(first.access_token).kid, retired);
  const after = await token({ ...machine, resource: bank });
  assertEquals(decodeProtectedHeader(after.access_token).kid, active);
  await withdrawSigningKey(provider.deps, { kid: retired });
  const isActive = async ({ access_token }: Tokens) =>
    (await introspect(provider, access_token)).active;
  assertEquals([await isActive(first), await isActive(after)], [false, true]);
});

Deno.test("operators set the algorithm, whose keys are published when they are answered", async () => {
  const robot = aClient("robot", { grant_types: ["client_credentials"], scope: "read" });
  await using api = await anAdminApi({ clients: [robot] });
  const { provider } = api;
  const kinds = async () =>
    (await algorithmsOf(provider)).filter((alg) => !firstAlgorithms.some((one) => one === alg));
  const signedBy = async () => {
    const form = { grant_type: "client_credentials", resource: bank };
    const answer = await provider.post("/token", { ...form, ...provider.credentials("robot") });
    return decodeProtectedHeader((await tokensOf(answer)).access_token).alg;
  };
  const path = `/resources/${encodeURIComponent(bank)}`;
  const record = { resource: bank, scopes: ["read"], clients: "any" };
  const wrong: Record<string, unknown>[] = [
    { access_token_signing_alg: "ES384" },
    { access_token_signing_alg: "ES384", access_token_format: "opaque" },
    ...["none", "HS256", "RSA-OAEP", "ES256K", "", 7, ["ES384"]].map((alg) => ({
      access_token_format: "jwt",
      access_token_signing_alg: alg,
    })),
  ];
  for (const members of wrong) {
    const refused = await api.post("/resources", { ...record, ...members });
    assertEquals(problemOf(refused), "422 validation-failed", JSON.stringify(members));
  }
  assertEquals(await kinds(), [], "a refused resource makes no key");

  const jwt = { access_token_format: "jwt", access_token_signing_alg: "ES384" };
  const created = await api.post("/resources", { ...record, ...jwt });
  assertEquals([created.status, created.body.access_token_signing_alg], [201, "ES384"]);
  assertEquals([await kinds(), await signedBy()], [["ES384"], "ES384"]);
  const patched = await api.patch(path, { access_token_signing_alg: "Ed25519" });
  assertEquals(patched.body.access_token_signing_alg, "Ed25519");
  assertEquals([await kinds(), await signedBy()], [["ES384", "Ed25519"], "Ed25519"]);
  const opaque = await api.patch(path, { access_token_format: "opaque" });
  assertEquals(problemOf(opaque), "422 validation-failed");
  const none = await api.patch(path, { access_token_signing_alg: null });
  assertEquals("access_token_signing_alg" in none.body, false);
  assertEquals(await signedBy(), "RS256");
  const document = await (await provider.request("/.well-known/openid-configuration")).json();
  assertEquals(Object.keys(document).filter((name) => name.includes("access_token_s")), []);
});

Deno.test("a fapi2 client gets no token for a resource whose algorithm its profile forbids", async () => {
  const key = await aClientKey();
  const jwks = { keys: [key.publicJwk] };
  const weak = "https://weak.example";
  const fapi = aKeyClient("fapi", {
    profile: "fapi2",
    jwks,
    scope: "openid read",
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    authorization_details_types: [weak, bank, plain],
  });
  const strong = { ...shared, access_token_signing_alg: "PS256" };
  await using provider = await aProvider({
    clients: [fapi],
    resources: [
      { resource: weak, ...shared, access_token_signing_alg: "RS256" },
      { resource: bank, ...strong },
      { resource: plain, ...shared },
    ],
    // Each is of the resource whose name it has.
    authorizationDetailTypes: [weak, bank, plain].map((type) => ({
      type,
      resources: [type],
      text: { en: "Use it" },
    })),
  });
  const dpop = await aDpopKey(provider);
  const send = async (path: string, form: Record<string, string>) =>
    await provider.post(path, { ...await key.form(provider, "fapi"), ...form }, {
      dpop: await dpop.proof({ path }),
    });
  const code = {
    response_type: "code",
    redirect_uri: "https://fapi.example/callback",
    scope: "openid read",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
  };
  const own = { grant_type: "client_credentials", scope: "read" };
  const table: [
    resource: string,
    pushed: string,
    withDetails: string,
    token: string,
    alg: string | null,
  ][] = [
    [weak, "400 invalid_target", "400 invalid_authorization_details", "400 invalid_target", null],
    [bank, "201", "201", "200", "PS256"],
    [plain, "201", "201", "200", "ES256"],
  ];
  for (const [resource, pushed, withDetails, expected, alg] of table) {
    assertEquals(await answerOf(await send("/par", { ...code, resource })), pushed, resource);
    const details = { authorization_details: JSON.stringify([{ type: resource }]) };
    assertEquals(await answerOf(await send("/par", { ...code, ...details })), withDetails);
    const answer = await send("/token", { ...own, resource });
    const { access_token } = await answer.clone().json();
    assertEquals(await answerOf(answer), expected, resource);
    if (alg !== null) assertEquals(decodeProtectedHeader(access_token).alg, alg);
  }
});
