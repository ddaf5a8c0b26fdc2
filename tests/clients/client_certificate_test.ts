import { assert, assertEquals } from "@std/assert";
import { callback, register } from "../registration/registration.ts";
import {
  aCertificate,
  behindProxy,
  type CertificateOptions,
  cn,
  organization,
  type TestCertificate,
  unit,
  verified,
} from "../support/certificate.ts";
import { aClient, aPublicClient, type ClientEntry } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { answerOf } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";

const machine = { grant_types: ["client_credentials"], redirect_uris: [] };
const wrong = "401 invalid_client";

function tlsClient(client_id: string, members: Record<string, unknown>): ClientEntry {
  const method = { token_endpoint_auth_method: "tls_client_auth" };
  return { ...aPublicClient(client_id, machine), ...method, ...members };
}

function selfSigned(client_id: string, members: Record<string, unknown>): ClientEntry {
  return tlsClient(client_id, {
    token_endpoint_auth_method: "self_signed_tls_client_auth",
    ...members,
  });
}

async function ask(
  provider: TestProvider,
  client_id: string,
  headers: Record<string, string>,
  form: Record<string, string> = {},
): Promise<string> {
  const parameters = { grant_type: "client_credentials", client_id, ...form };
  return await answerOf(await provider.post("/token", parameters, headers));
}

const dc = "0.9.2342.19200300.100.1.25";
const iPv4 = { iPAddress: "192.0.2.1" };

