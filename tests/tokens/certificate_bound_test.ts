import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { ops, resource as adminApi } from "../admin/api.ts";
import {
  aCertificate,
  behindProxy,
  cn,
  type TestCertificate,
  verified,
} from "../support/certificate.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";

const bound = { tls_client_certificate_bound_access_tokens: true };
const offline = { parameters: { scope: "openid offline_access", prompt: "consent" } };

async function userinfo(
  provider: TestProvider,
  token: string,
  headers: Record<string, string> = {},
  scheme = "Bearer",
): Promise<string> {
  const authorization = `${scheme} ${token}`;
  return await answerOf(
    await provider.request("/userinfo", { headers: { authorization, ...headers } }),
  );
}

Deno.test("a token that is bound to a certificate is good with that certificate alone", async () => {
  await using provider = await aProvider({
    clients: [aPublicClient("spa", bound)],
    config: behindProxy,
  });
  const certificate = await aCertificate();
  const renewed = await aCertificate({ keys: certificate.keys, subject: [[[cn, "renewed"]]] });
  const thief = await aCertificate();
  const now = provider.clock.seconds();
  const short = await aCertificate({ notAfter: now + 60 });

  const code = await provider.authorize(offline);
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_request", "without");
  const tokens = await tokensOf(await provider.exchange(code, {}, certificate.header));
  assertEquals(tokens.token_type, "Bearer");
  const at = (headers: Record<string, string>) => userinfo(provider, tokens.access_token, headers);
  assertEquals(await at(certificate.header), "200");
  for (const headers of [{}, thief.header, renewed.header, { "x-client-cert": "x" }]) {
    assertEquals(await at(headers), "401 invalid_token");
  }
  assertEquals(
    await at({ ...thief.header, "client-cert": `${certificate.header["client-cert"]},` }),
    "400 invalid_request",
  );
  const key = await aDpopKey(provider);
  const dpop = await key.proof({
    method: "GET",
    path: "/userinfo",
    accessToken: tokens.access_token,
  });
  const asDpop = { ...certificate.header, dpop };
  assertEquals(await userinfo(provider, tokens.access_token, asDpop, "DPoP"), "401 invalid_token");

  const refresh = async (headers: Record<string, string>) =>
    await provider.refresh(tokens.refresh_token, {}, headers);
  assertEquals(await answerOf(await refresh({})), "400 invalid_request");
  assertEquals(await answerOf(await refresh(thief.header)), "400 invalid_grant");
  assertEquals(await answerOf(await refresh(renewed.header)), "400 invalid_grant");
  const next = await tokensOf(await refresh(certificate.header));
  assertEquals(next.refresh_token, tokens.refresh_token, "useless without the certificate");

  // A certificate that ends while its token is good.
  const { access_token } = await tokensOf(
    await provider.exchange(await provider.authorize(), {}, short.header),
  );
  assertEquals(await userinfo(provider, access_token, short.header), "200");
  provider.clock.advance(61);
  assertEquals(await userinfo(provider, access_token, short.header), "401 invalid_token");
});

Deno.test("introspection and the JWT of an access token name the certificate", async () => {
  const jwt = "https://jwt.example";
  await using provider = await aProvider({
    clients: [
      aClient("machine", { ...bound, grant_types: ["client_credentials"], scope: "openid read" }),
      aClient("plain", { grant_types: ["client_credentials"], scope: "openid read" }),
    ],
    resources: [{ resource: jwt, scopes: ["read"], access_token_format: "jwt" }],
    config: behindProxy,
  });
  const certificate = await aCertificate();
  const ask = async (client: string, headers: Record<string, string>, more = {}) =>
    await provider.post("/token", {
      grant_type: "client_credentials",
      ...provider.credentials(client),
      ...more,
    }, headers);
  const cnf = { "x5t#S256": certificate.thumbprint };
  assertEquals(await answerOf(await ask("machine", {})), "400 invalid_request");
  const resource = { resource: jwt, scope: "read" };
  const token = (await tokensOf(await ask("machine", certificate.header, resource))).access_token;
  assertEquals(decodeJwt(token).cnf, cnf);
  const opaque = (await tokensOf(await ask("machine", certificate.header))).access_token;
  const introspected = await provider.post("/introspect", {
    token: opaque,
    ...provider.credentials("machine"),
  });
  const metadata = await introspected.json();
  assertEquals([metadata.active, metadata.cnf, metadata.token_type], [true, cnf, "Bearer"]);
  // A certificate binds nothing unless the client is registered for it.
  const free = (await tokensOf(await ask("plain", certificate.header, resource))).access_token;
  assertEquals(decodeJwt(free).cnf, undefined);
});

Deno.test("a client of the profile fapi2 may have a certificate instead of a DPoP key", async () => {
  const certificate = await aCertificate();
  const fapi = {
    ...aPublicClient("bank", { grant_types: ["client_credentials"], redirect_uris: [] }),
    profile: "fapi2",
    token_endpoint_auth_method: "self_signed_tls_client_auth",
    jwks: { keys: [certificate.publicJwk] },
    rotate_refresh_tokens: false,
    refresh_token_grace_period: 0,
  };
  await using provider = await aProvider({
    clients: [{ ...fapi, ...bound }, { ...fapi, client_id: "unbound" }],
    config: behindProxy,
  });
  const ask = async (client_id: string) => {
    const form = { grant_type: "client_credentials", client_id };
    return await answerOf(await provider.post("/token", form, certificate.header));
  };
  assertEquals(await ask("bank"), "200");
  assertEquals(await ask("unbound"), "400 invalid_dpop_proof");
});

