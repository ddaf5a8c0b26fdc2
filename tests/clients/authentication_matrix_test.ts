import { assert, assertEquals } from "@std/assert";
import { clientAuthenticationMethods } from "../../stores/client_authentication.ts";
import { aClient, aKeyClient, aPublicClient, basicHeader } from "../support/clients.ts";
import { aCertificate, behindProxy, cn, verified } from "../support/certificate.ts";
import { aClientKey, secretAssertion } from "../support/client_assertion.ts";
import { declaredIn } from "../support/declarations.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { deviceGrant } from "../support/devices.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { answerOf } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";
import { account, cluster, workloads } from "../support/workload.ts";

interface Credentials {
  readonly form: Record<string, string>;
  readonly headers?: Record<string, string>;
}

/** A way to authenticate: right credentials, and wrong ones. */
interface Way {
  readonly method: (typeof clientAuthenticationMethods)[number];
  readonly client: string;
  readonly right: (provider: TestProvider) => Promise<Credentials> | Credentials;
  readonly wrong: (provider: TestProvider) => Promise<Credentials> | Credentials;
  /** Whether the same credentials work only once. */
  readonly isSingleUse: boolean;
}

/** The endpoints where clients authenticate, each with a request that is right in all else. */
const endpoints: Readonly<Record<string, Record<string, string>>> = {
  "/token": { grant_type: "client_credentials" },
  "/par": {
    response_type: "code",
    scope: "openid",
    nonce: "n",
    redirect_uri: "https://shop.example/callback",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  },
  "/backchannel_authentication": { scope: "openid", login_hint: "alice" },
  "/device_authorization": { scope: "openid" },
  "/introspect": { token: "unknown" },
  "/revoke": { token: "unknown" },
  "/session/token/verify": { token: "unknown" },
};

/** What a client that authenticated gets: these cannot be had by a public client, or want a token. */
const answers: Readonly<Record<string, string>> = {
  "/token": "200",
  "/par": "201",
  "/backchannel_authentication": "200",
  "/device_authorization": "200",
  "/introspect": "200",
  "/revoke": "200",
  "/session/token/verify": "400 invalid_grant",
};
const publicAnswers: Readonly<Record<string, string>> = {
  ...answers,
  "/token": "400 unauthorized_client",
  "/backchannel_authentication": "401 invalid_client",
  "/introspect": "401 invalid_client",
};

Deno.test("an assertion may name the endpoint that it is sent to, unless the client's profile forbids that", async () => {
  const key = await aClientKey();
  const jwks = { keys: [key.publicJwk] };
  const members = { redirect_uris: ["https://shop.example/callback"], jwks };
  const grant_types = ["authorization_code", "client_credentials", deviceGrant, cibaGrant];
  const mtls = "https://mtls.example";
  await using provider = await aProvider({
    config: { clientCertificates: { ...behindProxy.clientCertificates, origin: mtls } },
    clients: [
      aKeyClient("key", { ...members, grant_types, backchannel_token_delivery_mode: "poll" }),
      aKeyClient("bank", { ...members, profile: "fapi2" }),
    ],
  });
  for (const [path, form] of Object.entries(endpoints)) {
    const ask = async (client: string, aud: string) => {
      const assertion = await key.form(provider, client, { claims: { aud } });
      return await answerOf(await provider.post(path, { ...form, ...assertion }));
    };
    for (const origin of [provider.deps.config.issuer, mtls]) {
      assertEquals(await ask("key", `${origin}${path}`), answers[path], path);
      assertEquals(await ask("bank", `${origin}${path}`), "401 invalid_client", path);
    }
    assertEquals(await ask("key", mtls), "401 invalid_client", path);
  }
});

