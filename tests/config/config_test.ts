import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ConfigError } from "../../src/config/config_error.ts";
import { readConfig } from "../../src/config/read_config.ts";
import { configVariables } from "../../src/config/variables.ts";
import { toBase64url } from "../../src/crypto/encoding.ts";
import { anyText } from "../support/any_text.ts";

const key = toBase64url(new Uint8Array(32).fill(1));
const otherKey = toBase64url(new Uint8Array(32).fill(2));
const production = { LATCHKEY_ISSUER: "https://id.example.com", LATCHKEY_MASTER_KEY: key };
const development = { LATCHKEY_ENV: "development" };
type Env = Record<string, string | undefined>;

function noFile(): string {
  throw new Error("no file is read here");
}

Deno.test("an issuer and a master key suffice in production, with sensible defaults", () => {
  assertEquals(readConfig(production, noFile), {
    environment: "production",
    issuer: "https://id.example.com",
    host: "0.0.0.0",
    port: 8000,
    socket: null,
    cacheMegabytes: 64,
    nativeCrypto: null,
    drainTime: 3,
    trustedProxies: 0,
    kv: { kind: "file", path: ".latchkey/kv.sqlite" },
    masterKey: new Uint8Array(32).fill(1),
    masterKeyPrevious: null,
    logLevel: "info",
    rateLimits: true,
    limits: {
      signIn: { count: 10, seconds: 60 },
      signInAccount: { count: 100, seconds: 3600 },
      codeAddress: { count: 50, seconds: 600 },
      userCode: { count: 1000, seconds: 600 },
      mail: { count: 3, seconds: 900 },
      mailAddress: { count: 100, seconds: 900 },
      signUp: { count: 30, seconds: 900 },
      registration: { count: 20, seconds: 3600 },
      strangers: { count: 1000, seconds: 30 },
      authorize: { count: 60, seconds: 60 },
      route: { count: 300, seconds: 60 },
      clientAuthentication: { count: 10, seconds: 60 },
      clientAuthenticationAddress: { count: 100, seconds: 60 },
      accessToken: { count: 300, seconds: 60 },
      outgoingHost: { count: 60, seconds: 60 },
      outgoingAddress: { count: 30, seconds: 60 },
    },
    dpopNonce: false,
    admin: { acr: null, maxAge: null },
    requirePushedAuthorizationRequests: false,
    implicit: false,
    requireSignedRequestObject: false,
    unregisteredResources: "allow",
    signUp: "closed",
    registration: "off",
    registrationScopes: [],
    softwareStatementIssuers: {},
    lifetimes: {
      code: 60,
      requestUri: 90,
      deviceCode: 600,
      backchannelRequest: 600,
      accessToken: 3600,
      idToken: 3600,
      refreshTokenIdle: 2_592_000,
      refreshTokenMax: 7_776_000,
      sessionIdle: 86_400,
      sessionMax: 604_800,
      interaction: 3600,
      invitation: 7 * 24 * 60 * 60,
      signingKey: 90 * 24 * 60 * 60,
      auditEvent: 90 * 24 * 60 * 60,
      auditEventOfKind: { signIns: undefined, tokens: undefined, administration: undefined },
    },
    mail: null,
    outgoing: { hosts: null, privateNetworks: [] },
    clientIdDocuments: { mode: "off", hosts: [] },
    clientCertificates: null,
    trustedIssuers: [],
    workloadIssuers: [],
    brand: { name: null, logoFile: null, colour: null, links: [] },
    bootstrapFile: null,
    backupFolder: null,
    restored: false,
    onDeploy: false,
  });
});

Deno.test("development needs no setting, and is reachable only from this machine", () => {
  const config = readConfig({ ...development, PORT: "8123" }, noFile);
  assertEquals(config.environment, "development");
  assertEquals(config.issuer, "http://localhost:8123");
  assertEquals(config.host, "127.0.0.1");
  assertEquals(config.masterKey, null);
  assertEquals(config.signUp, "open");
  assertEquals(readConfig({ ...development, PORT: "80" }, noFile).issuer, "http://localhost");
});