/** What a client registered, certificates that are it, and certificates that are not. */
const table: readonly {
  readonly registered: Record<string, string>;
  readonly right: readonly CertificateOptions[];
  readonly wrong: readonly CertificateOptions[];
}[] = [
  {
    registered: { tls_client_auth_subject_dn: "CN=app,OU=a+O=Acme\\, Inc.,DC=example" },
    right: [
      { subject: [[[dc, "example"]], [[unit, "a"], [organization, "Acme, Inc."]], [[cn, "app"]]] },
      { subject: [[[dc, "example"]], [[organization, "Acme, Inc."], [unit, "a"]], [[cn, "app"]]] },
      {
        subject: [[[dc, "example"]], [[unit, "a"], [organization, "Acme, Inc."]], [[cn, "app"]]],
        encoding: "printableString",
      },
      {
        subject: [[[dc, "example"]], [[unit, "a"], [organization, "Acme, Inc."]], [[cn, "app"]]],
        encoding: "bmpString",
      },
    ],
    wrong: [
      // the other way round
      { subject: [[[cn, "app"]], [[unit, "a"], [organization, "Acme, Inc."]], [[dc, "example"]]] },
      // one part as two
      {
        subject: [[[dc, "example"]], [[unit, "a"]], [[organization, "Acme, Inc."]], [[cn, "app"]]],
      },
      // one part more, less, or another one
      {
        subject: [
          [[dc, "example"]],
          [[unit, "a"], [organization, "Acme, Inc."]],
          [[cn, "app"]],
          [[cn, "app"]],
        ],
      },
      {
        subject: [
          [[dc, "com"]],
          [[dc, "example"]],
          [[unit, "a"], [organization, "Acme, Inc."]],
          [[cn, "app"]],
        ],
      },
      { subject: [[[unit, "a"], [organization, "Acme, Inc."]], [[cn, "app"]]] },
      { subject: [[[dc, "example"]], [[unit, "a"], [organization, "Acme, Inc."]], [[cn, "App"]]] },
      { subject: [[[dc, "example"]], [[unit, "a"], [organization, "Acme, Inc."]], [[cn, "app "]]] },
      // the whole name as the value of one attribute
      { subject: [[[cn, "app,OU=a+O=Acme\\, Inc.,DC=example"]]] },
      { subject: [[[dc, "example"]], [[unit, "a+O=Acme, Inc."]], [[cn, "app"]]] },
      { subject: [[[dc, "example"]], [[unit, "a"], [organization, "Acme"]], [[cn, "app"]]] },
      { subject: [] },
    ],
  },
  {
    registered: { tls_client_auth_subject_dn: "1.2.3.4=#0C0161" },
    right: [{ subject: [[["1.2.3.4", "a"]]] }],
    wrong: [
      { subject: [[["1.2.3.4", "a"]]], encoding: "printableString" },
      { subject: [[["1.2.3.4", "#0c0161"]]] },
      { subject: [[["1.2.3.5", "a"]]] },
    ],
  },
  {
    registered: { tls_client_auth_san_dns: "app.example" },
    right: [
      { names: [{ dNSName: "app.example" }] },
      { names: [{ dNSName: "APP.example" }, { dNSName: "other.example" }] },
      { names: [{ uniformResourceIdentifier: "https://x" }, { dNSName: "app.example" }] },
    ],
    wrong: [
      {},
      { subject: [[[cn, "app.example"]]] },
      { names: [{ dNSName: "*.example" }] },
      { names: [{ dNSName: "app.example.evil.example" }] },
      { names: [{ dNSName: "app.example\0.evil.example" }] },
      { names: [{ dNSName: "app.example." }] },
      { names: [{ dNSName: "app.example, DNS:other.example" }] },
      { names: [{ dNSName: "x, DNS:app.example" }] },
      { names: [{ uniformResourceIdentifier: "app.example" }] },
      { names: [{ rfc822Name: "app.example" }] },
    ],
  },
  {
    registered: { tls_client_auth_san_uri: "spiffe://acme.example/ns/a/sa/App" },
    right: [{ names: [{ uniformResourceIdentifier: "spiffe://acme.example/ns/a/sa/App" }] }],
    wrong: [
      { names: [{ uniformResourceIdentifier: "spiffe://acme.example/ns/a/sa/app" }] },
      { names: [{ uniformResourceIdentifier: "spiffe://acme.example/ns/a/sa/App/" }] },
      { names: [{ uniformResourceIdentifier: "spiffe://acme.example/ns/b/../a/sa/App" }] },
      { names: [{ dNSName: "spiffe://acme.example/ns/a/sa/App" }] },
    ],
  },
  {
    registered: { tls_client_auth_san_ip: "2001:db8::1" },
    right: [{ names: [{ iPAddress: "2001:0db8:0:0:0:0:0:1" }] }],
    wrong: [{ names: [{ iPAddress: "2001:db8::2" }] }, { names: [{ dNSName: "2001:db8::1" }] }],
  },
  {
    registered: { tls_client_auth_san_ip: "192.0.2.1" },
    right: [{ names: [iPv4] }],
    wrong: [
      { names: [{ iPAddress: "192.0.2.10" }] },
      { names: [{ iPAddress: "::ffff:192.0.2.1" }] },
      { names: [{ dNSName: "192.0.2.1" }] },
      { subject: [[[cn, "192.0.2.1"]]] },
    ],
  },
  {
    registered: { tls_client_auth_san_email: "App@acme.example" },
    right: [{ names: [{ rfc822Name: "App@ACME.example" }] }],
    wrong: [
      { names: [{ rfc822Name: "app@acme.example" }] },
      { names: [{ rfc822Name: "App@acme.example.evil.example" }] },
      { names: [{ rfc822Name: "App@acme.example@evil.example" }] },
      { subject: [[["1.2.840.113549.1.9.1", "App@acme.example"]]] },
    ],
  },
];

Deno.test("a client is its registered subject or alternative name, and no certificate that resembles it", async () => {
  await using provider = await aProvider({
    clients: table.map(({ registered }, index) => tlsClient(`app-${index}`, registered)),
    config: behindProxy,
  });
  for (const [index, { registered, right, wrong: others }] of table.entries()) {
    const id = `app-${index}`;
    for (const options of right) {
      const { header } = await aCertificate(options);
      const cell = `${JSON.stringify(registered)}: ${JSON.stringify(options)}`;
      assertEquals(await ask(provider, id, { ...header, ...verified }), "200", cell);
      assertEquals(await ask(provider, id, header), wrong, `${cell}, chain not verified`);
      for (const said of ["FAILED:self-signed", "NONE", "success", "SUCCESS, SUCCESS", "1", ""]) {
        assertEquals(await ask(provider, id, { ...header, "x-client-verify": said }), wrong, said);
      }
    }
    for (const options of others) {
      const { header } = await aCertificate(options);
      const cell = `${JSON.stringify(registered)}: ${JSON.stringify(options)}`;
      assertEquals(await ask(provider, id, { ...header, ...verified }), wrong, cell);
    }
    assertEquals(await ask(provider, id, verified), wrong, "no certificate");
    const { header } = await aCertificate(right[0]);
    const secret = { client_secret: "Zk3vQ9xT7mLw2pRb8nYc5dHs" };
    assertEquals(
      await ask(provider, id, { ...header, ...verified }, secret),
      wrong,
      "a secret too",
    );
  }
});