Deno.test("each client authentication method works at each endpoint, and wrong credentials at none", async () => {
  const web = testWeb();
  const key = await aClientKey();
  const other = await aClientKey();
  const certificate = await aCertificate();
  const jobs = await workloads();
  const stranger = await aCertificate({ subject: [[[cn, "stranger"]]] });
  const jwks_uri = "https://keys.example/jwks";
  web.publish(jwks_uri, JSON.stringify({ keys: [key.publicJwk] }));
  const secret = "Zk3vQ9xT7mLw2pRb8nYc5dHsZk3vQ9xT7mLw2pRb8nYc5dHs";
  const origin = { origin: "https://shop.example" };
  const members = {
    redirect_uris: ["https://shop.example/callback"],
    grant_types: ["authorization_code", "client_credentials", deviceGrant, cibaGrant],
    backchannel_token_delivery_mode: "poll",
  };
  const clientOf = (id: string, token_endpoint_auth_method: string) =>
    aClient(id, { ...members, client_secret: secret, token_endpoint_auth_method });
  const keyClient = (id: string, keys: Record<string, unknown>) =>
    aKeyClient(id, { ...members, ...keys });
  const clients = [
    clientOf("basic", "client_secret_basic"),
    clientOf("post", "client_secret_post"),
    clientOf("secret-jwt", "client_secret_jwt"),
    keyClient("key", { jwks: { keys: [key.publicJwk] } }),
    keyClient("key-uri", { jwks_uri }),
    keyClient("workload", {
      token_endpoint_auth_method: "workload_jwt",
      workload_issuer: cluster,
      workload_subject: account,
    }),
    keyClient("tls", {
      token_endpoint_auth_method: "tls_client_auth",
      tls_client_auth_subject_dn: "CN=app",
    }),
    keyClient("self", {
      token_endpoint_auth_method: "self_signed_tls_client_auth",
      jwks: { keys: [certificate.publicJwk] },
    }),
    aPublicClient("public", {
      redirect_uris: members.redirect_uris,
      grant_types: ["authorization_code", deviceGrant],
      web_origins: [origin.origin],
    }),
  ];
  const inHeader = (id: string, text: string) => ({
    form: {},
    headers: { authorization: basicHeader(id, text) },
  });
  const asForm = async (form: Promise<Record<string, string>>) => ({ form: await form });
  const byKey = (client: string): Way => ({
    method: "private_key_jwt",
    client,
    right: (provider) => asForm(key.form(provider, client)),
    wrong: (provider) => asForm(other.form(provider, client)),
    isSingleUse: true,
  });
  const byCertificate = (client: string, method: Way["method"]): Way => ({
    method,
    client,
    right: () => ({ form: { client_id: client }, headers: { ...certificate.header, ...verified } }),
    wrong: () => ({ form: { client_id: client }, headers: { ...stranger.header, ...verified } }),
    isSingleUse: false,
  });
  const ways: Way[] = [
    {
      method: "client_secret_basic",
      client: "basic",
      right: () => inHeader("basic", secret),
      wrong: () => inHeader("basic", `${secret}x`),
      isSingleUse: false,
    },
    {
      method: "client_secret_post",
      client: "post",
      right: () => ({ form: { client_id: "post", client_secret: secret } }),
      wrong: () => ({ form: { client_id: "post", client_secret: `${secret}x` } }),
      isSingleUse: false,
    },
    {
      method: "client_secret_jwt",
      client: "secret-jwt",
      right: (provider) => asForm(secretAssertion(provider, "secret-jwt", secret)),
      wrong: (provider) => asForm(secretAssertion(provider, "secret-jwt", `${secret}x`)),
      isSingleUse: true,
    },
    byKey("key"),
    byKey("key-uri"),
    {
      method: "workload_jwt",
      client: "workload",
      right: (provider) => asForm(jobs.form(provider, "workload")),
      wrong: (provider) => asForm(jobs.form(provider, "workload", { claims: { sub: "other" } })),
      isSingleUse: true,
    },
    byCertificate("tls", "tls_client_auth"),
    byCertificate("self", "self_signed_tls_client_auth"),
    {
      method: "none",
      client: "public",
      right: () => ({ form: { client_id: "public" }, headers: origin }),
      wrong: () => ({ form: { client_id: "public", client_secret: secret } }),
      isSingleUse: false,
    },
  ];
  /** What a client may send beside what it registered for; each is right for another client's method. */
  const othersThan = ({ client, method }: Way): (Credentials | Promise<Credentials>)[] => [
    ...(method === "none" ? [] : [{ form: { client_id: client } }]),
    ...(takesSecret(method) ? [] : [
      inHeader(client, secret),
      { form: { client_id: client, client_secret: secret } },
    ]),
    ...(method === "client_secret_jwt" ? [] : [asForm(secretAssertion(provider, client, secret))]),
    ...(method === "private_key_jwt" ? [] : [asForm(key.form(provider, client))]),
    ...(method.endsWith("tls_client_auth") || method === "none" ? [] : [
      { form: { client_id: client }, headers: { ...certificate.header, ...verified } },
    ]),
  ];
  const methods = new Set(ways.map(({ method }) => method));
  assertEquals([...methods].sort(), [...clientAuthenticationMethods].sort());

  const config = { ...behindProxy, workloadIssuers: [jobs.trusted()] };
  await using provider = await aProvider({ clients, transport: web, config });
  const declared = declaredIn(provider.deps).filter(({ authenticates }) =>
    authenticates === "client"
  );
  assertEquals(declared.map(({ path }) => path).sort(), Object.keys(endpoints).sort());
  for (const way of ways) {
    const expected = way.method === "none" ? publicAnswers : answers;
    for (const [path, form] of Object.entries(endpoints)) {
      const cell = `${way.client} at ${path}`;
      const ask = async ({ form: sent, headers = {} }: Credentials) =>
        await answerOf(await provider.post(path, { ...form, ...sent }, headers));
      assertEquals(await ask(await way.wrong(provider)), "401 invalid_client", `${cell}, wrong`);
      const right = await way.right(provider);
      assertEquals(await ask(right), expected[path], cell);
      if (path === "/session/token/verify") continue; // nothing was paid for: see the races
      const again = way.isSingleUse ? "401 invalid_client" : expected[path];
      assertEquals(await ask(right), again, `${cell}, again`);
      // Another way than the registered one does not work, whatever is right about it.
      for (const another of othersThan(way)) {
        assertEquals(await ask(await another), "401 invalid_client", `${cell}, another way`);
      }
      if (way.method.endsWith("tls_client_auth")) {
        const { headers } = await way.right(provider);
        for (const another of othersThan(way).slice(1)) {
          const sent = await another;
          const both = { ...sent, headers: { ...sent.headers, ...headers } };
          assertEquals(await ask(both), "401 invalid_client", `${cell}, two ways`);
        }
      }
      // Two ways at once are none, even if one of them or both are right.
      const { form: own } = await way.right(provider);
      if (own.client_assertion !== undefined || own.client_secret !== undefined) {
        const both = { ...inHeader(way.client, secret), form: own };
        assertEquals(await ask(both), "400 invalid_request", `${cell}, two ways`);
      }
      if (own.client_assertion !== undefined) {
        const both = { ...await way.right(provider) };
        const form = { ...both.form, client_secret: secret };
        assertEquals(await ask({ ...both, form }), "400 invalid_request", `${cell}, two ways`);
      }
    }
    if (way.method === "none") continue; // it sent nothing that could be guessed
    const failures = (await auditTrail(provider)).filter(({ type, clientId }) =>
      type === "client_authentication_failed" && clientId === way.client
    );
    assert(failures.length > 0, `a wrong ${way.method} leaves an event`);
  }
  assertEquals(web.asked.length <= 2, true, "the keys are kept");
});

/** Basic and post are one method: a client may use either. */
function takesSecret(method: Way["method"]): boolean {
  return method === "client_secret_basic" || method === "client_secret_post";
}

Deno.test("discovery names for each endpoint the methods that work there", async () => {
  await using provider = await aProvider({
    config: { ...behindProxy, workloadIssuers: [(await workloads()).trusted()] },
  });
  const document = await (await provider.request("/.well-known/openid-configuration")).json();
  const expected = [...clientAuthenticationMethods];
  assertEquals(document.token_endpoint_auth_methods_supported, expected);
  assertEquals(document.revocation_endpoint_auth_methods_supported, expected);
  assertEquals(
    document.introspection_endpoint_auth_methods_supported,
    expected.filter((method) => method !== "none"),
  );
  for (const endpoint of ["token", "introspection", "revocation"]) {
    const algorithms = document[`${endpoint}_endpoint_auth_signing_alg_values_supported`];
    assert(algorithms.includes("ES256") && algorithms.includes("HS256"));
    assert(!algorithms.includes("none"));
  }
});