Deno.test("every variable takes effect", () => {
  const config = readConfig({
    ...production,
    LATCHKEY_MASTER_KEY_PREVIOUS: otherKey,
    LATCHKEY_SIGN_UP: "invited",
    LATCHKEY_LIFETIME_INVITATION: "3600",
    LATCHKEY_KV: "/var/lib/latchkey/kv.sqlite",
    PORT: "443",
    LATCHKEY_SOCKET: "/run/latchkey/1.sock",
    LATCHKEY_CACHE_MB: "48",
    LATCHKEY_NATIVE_CRYPTO: "/usr/lib/libcrypto.so.3",
    LATCHKEY_DRAIN_TIME: "10",
    LATCHKEY_HOST: "::",
    LATCHKEY_TRUST_PROXY: "2",
    LATCHKEY_LOG_LEVEL: "warn",
    LATCHKEY_ADMIN_ACR: "phr",
    LATCHKEY_ADMIN_MAX_AGE: "900",
    LATCHKEY_RATE_LIMITS: "off",
    LATCHKEY_RATE_LIMIT_SIGN_IN: "1/1",
    LATCHKEY_RATE_LIMIT_SIGN_IN_ACCOUNT: "1000/86400",
    LATCHKEY_RATE_LIMIT_CODE_ADDRESS: "2/3",
    LATCHKEY_RATE_LIMIT_USER_CODE: "3/2",
    LATCHKEY_RATE_LIMIT_MAIL: "4/5",
    LATCHKEY_RATE_LIMIT_MAIL_ADDRESS: "3/4",
    LATCHKEY_RATE_LIMIT_SIGN_UP: "5/6",
    LATCHKEY_RATE_LIMIT_STRANGERS: "9/8",
    LATCHKEY_RATE_LIMIT_AUTHORIZE: "6/7",
    LATCHKEY_RATE_LIMIT_ROUTE: "8/9",
    LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION: "10/11",
    LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION_ADDRESS: "12/13",
    LATCHKEY_RATE_LIMIT_ACCESS_TOKEN: "14/15",
    LATCHKEY_RATE_LIMIT_OUTGOING_HOST: "15/16",
    LATCHKEY_RATE_LIMIT_REGISTRATION: "6/8",
    LATCHKEY_REGISTRATION: "token",
    LATCHKEY_CLIENT_ID_DOCUMENTS: "listed",
    LATCHKEY_CLIENT_ID_DOCUMENT_HOSTS: "app.example",
    LATCHKEY_REGISTRATION_SCOPES: "read write",
    LATCHKEY_RATE_LIMIT_OUTGOING_ADDRESS: "16/17",
    LATCHKEY_WORKLOAD_ISSUERS: JSON.stringify([
      { issuer: "https://token.actions.githubusercontent.com" },
      {
        issuer: "https://kubernetes.default.svc",
        jwks_uri: "https://10.1.0.1/openid/v1/jwks",
        reusable: true,
        longest_lifetime: 3700,
      },
    ]),
    LATCHKEY_CLIENT_CERTIFICATE_HEADER: "X-Client-Cert",
    LATCHKEY_CLIENT_CERTIFICATE_VERIFIED_HEADER: "X-Client-Verify",
    LATCHKEY_CLIENT_CERTIFICATE_PROXIES: "10.1.0.0/16, fd12::/48, unix",
    LATCHKEY_CLIENT_CERTIFICATE_ORIGIN: "https://mtls.id.example.com",
    LATCHKEY_SOFTWARE_STATEMENT_ISSUERS:
      '{"https://directory.example": "https://directory.example/jwks"}',
    LATCHKEY_OUTGOING_HOSTS: "client.example, *.apps.example",
    LATCHKEY_TRUSTED_ISSUERS:
      '[{"issuer":"https://idp.example","clients":["a"],"users":{"x":"y"}}]',
    LATCHKEY_OUTGOING_PRIVATE_NETWORKS: "10.1.0.0/16,fd12::/48",
    LATCHKEY_LIFETIME_CODE: "30",
    LATCHKEY_LIFETIME_REQUEST_URI: "599",
    LATCHKEY_LIFETIME_DEVICE_CODE: "31",
    LATCHKEY_LIFETIME_BACKCHANNEL_REQUEST: "32",
    LATCHKEY_LIFETIME_ACCESS_TOKEN: "300",
    LATCHKEY_LIFETIME_ID_TOKEN: "301",
    LATCHKEY_LIFETIME_REFRESH_TOKEN_IDLE: "1000",
    LATCHKEY_LIFETIME_REFRESH_TOKEN_MAX: "2000",
    LATCHKEY_LIFETIME_SESSION_IDLE: "3000",
    LATCHKEY_LIFETIME_SESSION_MAX: "3000",
    LATCHKEY_LIFETIME_INTERACTION: "600",
    LATCHKEY_LIFETIME_AUDIT_SIGN_INS: "86401",
    LATCHKEY_LIFETIME_AUDIT_TOKENS: "86402",
    LATCHKEY_LIFETIME_AUDIT_ADMINISTRATION: "86403",
    LATCHKEY_MAIL: "smtp",
    LATCHKEY_MAIL_FROM: "Example <id@example.com>",
    LATCHKEY_MAIL_SMTP_URL: "smtps://me:pass%40word@smtp.example.com",
    LATCHKEY_BRAND_NAME: "Harbour",
    LATCHKEY_BRAND_LOGO_FILE: "/etc/latchkey/logo.svg",
    LATCHKEY_BRAND_COLOUR: "#5b21b6",
    LATCHKEY_BRAND_LINKS: '{"Imprint": "https://example.com/imprint"}',
    LATCHKEY_BOOTSTRAP: "bootstrap.json",
    LATCHKEY_BACKUP_FOLDER: "/var/backups/latchkey",
    LATCHKEY_RESTORED: "1",
  }, noFile);
  assertEquals(config, {
    environment: "production",
    issuer: "https://id.example.com",
    host: "::",
    port: 443,
    socket: "/run/latchkey/1.sock",
    cacheMegabytes: 48,
    nativeCrypto: "/usr/lib/libcrypto.so.3",
    drainTime: 10,
    trustedProxies: 2,
    kv: { kind: "file", path: "/var/lib/latchkey/kv.sqlite" },
    masterKey: new Uint8Array(32).fill(1),
    masterKeyPrevious: new Uint8Array(32).fill(2),
    logLevel: "warn",
    rateLimits: false,
    limits: {
      signIn: { count: 1, seconds: 1 },
      signInAccount: { count: 1000, seconds: 86_400 },
      codeAddress: { count: 2, seconds: 3 },
      userCode: { count: 3, seconds: 2 },
      mail: { count: 4, seconds: 5 },
      mailAddress: { count: 3, seconds: 4 },
      signUp: { count: 5, seconds: 6 },
      registration: { count: 6, seconds: 8 },
      strangers: { count: 9, seconds: 8 },
      authorize: { count: 6, seconds: 7 },
      route: { count: 8, seconds: 9 },
      clientAuthentication: { count: 10, seconds: 11 },
      clientAuthenticationAddress: { count: 12, seconds: 13 },
      accessToken: { count: 14, seconds: 15 },
      outgoingHost: { count: 15, seconds: 16 },
      outgoingAddress: { count: 16, seconds: 17 },
    },
    dpopNonce: false,
    admin: { acr: "phr", maxAge: 900 },
    requirePushedAuthorizationRequests: false,
    implicit: false,
    requireSignedRequestObject: false,
    unregisteredResources: "allow",
    signUp: "invited",
    registration: "token",
    registrationScopes: ["read", "write"],
    softwareStatementIssuers: { "https://directory.example": "https://directory.example/jwks" },
    lifetimes: {
      code: 30,
      requestUri: 599,
      deviceCode: 31,
      backchannelRequest: 32,
      accessToken: 300,
      idToken: 301,
      refreshTokenIdle: 1000,
      refreshTokenMax: 2000,
      sessionIdle: 3000,
      sessionMax: 3000,
      interaction: 600,
      invitation: 3600,
      signingKey: 90 * 24 * 60 * 60,
      auditEvent: 90 * 24 * 60 * 60,
      auditEventOfKind: { signIns: 86_401, tokens: 86_402, administration: 86_403 },
    },
    mail: {
      kind: "smtp",
      from: { name: "Example", address: "id@example.com" },
      server: {
        host: "smtp.example.com",
        port: 465,
        tls: "implicit",
        login: { user: "me", password: "pass@word" },
      },
    },
    outgoing: {
      hosts: ["client.example", "*.apps.example"],
      privateNetworks: ["10.1.0.0/16", "fd12::/48"],
    },
    clientIdDocuments: { mode: "listed", hosts: ["app.example"] },
    workloadIssuers: [
      {
        issuer: "https://token.actions.githubusercontent.com",
        jwks: null,
        jwksUri: null,
        reusable: false,
        longestLifetime: 7200,
      },
      {
        issuer: "https://kubernetes.default.svc",
        jwks: null,
        jwksUri: "https://10.1.0.1/openid/v1/jwks",
        reusable: true,
        longestLifetime: 3700,
      },
    ],
    clientCertificates: {
      header: "x-client-cert",
      verifiedHeader: "x-client-verify",
      proxies: ["10.1.0.0/16", "fd12::/48", "unix"],
      origin: "https://mtls.id.example.com",
    },
    trustedIssuers: [{
      issuer: "https://idp.example",
      jwks: null,
      jwksUri: null,
      clients: ["a"],
      assertions: ["id-jag"],
      users: new Map([["x", "y"]]),
      usernameClaim: null,
      emailDomains: null,
    }],
    brand: {
      name: "Harbour",
      logoFile: "/etc/latchkey/logo.svg",
      colour: "#5b21b6",
      links: [{ label: "Imprint", href: "https://example.com/imprint" }],
    },
    bootstrapFile: "bootstrap.json",
    backupFolder: "/var/backups/latchkey",
    restored: true,
    onDeploy: false,
  });
});