Deno.test("a certificate outside its time, or one that cannot be read, authenticates nobody", async () => {
  const clients = [
    tlsClient("app", { tls_client_auth_subject_dn: "CN=app" }),
    aClient("shop", machine),
  ];
  await using provider = await aProvider({ clients, config: behindProxy });
  const now = provider.clock.seconds();
  const expired = await aCertificate({ notAfter: now - 1 });
  const early = await aCertificate({ notBefore: now + 1 });
  const last = await aCertificate({ notBefore: now, notAfter: now });
  const at = async ({ header }: TestCertificate, id = "app") =>
    await ask(provider, id, { ...header, ...verified });
  assertEquals(await at(last), "200");
  assertEquals([await at(expired), await at(early)], [wrong, wrong]);
  provider.clock.advance(1);
  assertEquals([await at(early), await at(last)], ["200", wrong], "also one that was good before");
  for (const bytes of ["AA==", "MAA=", btoa("x".repeat(2000)), last.base64.slice(0, 400)]) {
    assertEquals(await ask(provider, "app", { "client-cert": `:${bytes}:`, ...verified }), wrong);
  }
  const large = await aCertificate({
    names: Array.from({ length: 500 }, (_, index) => ({ dNSName: `${index}.large.example` })),
  });
  assertEquals(await at(large), "400 invalid_request", "8 KB are enough");
});

Deno.test("a certificate that signs itself is its client's by its key, and with x5c by itself", async () => {
  const web = testWeb();
  const certificate = await aCertificate();
  const again = await aCertificate({ keys: certificate.keys, subject: [[[cn, "renewed"]]] });
  const other = await aCertificate();
  const jwk = certificate.publicJwk;
  const withChain = { ...jwk, x5c: [certificate.base64, other.base64] };
  const jwks_uri = "https://keys.example/jwks";
  await using provider = await aProvider({
    clients: [
      selfSigned("key", { jwks: { keys: [jwk] } }),
      selfSigned("chain", { jwks: { keys: [withChain] } }),
      selfSigned("uri", { jwks_uri }),
      tlsClient("named", { tls_client_auth_subject_dn: "CN=app" }),
      aClient("shop", machine),
    ],
    config: behindProxy,
    transport: web,
  });
  const at = async (id: string, { header }: TestCertificate) => await ask(provider, id, header);
  assertEquals([await at("key", certificate), await at("key", again)], ["200", "200"]);
  assertEquals([await at("chain", certificate), await at("chain", again)], ["200", wrong]);
  for (const id of ["key", "chain", "uri", "named"]) assertEquals(await at(id, other), wrong, id);

  web.publish(jwks_uri, JSON.stringify({ keys: [jwk] }));
  provider.clock.advance(61);
  assertEquals([await at("uri", certificate), await at("uri", other)], ["200", wrong]);
  web.publish(jwks_uri, JSON.stringify({ keys: [{ kty: "oct" }, other.publicJwk] }));
  provider.clock.advance(11);
  assertEquals([await at("uri", other), await at("uri", certificate)], ["200", wrong], "new keys");
  assert(web.asked.length <= 4);
});

Deno.test("a wrong certificate leaves an event, and counts as a guess; a missing one does not", async () => {
  const limits = { ...defaultConfig.limits, clientAuthentication: { count: 2, seconds: 60 } };
  await using provider = await aProvider({
    clients: [
      tlsClient("app", { tls_client_auth_subject_dn: "CN=app" }),
      tlsClient("calm", { tls_client_auth_subject_dn: "CN=app" }),
    ],
    config: { ...behindProxy, rateLimits: true, limits },
  });
  const other = await aCertificate({ subject: [[[cn, "other"]]] });
  const right = await aCertificate();
  const expired = await aCertificate({ notAfter: 1 });
  for (let index = 0; index < 4; index++) assertEquals(await ask(provider, "calm", {}), wrong);
  assertEquals(await ask(provider, "calm", { ...right.header, ...verified }), "200");
  assertEquals(await ask(provider, "app", { ...other.header, ...verified }), wrong);
  assertEquals(await ask(provider, "app", { ...expired.header, ...verified }), wrong);
  const refused = await ask(provider, "app", { ...right.header, ...verified });
  assertEquals(refused, "429 temporarily_unavailable");
  const failures = (await auditTrail(provider)).filter(({ type }) =>
    type === "client_authentication_failed"
  );
  assertEquals(
    new Set(failures.map(({ reason }) => reason)),
    new Set(["client_certificate_wrong", "client_certificate_expired"]),
  );
});