Deno.test("the admin API refuses a bound token without its certificate", async () => {
  await using provider = await aProvider({
    clients: [{ ...ops, ...bound }],
    config: behindProxy,
  });
  const [certificate, thief] = [await aCertificate(), await aCertificate()];
  const form = { grant_type: "client_credentials", ...provider.credentials("ops") };
  const asked = { ...form, resource: adminApi, scope: "latchkey:admin" };
  const { access_token } = await tokensOf(
    await provider.post("/token", asked, certificate.header),
  );
  const at = async (headers: Record<string, string>) => {
    const authorization = `Bearer ${access_token}`;
    const response = await provider.request("/api/v1/clients", {
      headers: { authorization, ...headers },
    });
    await response.body?.cancel();
    return response.status;
  };
  const found = [await at(certificate.header), await at({}), await at(thief.header)];
  assertEquals(found, [200, 401, 401]);
});

Deno.test("a token can be bound to a DPoP key and to a certificate, and needs both", async () => {
  await using provider = await aProvider({
    clients: [aPublicClient("spa", bound)],
    config: {
      clientCertificates: { ...behindProxy.clientCertificates, origin: "https://m.example" },
    },
  });
  const certificate = await aCertificate();
  const [key, thief] = [await aDpopKey(provider), await aDpopKey(provider)];
  const proofOf = async (by: typeof key, path: string, accessToken?: string, htu?: string) => ({
    dpop: await by.proof({
      path,
      ...(accessToken === undefined ? {} : { accessToken, method: "GET" }),
      ...(htu === undefined ? {} : { claims: { htu } }),
    }),
  });
  const code = await provider.authorize(offline);
  const tokens = await tokensOf(
    await provider.exchange(code, {}, {
      ...certificate.header,
      ...await proofOf(key, "/token", undefined, "https://m.example/token"),
    }),
  );
  assertEquals(tokens.token_type, "DPoP");
  const at = async (by: typeof key, headers: Record<string, string>) =>
    await userinfo(provider, tokens.access_token, {
      ...headers,
      ...await proofOf(by, "/userinfo", tokens.access_token),
    }, "DPoP");
  assertEquals(await at(key, certificate.header), "200");
  assertEquals(await at(key, {}), "401 invalid_token");
  assertEquals(await at(thief, certificate.header), "401 invalid_token");
  assertEquals(
    await userinfo(provider, tokens.access_token, certificate.header),
    "401 invalid_token",
    "as a bearer token",
  );
  const refresh = async (headers: Record<string, string>) =>
    await answerOf(await provider.refresh(tokens.refresh_token, {}, headers));
  assertEquals(await refresh(certificate.header), "400 invalid_dpop_proof");
  assertEquals(await refresh(await proofOf(key, "/token")), "400 invalid_request");
  const byThief = { ...certificate.header, ...await proofOf(thief, "/token") };
  assertEquals(await refresh(byThief), "400 invalid_grant");
  const wrongUrl = await proofOf(key, "/token", undefined, "https://evil.example/token");
  assertEquals(await refresh({ ...certificate.header, ...wrongUrl }), "400 invalid_dpop_proof");
  const both = { ...certificate.header, ...await proofOf(key, "/token") };
  assertEquals(await refresh(both), "200");
});

Deno.test("within the grace period, a repeated refresh gets its answer only with the same certificate", async () => {
  const members = { ...bound, refresh_token_grace_period: 10, rotate_refresh_tokens: true };
  await using provider = await aProvider({
    clients: [aClient("web", members)],
    config: behindProxy,
  });
  const [certificate, other] = [await aCertificate(), await aCertificate()];
  const first = await tokensOf(
    await provider.exchange(await provider.authorize(offline), {}, certificate.header),
  );
  const refresh = async ({ header }: TestCertificate) =>
    await provider.refresh(first.refresh_token, {}, header);
  const second = await tokensOf(await refresh(certificate));
  const repeated = await tokensOf(await refresh(certificate));
  assertEquals(repeated.access_token, second.access_token);
  // Another certificate of a confidential client is not refused, but it gets no token of the first.
  const answer = await refresh(other);
  const text = await answer.text();
  assertEquals(text.includes(second.access_token), false);
});

Deno.test("the previous release, which knows no certificates, finds no bearer token in a bound record", async () => {
  await using provider = await aProvider({
    clients: [aPublicClient("spa", bound)],
    config: behindProxy,
    wrap: (backend) => ({ ...backend, remote: true }), // as both releases share it
  });
  const certificate = await aCertificate();
  const code = await provider.authorize(offline);
  const { access_token, refresh_token } = await tokensOf(
    await provider.exchange(code, {}, { ...certificate.header, ...verified }),
  );
  const families = ["access_tokens", "refresh_token_families"];
  const seen: string[] = [];
  for (const [name, stored] of await snapshot(provider.backend)) {
    const [family]: Deno.KvKey = JSON.parse(name);
    if (!families.includes(String(family))) continue;
    const { version, record } = stored as { version: number; record: Record<string, unknown> };
    const expected = ` x5t#S256:${certificate.thumbprint}`;
    assertEquals([version, record.dpopKeyThumbprint], [1, expected]);
    seen.push(String(family));
  }
  assertEquals(seen.sort(), families);
  assertEquals(await userinfo(provider, access_token, certificate.header), "200");
  assertEquals(await userinfo(provider, access_token), "401 invalid_token");
  const other = await aCertificate();
  const wrong = await provider.refresh(refresh_token, {}, other.header);
  assertEquals(await answerOf(wrong), "400 invalid_grant");
});