Deno.test("the master key may be in a file that ends with a line break", () => {
  const env = { ...production, LATCHKEY_MASTER_KEY: undefined, LATCHKEY_MASTER_KEY_FILE: "/key" };
  const readFile = (path: string) => path === "/key" ? `${otherKey}\n` : "";
  assertEquals(readConfig(env, readFile).masterKey, new Uint8Array(32).fill(2));
});

Deno.test("LATCHKEY_KV is a path, :memory: or the URL of a KV Connect server", () => {
  const kv = (value: string) => readConfig({ ...production, LATCHKEY_KV: value }, noFile).kv;
  assertEquals(kv("data/kv.sqlite"), { kind: "file", path: "data/kv.sqlite" });
  assertEquals(kv("C:\\kv.sqlite"), { kind: "file", path: "C:\\kv.sqlite" });
  assertEquals(kv(":memory:"), { kind: "memory" });
  assertEquals(kv("http://kv:4512"), { kind: "remote", url: "http://kv:4512" });
  assertEquals(kv("https://kv.example/x"), { kind: "remote", url: "https://kv.example/x" });
});

Deno.test("a built server takes no path that depends on where it was started", () => {
  const read = (env: Record<string, string>, built: boolean) =>
    readConfig({ ...production, ...env }, noFile, built);
  const LATCHKEY_KV = "/var/lib/latchkey/kv.sqlite";
  const refused: readonly [Record<string, string>, string][] = [
    [{}, "LATCHKEY_KV is missing: a built server needs the absolute path of its store, such as"],
    [{ LATCHKEY_ENV: "development" }, "LATCHKEY_KV is missing"],
    [{ LATCHKEY_KV: ".latchkey/kv.sqlite" }, "LATCHKEY_KV must be an absolute path for a built"],
    [{ LATCHKEY_KV: "kv.sqlite" }, "LATCHKEY_KV must be an absolute path"],
    [{ LATCHKEY_KV: "C:kv.sqlite" }, "LATCHKEY_KV must be an absolute path"],
    [{ LATCHKEY_KV, LATCHKEY_BOOTSTRAP: "b.json" }, "LATCHKEY_BOOTSTRAP must be an absolute path"],
    [{ LATCHKEY_KV, LATCHKEY_MASTER_KEY_FILE: "./key" }, "LATCHKEY_MASTER_KEY_FILE must be an"],
    [{ LATCHKEY_KV, LATCHKEY_BRAND_LOGO_FILE: "a.svg" }, "LATCHKEY_BRAND_LOGO_FILE must be an"],
  ];
  for (const [env, sentence] of refused) {
    const error = assertThrows(() => read(env, true), ConfigError);
    assertStringIncludes(error.message, sentence);
  }
  for (const kv of [LATCHKEY_KV, "C:\\kv.sqlite", "C:/kv", ":memory:", "https://kv.example"]) {
    assertEquals(read({ LATCHKEY_KV: kv }, true), read({ LATCHKEY_KV: kv }, false));
  }
  assertEquals(read({}, false).kv, { kind: "file", path: ".latchkey/kv.sqlite" });
  const onDeploy = { DENO_DEPLOYMENT_ID: "abc" };
  assertEquals(read(onDeploy, true).kv, { kind: "default" });
});

Deno.test("on Deno Deploy the store is Deploy's own, unless another one is set", () => {
  for (const deploy of [{ DENO_DEPLOYMENT_ID: "abc" }, { DENO_DEPLOY: "1" }]) {
    const config = readConfig({ ...production, ...deploy }, noFile);
    assert(config.onDeploy);
    assertEquals(config.kv, { kind: "default" });
    const remote = { ...production, ...deploy, LATCHKEY_KV: "https://kv.example" };
    assertEquals(readConfig(remote, noFile).kv, { kind: "remote", url: "https://kv.example" });
  }
});