Deno.test("metadata of a client with a certificate names exactly one subject, and only if the server can see it", async () => {
  const { publicJwk, base64 } = await aCertificate();
  const { base64: other } = await aCertificate();
  const dn = { tls_client_auth_subject_dn: "CN=app" };
  const method = (token_endpoint_auth_method: string) => ({ token_endpoint_auth_method });
  const tls = method("tls_client_auth");
  const self = method("self_signed_tls_client_auth");
  const good: Record<string, unknown>[] = [
    { ...tls, ...dn },
    { ...tls, tls_client_auth_san_ip: "2001:db8::1" },
    { ...self, jwks: { keys: [publicJwk] } },
    { ...self, jwks: { keys: [{ ...publicJwk, x5c: [base64] }] } },
    { ...self, jwks_uri: "https://app.example/jwks" },
    { ...method("none"), tls_client_certificate_bound_access_tokens: true },
  ];
  const bad: Record<string, unknown>[] = [
    tls,
    { ...tls, ...dn, tls_client_auth_san_dns: "a.example" },
    { ...tls, tls_client_auth_subject_dn: "CN" },
    { ...tls, tls_client_auth_subject_dn: "" },
    { ...tls, tls_client_auth_subject_dn: 'CN="a"' },
    { ...tls, tls_client_auth_subject_dn: `CN=${"a".repeat(1025)}` },
    { ...tls, tls_client_auth_san_dns: "*.example" },
    { ...tls, tls_client_auth_san_dns: "a b" },
    { ...tls, tls_client_auth_san_uri: "no uri" },
    { ...tls, tls_client_auth_san_ip: "192.0.2" },
    { ...tls, tls_client_auth_san_ip: "0xc0.0.2.1" },
    { ...tls, tls_client_auth_san_ip: "fe80::1%eth0" },
    { ...tls, tls_client_auth_san_email: "app" },
    { ...self },
    { ...self, ...dn, jwks: { keys: [publicJwk] } },
    { ...self, jwks: { keys: [{ ...publicJwk, x5c: [other] }] } },
    { ...self, jwks: { keys: [{ ...publicJwk, x5c: ["AAAA"] }] } },
    { ...self, jwks: { keys: [{ ...publicJwk, x5c: [] }] } },
    { ...method("none"), ...dn },
    { ...method("private_key_jwt"), ...dn, jwks: { keys: [publicJwk] } },
  ];
  const open = { registration: "open" } as const;
  await using provider = await aProvider({ config: { ...behindProxy, ...open } });
  await using without = await aProvider({ config: open });
  const { verifiedHeader: _, ...unverified } = behindProxy.clientCertificates;
  const clientCertificates = { ...unverified, verifiedHeader: null };
  await using weaker = await aProvider({ config: { ...open, clientCertificates } });
  const at = async (where: TestProvider, metadata: Record<string, unknown>) => {
    const { status, body } = await register(where, { redirect_uris: [callback], ...metadata });
    return status === 201 ? "201" : `${status} ${body.error}`;
  };
  for (const metadata of good) {
    const cell = JSON.stringify(metadata);
    assertEquals(await at(provider, metadata), "201", cell);
    assertEquals(await at(without, metadata), "400 invalid_client_metadata", cell);
    const needsChain = metadata.token_endpoint_auth_method === "tls_client_auth";
    const expected = needsChain ? "400 invalid_client_metadata" : "201";
    assertEquals(await at(weaker, metadata), expected, cell);
  }
  for (const metadata of bad) {
    assertEquals(
      await at(provider, metadata),
      "400 invalid_client_metadata",
      JSON.stringify(metadata),
    );
  }
});
