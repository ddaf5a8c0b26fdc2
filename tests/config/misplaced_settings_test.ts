import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/config/config_error.ts";
import { readConfig } from "../../src/config/read_config.ts";
import { toBase64url } from "../../src/crypto/encoding.ts";

const production = {
  LATCHKEY_ISSUER: "https://id.example.com",
  LATCHKEY_MASTER_KEY: toBase64url(new Uint8Array(32).fill(1)),
};

function read(settings: Readonly<Record<string, string>>) {
  return readConfig({ ...production, ...settings }, () => "");
}

function refusal(settings: Readonly<Record<string, string>>): string {
  return assertThrows(() => read(settings), ConfigError).message;
}

Deno.test("a KV Connect server without its scheme is not taken for a file", () => {
  const servers = ["127.0.0.1:4512", "localhost:4512", "kv_1.internal:4512/", "[::1]:4512"];
  for (const text of [...servers, "http:/127.0.0.1:4512", "https:kv.example"]) {
    assertStringIncludes(refusal({ LATCHKEY_KV: text }), "LATCHKEY_KV must begin with http://");
  }
  const hosts = ["localhost", "LocalHost/", "10.0.0.5", "::1", "[fd12::5]", "kv.example.com"];
  for (const text of [...hosts, "kv.internal", "kv.default.svc", "KV.example.de", "a.b.c.eu/"]) {
    assertStringIncludes(refusal({ LATCHKEY_KV: text }), "LATCHKEY_KV must begin with http://");
  }
  const names = [
    "kv.sqlite",
    "kv.sqlite3",
    "data",
    "id.db",
    "id.kv",
    "kv.backup.bak",
    "kv.2026.11",
  ];
  const paths = ["./localhost", "/srv/kv.example.com", "kv.example.com/id", "data/kv.internal"];
  const ports = ["./localhost:4512", "/srv/127.0.0.1:4512", "C:\\kv", "a:b", "1.2.3"];
  for (const path of [...names, ...paths, ...ports]) {
    assertEquals(read({ LATCHKEY_KV: path }).kv, { kind: "file", path });
  }
});

Deno.test("the URL of a KV Connect server has no query and no fragment", () => {
  for (const end of ["?token=x", "/#kv"]) {
    const message = refusal({ LATCHKEY_KV: `https://kv.example${end}` });
    assertStringIncludes(message, "LATCHKEY_KV must have no query and no fragment");
  }
});

Deno.test("what Kubernetes tells of services called latchkey and latchkey-kv is no misspelt variable", () => {
  const given = {
    LATCHKEY_SERVICE_HOST: "10.0.0.11",
    LATCHKEY_SERVICE_PORT: "8000",
    LATCHKEY_SERVICE_PORT_HTTP_WEB: "8000",
    LATCHKEY_PORT: "tcp://10.0.0.11:8000",
    LATCHKEY_PORT_8000_TCP: "tcp://10.0.0.11:8000",
    LATCHKEY_PORT_8000_TCP_PROTO: "tcp",
    LATCHKEY_PORT_8000_TCP_PORT: "8000",
    LATCHKEY_PORT_8000_TCP_ADDR: "10.0.0.11",
    LATCHKEY_KV_SERVICE_HOST: "10.0.0.12",
    LATCHKEY_KV_PORT: "tcp://10.0.0.12:4512",
    LATCHKEY_KV_PORT_4512_TCP_ADDR: "10.0.0.12",
  };
  assertEquals(read(given), read({}));
});

Deno.test("names that only resemble those of Kubernetes are unknown", () => {
  const unknown = { LATCHKEY_PORT: "8000", LATCHKEY_SERVICE: "x", LATCHKEY_PORT_HTTP: "1" };
  for (const [name, value] of Object.entries(unknown)) {
    assertStringIncludes(refusal({ [name]: value }), `${name} is unknown`);
  }
  assertStringIncludes(refusal({ LATCHKEY_PORT: "8000" }), "meant to be PORT;");
});

Deno.test("the proxies that are believed about certificates are those that requests can come from", () => {
  const header = { LATCHKEY_CLIENT_CERTIFICATE_HEADER: "X-Client-Cert" };
  const socket = { LATCHKEY_SOCKET: "/run/latchkey/1.sock", LATCHKEY_TRUST_PROXY: "1" };
  const proxies = (list: string) => ({ ...header, LATCHKEY_CLIENT_CERTIFICATE_PROXIES: list });
  const name = "LATCHKEY_CLIENT_CERTIFICATE_PROXIES";
  assertStringIncludes(refusal(proxies("unix")), `${name} names unix alone`);
  assertStringIncludes(refusal({ ...socket, ...proxies("127.0.0.1/32") }), `${name} lacks unix`);
  // One list may be shared by processes of both kinds.
  for (const settings of [{}, socket]) {
    const config = read({ ...settings, ...proxies("127.0.0.1/32, unix") });
    assertEquals(config.clientCertificates?.proxies, ["127.0.0.1/32", "unix"]);
  }
});

Deno.test("a network of all addresses is refused where a network makes an exception", () => {
  for (const all of ["0.0.0.0/0", "::/0"]) {
    const networks = `10.1.0.0/16,${all}`;
    const proxies = { LATCHKEY_CLIENT_CERTIFICATE_PROXIES: networks };
    const header = { LATCHKEY_CLIENT_CERTIFICATE_HEADER: "X-Client-Cert" };
    assertStringIncludes(refusal({ ...header, ...proxies }), "anybody could claim any certificate");
    const outgoing = { LATCHKEY_OUTGOING_PRIVATE_NETWORKS: networks };
    assertStringIncludes(refusal(outgoing), "must not hold all addresses");
  }
});

Deno.test("keys of other issuers are at URLs that the server can call", () => {
  const trusted = {
    issuer: "https://idp.example",
    clients: ["wiki"],
    email_domains: ["a.example"],
  };
  const keys = "http://idp.example/jwks";
  const refused: Record<string, unknown> = {
    LATCHKEY_TRUSTED_ISSUERS: [{ ...trusted, jwks_uri: keys }],
    LATCHKEY_WORKLOAD_ISSUERS: [{ issuer: "https://idp.example", jwks_uri: `${keys}#a` }],
    LATCHKEY_SOFTWARE_STATEMENT_ISSUERS: { "https://idp.example": keys },
  };
  for (const [name, value] of Object.entries(refused)) {
    assertStringIncludes(refusal({ [name]: JSON.stringify(value) }), name);
  }
  for (const name of ["LATCHKEY_TRUSTED_ISSUERS", "LATCHKEY_WORKLOAD_ISSUERS"]) {
    const entry = { ...(name.includes("TRUSTED") ? trusted : {}), issuer: "http://idp.example" };
    const message = refusal({ [name]: JSON.stringify([entry]) });
    assertStringIncludes(message, "has an issuer that must be an https URL");
    // A cluster may have such a name, as long as its keys are elsewhere.
    read({ [name]: JSON.stringify([{ ...entry, jwks_uri: "https://idp.example/jwks" }]) });
    read({ [name]: JSON.stringify([{ ...entry, jwks_uri: "http://localhost:8080/jwks" }]) });
  }
});