Deno.test("a maximum below the default idle time lowers the idle time", () => {
  const env = {
    ...production,
    LATCHKEY_LIFETIME_SESSION_MAX: "600",
    LATCHKEY_LIFETIME_REFRESH_TOKEN_MAX: "700",
  };
  const { lifetimes } = readConfig(env, noFile);
  assertEquals([lifetimes.sessionIdle, lifetimes.sessionMax], [600, 600]);
  assertEquals([lifetimes.refreshTokenIdle, lifetimes.refreshTokenMax], [700, 700]);
});

Deno.test("http is allowed for loopback, in production too", () => {
  for (
    const issuer of [
      "http://localhost",
      "http://localhost:8000",
      "http://127.0.0.1:8000",
      "http://127.1.2.3",
      "http://[::1]:8000",
    ]
  ) {
    assertEquals(readConfig({ ...production, LATCHKEY_ISSUER: issuer }, noFile).issuer, issuer);
  }
});

Deno.test("mail is sent by SMTP with TLS, except to a server on this machine", () => {
  const server = (url: string) => {
    const { mail } = readConfig(bySmtp(url), noFile);
    assert(mail?.kind === "smtp");
    return mail.server;
  };
  const host = "a.example";
  assertEquals(server("smtp://a.example"), { host, port: 587, tls: "starttls", login: null });
  assertEquals(server("smtps://a.example:4"), { host, port: 4, tls: "implicit", login: null });
  assertEquals(server("smtp://localhost:25").tls, "none");
  assertEquals(server("smtp://127.0.0.1").tls, "none");
  assertEquals(server("smtps://localhost").tls, "implicit");
  assertEquals(server("smtp://[::1]:25").host, "::1");
  // Resolvers may answer all of these with another machine, which would get the password in the clear.
  const answeredByDns = ["mail.localhost", "a.b.localhost", "localhost.", "localhost.example"];
  for (const name of [...answeredByDns, "127.0.0.1.example", "0.0.0.0", "[::ffff:127.0.0.1]"]) {
    assertEquals(server(`smtp://me:pw@${name}`).tls, "starttls", name);
  }
  const { login } = server("smtp://me%40a.example:a%2Fb%3A%25@a.example");
  assertEquals(login, { user: "me@a.example", password: "a/b:%" });
});

Deno.test("mail is sent to an API with the configured headers and body", () => {
  const { mail } = readConfig(byHttp(), noFile);
  const from = { name: "", address: "id@example.com" };
  assertEquals(mail, {
    kind: "http",
    from,
    api: {
      url: "https://mail.example/emails",
      headers: {},
      body: {
        from: "{from}",
        to: "{to}",
        subject: "{subject}",
        text: "{text}",
        html: "{html}",
      },
    },
  });
  const body = { Messages: [{ To: [{ Email: "{to}" }], Subject: "{subject}", Body: "{html}" }] };
  const HEADERS = '{"X-Api-Key":"abc"}';
  const other = readConfig(byHttp({ HEADERS, BODY: JSON.stringify(body) }), noFile).mail;
  assert(other?.kind === "http");
  assertEquals(other.api.body, body);
  assertEquals(other.api.headers, { "x-api-key": "abc" });
  const senders: Record<string, [name: string, address: string]> = {
    "Bücher <Id@Bücher.example>": ["Bücher", "Id@xn--bcher-kva.example"],
    '"Books, Inc." <id@EXAMPLE.com.>': ["Books, Inc.", "id@example.com"],
  };
  for (const [text, [name, address]] of Object.entries(senders)) {
    const { mail } = readConfig({ ...byHttp(), LATCHKEY_MAIL_FROM: text }, noFile);
    assertEquals(mail?.kind === "http" && mail.from, { name, address });
  }
  const none = readConfig({ ...production, LATCHKEY_MAIL: "none" }, noFile).mail;
  assertEquals(none, { kind: "none" });
});

const deploy = { ...production, DENO_DEPLOY: "1" };
const issuer = (value: string) => ({ ...production, LATCHKEY_ISSUER: value });
const inProduction = (name: string, value: string) => ({ ...production, [name]: value });

function bySmtp(url: string | null = "smtp://smtp.example.com"): Env {
  const from = "id@example.com";
  return {
    ...production,
    LATCHKEY_MAIL: "smtp",
    LATCHKEY_MAIL_FROM: from,
    LATCHKEY_MAIL_SMTP_URL: url ?? undefined,
  };
}

function byHttp(changes: Env = {}): Env {
  const env: Env = { ...production, LATCHKEY_MAIL: "http", LATCHKEY_MAIL_FROM: "id@example.com" };
  env.LATCHKEY_MAIL_HTTP_URL = "https://mail.example/emails";
  for (const [name, value] of Object.entries(changes)) env[`LATCHKEY_MAIL_HTTP_${name}`] = value;
  return env;
}

const refusals: [Env, string][] = [
  [{}, "LATCHKEY_ISSUER is missing: set it"],
  [{ LATCHKEY_ISSUER: "https://id.example.com" }, "LATCHKEY_MASTER_KEY is missing: make one with"],
  [{ ...development, LATCHKEY_ENV: "prod" }, "LATCHKEY_ENV must be production or development."],
  [{ ...deploy, ...development }, "LATCHKEY_ENV must not be development on Deno Deploy"],

  [{ ...development, LATCHKEY_SOCKET: "a.sock" }, "LATCHKEY_SOCKET must be the absolute path"],
  [{ ...development, LATCHKEY_SOCKET: "/a.sock" }, "LATCHKEY_TRUST_PROXY must be set beside"],
  [{ ...development, LATCHKEY_DRAIN_TIME: "1s" }, "LATCHKEY_DRAIN_TIME must be a whole number"],
  [{ ...development, LATCHKEY_BACKUP_FOLDER: "b" }, "LATCHKEY_BACKUP_FOLDER must be the absolute"],

  [issuer("id.example.com"), "LATCHKEY_ISSUER must be an https origin such as"],
  [issuer("ftp://id.example.com"), "LATCHKEY_ISSUER must be an https origin such as"],
  [issuer("http://id.example.com"), "LATCHKEY_ISSUER must begin with https://, since"],
  [issuer("http://id.localhost"), "LATCHKEY_ISSUER must begin with https://, since"],
  [{ ...development, ...issuer("http://id.localhost") }, "LATCHKEY_ISSUER must begin with https"],
  [issuer("http://localhost.example.com"), "LATCHKEY_ISSUER must begin with https://, since"],
  [issuer("http://127.evil.example"), "LATCHKEY_ISSUER must begin with https://, since"],
  [issuer("http://0.0.0.0:8000"), "LATCHKEY_ISSUER must begin with https://, since"],
  [{ ...development, ...issuer("http://192.168.1.5") }, "LATCHKEY_ISSUER must begin with https://"],
  [issuer("https://id.example.com/"), "LATCHKEY_ISSUER must not end with a slash"],
  [issuer("https://id.example.com/tenant"), "LATCHKEY_ISSUER must have no path, since"],
  [issuer("https://id.example.com?a=b"), "LATCHKEY_ISSUER must have no query and no fragment."],
  [issuer("https://id.example.com#"), "LATCHKEY_ISSUER must have no query and no fragment."],
  [issuer("https://me:pw@id.example.com"), "LATCHKEY_ISSUER must hold no user name"],
  [issuer("https://ID.example.com"), "normal form: write https://id.example.com."],
  [issuer("https://id.example.com:443"), "normal form: write https://id.example.com."],
  [issuer("http://127.1"), "normal form: write http://127.0.0.1."],
  [issuer(""), "LATCHKEY_ISSUER is empty: give it a value or remove it."],
  [
    issuer(" https://id.example.com"),
    "LATCHKEY_ISSUER has white space around its value: remove it",
  ],

  [inProduction("LATCHKEY_MASTER_KEY", "short"), "LATCHKEY_MASTER_KEY must be 32 random bytes"],
  [inProduction("LATCHKEY_MASTER_KEY", `${key}=`), "LATCHKEY_MASTER_KEY must be 32 random bytes"],
  [inProduction("LATCHKEY_MASTER_KEY_FILE", "/key"), "LATCHKEY_MASTER_KEY_FILE is set beside"],
  [
    inProduction("LATCHKEY_MASTER_KEY_PREVIOUS", "old"),
    "LATCHKEY_MASTER_KEY_PREVIOUS must be 32 random bytes",
  ],
  [
    inProduction("LATCHKEY_MASTER_KEY_PREVIOUS", key),
    "LATCHKEY_MASTER_KEY_PREVIOUS is the same as the current key",
  ],
  [
    { ...development, LATCHKEY_MASTER_KEY_PREVIOUS: key },
    "LATCHKEY_MASTER_KEY_PREVIOUS is set without a current key",
  ],

  [inProduction("LATCHKEY_KV", ":memroy:"), "LATCHKEY_KV must be a file's path, :memory: or a URL"],
  [inProduction("LATCHKEY_KV", "file:///kv"), "LATCHKEY_KV must be a file's path"],
  [inProduction("LATCHKEY_KV", "http://"), "LATCHKEY_KV must be a file's path"],
  [inProduction("LATCHKEY_KV", "https://me:pw@kv"), "LATCHKEY_KV must hold no user name"],
  [{ ...deploy, LATCHKEY_KV: "kv.sqlite" }, "LATCHKEY_KV must not be a file or :memory: on Deno"],
  [{ ...deploy, LATCHKEY_KV: ":memory:" }, "LATCHKEY_KV must not be a file or :memory: on Deno"],

  [inProduction("PORT", "http"), "PORT must be a port number from 1 to 65535."],
  [inProduction("PORT", "0"), "PORT must be a port number from 1 to 65535."],
  [inProduction("PORT", "65536"), "PORT must be a port number from 1 to 65535."],
  [inProduction("PORT", "0x50"), "PORT must be a port number from 1 to 65535."],
  [inProduction("LATCHKEY_HOST", "0.0.0.0:80"), "LATCHKEY_HOST must be the address to listen on"],
  [inProduction("LATCHKEY_HOST", "[::1]"), "LATCHKEY_HOST must be the address to listen on"],
  [inProduction("LATCHKEY_TRUST_PROXY", "true"), "LATCHKEY_TRUST_PROXY must be the number of"],
  [inProduction("LATCHKEY_TRUST_PROXY", "-1"), "LATCHKEY_TRUST_PROXY must be the number of"],
  [inProduction("LATCHKEY_LOG_LEVEL", "trace"), "LATCHKEY_LOG_LEVEL must be one of debug, info,"],
  [inProduction("LATCHKEY_BRAND_NAME", "x".repeat(65)), "LATCHKEY_BRAND_NAME must have at most 64"],
  [
    inProduction("LATCHKEY_BRAND_NAME", "Bank\u202e"),
    "LATCHKEY_BRAND_NAME must have no line breaks",
  ],
  [inProduction("LATCHKEY_BRAND_NAME", "Bank\r\nBcc: x"), "LATCHKEY_BRAND_NAME must have no line"],
  [inProduction("LATCHKEY_BRAND_COLOUR", "green"), "LATCHKEY_BRAND_COLOUR must be a colour as #rr"],
  [inProduction("LATCHKEY_BRAND_COLOUR", "#123"), "LATCHKEY_BRAND_COLOUR must be a colour as #rr"],
  [inProduction("LATCHKEY_BRAND_COLOUR", "#ffffee"), "LATCHKEY_BRAND_COLOUR is nearly white, so"],
  [inProduction("LATCHKEY_BRAND_COLOR", "#123456"), "meant to be LATCHKEY_BRAND_COLOUR;"],
  [inProduction("LATCHKEY_BRAND_LINKS", "Imprint"), "LATCHKEY_BRAND_LINKS must be a JSON object"],
  [
    inProduction("LATCHKEY_BRAND_LINKS", '["https://a.example"]'),
    "must be a JSON object of labels",
  ],
  [inProduction("LATCHKEY_BRAND_LINKS", '{"A": 1}'), "LATCHKEY_BRAND_LINKS must be a JSON object"],
  [
    inProduction("LATCHKEY_BRAND_LINKS", '{"": "https://a.example"}'),
    "must have labels of 1 to 40",
  ],
  [
    inProduction("LATCHKEY_BRAND_LINKS", '{"Help": "javascript:alert(1)"}'),
    'LATCHKEY_BRAND_LINKS must hold https URLs alone, unlike that of "Help".',
  ],
  [
    inProduction(
      "LATCHKEY_BRAND_LINKS",
      JSON.stringify(Object.fromEntries(Array.from("abcdefg", (c) => [c, "https://a.example"]))),
    ),
    "LATCHKEY_BRAND_LINKS must hold at most 6 links.",
  ],
  [
    inProduction("LATCHKEY_ADMIN_ACR", "2fa"),
    "LATCHKEY_ADMIN_ACR must be one of urn:latchkey:acr:1fa, urn:latchkey:acr:2fa, phr.",
  ],
  [
    inProduction("LATCHKEY_ADMIN_MAX_AGE", "0"),
    "LATCHKEY_ADMIN_MAX_AGE must be a whole number of seconds from 1 to",
  ],
  [inProduction("LATCHKEY_RATE_LIMITS", "no"), "LATCHKEY_RATE_LIMITS must be on or off."],
  ...[
    "{}",
    "[",
    '[{"issuer":"x"}]',
    '[{"issuer":"https://a.example","keys":[]}]',
    '[{"issuer":"https://a.example"},{"issuer":"https://a.example"}]',
    '[{"issuer":"https://a.example","jwks_uri":"https://a.example/k","jwks":{"keys":[{"kty":"RSA"}]}}]',
    '[{"issuer":"https://a.example","longest_lifetime":90000}]',
    '[{"issuer":"https://id.example.com"}]',
  ].map((text) =>
    [inProduction("LATCHKEY_WORKLOAD_ISSUERS", text), "LATCHKEY_WORKLOAD_ISSUERS must "] as [
      Env,
      string,
    ]
  ),
  // Each says where in the JSON the mistake is, in the words of the admin API.
  ...Object.entries({
    "LATCHKEY_TRUSTED_ISSUERS x": "must be a JSON array of issuers.",
    "LATCHKEY_TRUSTED_ISSUERS {}": "must be a JSON array of issuers.",
    'LATCHKEY_TRUSTED_ISSUERS [{"issuer":"https://a.example"}]':
      "must be a JSON array of issuers: 0.clients is missing.",
    'LATCHKEY_TRUSTED_ISSUERS [{"issuer":"https://a.example","clients":["a"]}]':
      "must be a JSON array of issuers: 0 names nobody: set users, username_claim or",
    'LATCHKEY_WORKLOAD_ISSUERS [{"issuer":"https://a.example","keys":[]}]':
      "must be a JSON array of issuers: 0.keys is not known here.",
    'LATCHKEY_WORKLOAD_ISSUERS [{"issuer":"https://a.example","longest_lifetime":90000}]':
      "must be a JSON array of issuers: 0.longest_lifetime must be at most 86400.",
  }).map(([setting, problem]) => {
    const [name = "", text = ""] = setting.split(" ");
    return [inProduction(name, text), `${name} ${problem}`] as [Env, string];
  }),
  ...["Authorization", "Cookie", "X Client", ":", "Client-Cert-Chain"].map((name) =>
    [
      inProduction("LATCHKEY_CLIENT_CERTIFICATE_HEADER", name),
      "LATCHKEY_CLIENT_CERTIFICATE_HEADER must be Client-Cert, or a header that begins with X-",
    ] as [Env, string]
  ),
  [
    inProduction("LATCHKEY_CLIENT_CERTIFICATE_HEADER", "Client-Cert"),
    "LATCHKEY_CLIENT_CERTIFICATE_PROXIES is missing beside LATCHKEY_CLIENT_CERTIFICATE_HEADER",
  ],
  ...["10.1.0.0", "10.1.0.0/33", "proxy.example", "unix,"].map((text) =>
    [
      inProduction("LATCHKEY_CLIENT_CERTIFICATE_PROXIES", text),
      "LATCHKEY_CLIENT_CERTIFICATE_PROXIES must be networks with commas between",
    ] as [Env, string]
  ),
  [
    inProduction("LATCHKEY_CLIENT_CERTIFICATE_PROXIES", "10.1.0.0/16"),
    "LATCHKEY_CLIENT_CERTIFICATE_PROXIES is set without LATCHKEY_CLIENT_CERTIFICATE_HEADER",
  ],
  [
    inProduction("LATCHKEY_CLIENT_CERTIFICATE_ORIGIN", "https://mtls.id.example.com/"),
    "LATCHKEY_CLIENT_CERTIFICATE_ORIGIN must be an https origin without a slash at its end",
  ],
  [
    {
      ...inProduction("LATCHKEY_CLIENT_CERTIFICATE_HEADER", "X-Client-Cert"),
      LATCHKEY_CLIENT_CERTIFICATE_VERIFIED_HEADER: "x-client-cert",
      LATCHKEY_CLIENT_CERTIFICATE_PROXIES: "10.1.0.0/16",
    },
    "LATCHKEY_CLIENT_CERTIFICATE_VERIFIED_HEADER must not be the header of the certificate",
  ],
  [
    inProduction("LATCHKEY_SIGN_UP", "anybody"),
    "LATCHKEY_SIGN_UP must be open, invited or closed.",
  ],
  [
    inProduction("LATCHKEY_RATE_LIMIT_SIGN_IN", "10"),
    "must be how often in how many seconds, such",
  ],
  [inProduction("LATCHKEY_RATE_LIMIT_MAIL", "0/60"), "LATCHKEY_RATE_LIMIT_MAIL must be how often"],
  [inProduction("LATCHKEY_RATE_LIMIT_SIGN_IN", "1001/60"), "from 1 to 1000 times, in 1 to 86400"],
  [inProduction("LATCHKEY_RATE_LIMIT_ROUTE", "1000001/60"), "from 1 to 1000000 times, in 1 to"],
  [inProduction("LATCHKEY_RATE_LIMIT_ROUTE", "10/86401"), "LATCHKEY_RATE_LIMIT_ROUTE must be how"],
  [inProduction("LATCHKEY_RATE_LIMIT_AUTHORIZE", "10/1m"), "LATCHKEY_RATE_LIMIT_AUTHORIZE must be"],
  [
    inProduction("LATCHKEY_RATE_LIMIT_SIGN_INS", "1/1"),
    "meant to be LATCHKEY_RATE_LIMIT_SIGN_IN;",
  ],
  [inProduction("LATCHKEY_BOOTSTRAP", ""), "LATCHKEY_BOOTSTRAP is empty"],

  [inProduction("LATCHKEY_MAIL", "on"), "LATCHKEY_MAIL must be none, smtp or http."],
  [inProduction("LATCHKEY_MAIL", "smtp"), "LATCHKEY_MAIL_FROM is missing: LATCHKEY_MAIL is smtp"],
  [bySmtp(null), "LATCHKEY_MAIL_SMTP_URL is missing"],
  [byHttp({ URL: undefined }), "LATCHKEY_MAIL_HTTP_URL is missing"],
  [inProduction("LATCHKEY_MAIL_FROM", "id@a.example"), "set LATCHKEY_MAIL to smtp or http, or"],
  [{ ...bySmtp(), LATCHKEY_MAIL: "none" }, "LATCHKEY_MAIL_FROM is set without a use: set"],
  [{ ...bySmtp(), LATCHKEY_MAIL: undefined }, "LATCHKEY_MAIL_FROM is set without a use"],
  [{ ...bySmtp(), LATCHKEY_MAIL_HTTP_HEADERS: "{}" }, "set LATCHKEY_MAIL to http, or remove it."],
  [{ ...byHttp(), LATCHKEY_MAIL_SMTP_URL: "smtp://a.example" }, "set LATCHKEY_MAIL to smtp, or"],
  [{ ...bySmtp(), LATCHKEY_MAIL_FROM: "Example" }, "LATCHKEY_MAIL_FROM must be a mail address"],
  [{ ...bySmtp(), LATCHKEY_MAIL_FROM: "a@b, c@d" }, "LATCHKEY_MAIL_FROM must be a mail address"],
  [{ ...bySmtp(), LATCHKEY_MAIL_FROM: "i\u200bd@b.example" }, "LATCHKEY_MAIL_FROM must be a mail"],
  [{ ...bySmtp(), LATCHKEY_MAIL_FROM: "A <id @b>" }, "LATCHKEY_MAIL_FROM must be a mail address"],
  [{ ...bySmtp(), LATCHKEY_MAIL_FROM: "A\r\nB: C <a@b>" }, "LATCHKEY_MAIL_FROM must be a mail"],
  [bySmtp("smtp.example.com:587"), "LATCHKEY_MAIL_SMTP_URL must be a URL such as smtps://user"],
  [bySmtp("https://smtp.example.com"), "LATCHKEY_MAIL_SMTP_URL must be a URL such as"],
  [bySmtp("smtp://"), "LATCHKEY_MAIL_SMTP_URL must be a URL such as"],
  [bySmtp("smtp://a.example/x"), "LATCHKEY_MAIL_SMTP_URL must have no path, no query and no"],
  [bySmtp("smtp://a.example?tls=no"), "LATCHKEY_MAIL_SMTP_URL must have no path, no query and no"],
  [bySmtp("smtp://me@a.example"), "LATCHKEY_MAIL_SMTP_URL must hold both a user name and a"],
  [bySmtp("smtp://me:50%@a.example"), "LATCHKEY_MAIL_SMTP_URL holds a % that begins no"],
  [byHttp({ URL: "mail.example" }), "LATCHKEY_MAIL_HTTP_URL must be an https URL."],
  [byHttp({ URL: "http://mail.example" }), "LATCHKEY_MAIL_HTTP_URL must begin with https://, exc"],
  [byHttp({ URL: "http://api.localhost" }), "LATCHKEY_MAIL_HTTP_URL must begin with https://, exc"],
  [byHttp({ URL: "http://10.0.0.1" }), "LATCHKEY_MAIL_HTTP_URL must begin with https://, exc"],
  [byHttp({ URL: "https://me:pw@mail.example" }), "LATCHKEY_MAIL_HTTP_URL must hold no user name"],
  [byHttp({ HEADERS: "Authorization: x" }), "LATCHKEY_MAIL_HTTP_HEADERS must be a JSON object of"],
  [byHttp({ HEADERS: '{"a":1}' }), "LATCHKEY_MAIL_HTTP_HEADERS must be a JSON object of"],
  [byHttp({ HEADERS: '{"a b":"c"}' }), "LATCHKEY_MAIL_HTTP_HEADERS holds a name or a value that"],
  [byHttp({ HEADERS: '{"a":"b\\r\\nc:d"}' }), "LATCHKEY_MAIL_HTTP_HEADERS holds a name or a value"],
  [byHttp({ BODY: "{from}" }), "LATCHKEY_MAIL_HTTP_BODY must be a JSON object, in whose texts"],
  [byHttp({ BODY: "7" }), "LATCHKEY_MAIL_HTTP_BODY must be a JSON object"],
  [byHttp({ BODY: '{"{to}":"{subject}{text}"}' }), "LATCHKEY_MAIL_HTTP_BODY has no text with {to}"],
  [byHttp({ BODY: '{"a":"{to}{text}"}' }), "LATCHKEY_MAIL_HTTP_BODY has no text with {subject}."],
  [byHttp({ BODY: '{"a":["{to}{subject}"]}' }), "has no text with {text} or {html}."],
  [inProduction("LATCHKEY_RESTORED", "0"), "LATCHKEY_RESTORED must be 1, at the one boot after"],
  [inProduction("LATCHKEY_RESTORED", "true"), "LATCHKEY_RESTORED must be 1, at the one boot after"],

  [inProduction("LATCHKEY_LIFETIME_CODE", "601"), "LATCHKEY_LIFETIME_CODE must be a whole number"],
  [inProduction("LATCHKEY_LIFETIME_CODE", "0"), "of seconds from 1 to 600."],
  [
    inProduction("LATCHKEY_SOFTWARE_STATEMENT_ISSUERS", "https://directory.example"),
    "LATCHKEY_SOFTWARE_STATEMENT_ISSUERS must be a JSON object of issuers",
  ],
  [inProduction("LATCHKEY_LIFETIME_REQUEST_URI", "600"), "of seconds from 1 to 599."],
  [inProduction("LATCHKEY_LIFETIME_ID_TOKEN", "1h"), "LATCHKEY_LIFETIME_ID_TOKEN must be a whole"],
  [inProduction("LATCHKEY_LIFETIME_ACCESS_TOKEN", "1.5"), "of seconds from 1 to 86400."],
  [inProduction("LATCHKEY_LIFETIME_SESSION_MAX", "1e3"), "of seconds from 1 to 31536000."],
  [
    inProduction("LATCHKEY_LIFETIME_SESSION_IDLE", "604801"),
    "LATCHKEY_LIFETIME_SESSION_IDLE must not exceed LATCHKEY_LIFETIME_SESSION_MAX, which is 604800",
  ],
  [
    inProduction("LATCHKEY_LIFETIME_REFRESH_TOKEN_IDLE", "7776001"),
    "LATCHKEY_LIFETIME_REFRESH_TOKEN_IDLE must not exceed LATCHKEY_LIFETIME_REFRESH_TOKEN_MAX",
  ],

  [
    inProduction("LATCHKEY_ISUER", "x"),
    "LATCHKEY_ISUER is unknown: it may be meant to be LATCHKEY_ISSUER",
  ],
  [inProduction("LATCHKEY_LIFETIME_CODES", "9"), "meant to be LATCHKEY_LIFETIME_CODE;"],
  [inProduction("LATCHKEY_RATE_LIMIT", "off"), "meant to be LATCHKEY_RATE_LIMITS;"],
  [inProduction("Latchkey_Kv", "kv"), "meant to be LATCHKEY_KV;"],
];

Deno.test("a wrong value stops the start with a sentence that names the variable", async (t) => {
  for (const [env, sentence] of refusals) {
    await t.step(sentence, () => {
      const error = assertThrows(() => readConfig(env, noFile), ConfigError);
      assertStringIncludes(error.message, sentence);
      assert(error.message.startsWith(`${error.variable} `) && error.message.endsWith("."));
      assert(!error.message.includes("\n"));
    });
  }
});

Deno.test("a missing master key file, or one without a key, is refused", () => {
  const env = { LATCHKEY_ISSUER: "https://id.example.com", LATCHKEY_MASTER_KEY_FILE: "/key" };
  const missing = assertThrows(() =>
    readConfig(env, () => {
      throw new Deno.errors.NotFound("/key");
    }), ConfigError);
  assertStringIncludes(missing.message, "names a file that cannot be read (NotFound): correct");
  const outside = assertThrows(() =>
    readConfig(env, () => {
      throw new Deno.errors.NotCapable("/key");
    }), ConfigError);
  assertStringIncludes(outside.message, "(NotCapable): start the process with --allow-read");
  const wrong = assertThrows(() => readConfig(env, () => "not a key"), ConfigError);
  assertStringIncludes(wrong.message, "names a file whose content must be 32 random bytes");
});

Deno.test("no message holds the value of a secret, nor a key that was set instead of its path", () => {
  const value = fc.string({ minLength: 12, unit: "grapheme-ascii" })
    .filter((text) => text.trim() === text);
  const name = fc.constantFrom(
    "LATCHKEY_MASTER_KEY",
    "LATCHKEY_MASTER_KEY_FILE",
    "LATCHKEY_MASTER_KEY_PREVIOUS",
    "LATCHKEY_MAIL_SMTP_URL",
    "LATCHKEY_MAIL_HTTP_URL",
    "LATCHKEY_MAIL_HTTP_HEADERS",
    "LATCHKEY_MAIL_HTTP_BODY",
  );
  fc.assert(fc.property(name, value, (name, secret) => {
    const env = { ...development, [name]: secret };
    const error = assertThrows(() => readConfig(env, noFile), ConfigError);
    assert(!error.message.includes(secret));
  }));
});

Deno.test("any environment gives a configuration or one error sentence", () => {
  const env = fc.dictionary(fc.constantFrom(...configVariables), anyText());
  fc.assert(fc.property(env, (env) => {
    try {
      readConfig({ ...production, ...env }, () => "");
    } catch (error) {
      assert(error instanceof ConfigError);
      assert(configVariables.includes(error.variable));
    }
  }));
});

Deno.test("variables of other programs are ignored", () => {
  assertEquals(
    readConfig({ ...production, HOME: "", KV: " x " }, noFile),
    readConfig(production, noFile),
  );
});
