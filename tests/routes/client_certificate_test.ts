import { assertEquals } from "@std/assert";
import { aCertificate, behindProxy } from "../support/certificate.ts";
import { aPublicClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { answerOf } from "../support/tokens.ts";

const client = {
  ...aPublicClient("app", { grant_types: ["client_credentials"], redirect_uris: [] }),
  token_endpoint_auth_method: "self_signed_tls_client_auth",
};
const proxy = "203.0.113.7";

async function ask(
  provider: TestProvider,
  headers: HeadersInit,
  address: string = proxy,
): Promise<string> {
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id: "app" });
  return await answerOf(
    await provider.request("/token", { method: "POST", body, headers, address }),
  );
}

Deno.test("a certificate is taken from the named header of a named proxy, in its one form, and nowhere else", async () => {
  const certificate = await aCertificate();
  const other = await aCertificate();
  const clients = [{ ...client, jwks: { keys: [certificate.publicJwk] } }];
  const settings = behindProxy.clientCertificates;
  const proxies = [`${proxy}/32`, "2001:db8::/64", "10.0.0.0/8"];
  const { base64, escapedPem } = certificate;
  const refused = "401 invalid_client";
  const malformed = "400 invalid_request";
  const pem = decodeURIComponent(escapedPem);

  await using off = await aProvider({ clients });
  assertEquals(await ask(off, certificate.header), refused, "off by default");

  await using rfc9440 = await aProvider({
    clients,
    config: { clientCertificates: { ...settings, proxies } },
  });
  for (const address of [proxy, "10.1.2.3", "2001:db8::9", "::ffff:10.1.2.3"]) {
    assertEquals(await ask(rfc9440, certificate.header, address), "200", address);
  }
  for (const address of ["203.0.113.8", "192.0.2.1", "2001:db8:1::1", "::1", "127.0.0.1"]) {
    assertEquals(await ask(rfc9440, certificate.header, address), refused, address);
    const forwarded = { ...certificate.header, "x-forwarded-for": proxy };
    assertEquals(await ask(rfc9440, forwarded, address), refused, `${address}, forwarded`);
  }
  const sequences: readonly (readonly [string, string])[] = [
    ["", refused],
    ["::", refused],
    [` :${base64}: `, "200"],
    [base64, malformed],
    [`:${base64}`, malformed],
    [`"${base64}"`, malformed],
    [`:${base64}:;a=1`, malformed],
    [`:${base64}:, :${base64}:`, malformed],
    [`:${base64}:,`, malformed],
    [`:${base64.slice(0, -1)}*:`, malformed],
    [`:${base64.replaceAll("+", "-").replaceAll("/", "_")}-:`, malformed],
    [`:${"A".repeat(40_000)}:`, malformed],
    [escapedPem, malformed],
    [`:${other.base64}:`, refused],
  ];
  for (const [value, expected] of sequences) {
    assertEquals(await ask(rfc9440, { "client-cert": value }), expected, value.slice(0, 40));
  }
  const twice = new Headers(certificate.header);
  twice.append("client-cert", `:${other.base64}:`);
  assertEquals(await ask(rfc9440, twice), malformed, "two headers");
  for (const name of ["x-client-cert", "x-ssl-cert", "ssl-client-cert", "client-cert-chain"]) {
    assertEquals(await ask(rfc9440, { [name]: escapedPem }), refused, name);
  }

  await using escaped = await aProvider({
    clients,
    config: { clientCertificates: { ...settings, proxies: ["unix"], header: "x-client-cert" } },
  });
  await using escapedHere = await aProvider({
    clients,
    config: { clientCertificates: { ...settings, header: "x-client-cert" } },
  });
  assertEquals(await ask(escaped, { "x-client-cert": escapedPem }), refused, "not by the socket");
  const texts: readonly (readonly [string, string])[] = [
    ["", refused],
    [escapedPem, "200"],
    [pem.replaceAll("\n", " "), "200"],
    [pem.replaceAll("\n", "%0A"), "200"],
    [encodeURIComponent(base64), "200"], // as Traefik sends it
    [`${escapedPem}${escapedPem}`, malformed],
    [`${encodeURIComponent(base64)},${encodeURIComponent(base64)}`, malformed],
    [`${escapedPem}, ${escapedPem}`, malformed],
    [escapedPem.replace("BEGIN", "BEG"), malformed],
    [escapedPem.replaceAll("CERTIFICATE", "PRIVATE%20KEY"), malformed],
    [`%${escapedPem}`, malformed],
    [`x${escapedPem}`, malformed],
    [`:${base64}:`, malformed],
    ["A".repeat(40_000), malformed],
  ];
  for (const [value, expected] of texts) {
    assertEquals(await ask(escapedHere, { "x-client-cert": value }), expected, value.slice(0, 60));
  }
});

Deno.test("discovery names the methods by certificate and their URLs only where they work", async () => {
  const document = async (
    clientCertificates: typeof behindProxy.clientCertificates | null,
    more = {},
  ) => {
    await using provider = await aProvider({
      config: {
        clientCertificates: clientCertificates && { ...clientCertificates, ...more },
        registration: "open",
      },
    });
    const found = await (await provider.request("/.well-known/openid-configuration")).json();
    return {
      methods: found.token_endpoint_auth_methods_supported.filter((name: string) =>
        name.includes("tls")
      ),
      bound: found.tls_client_certificate_bound_access_tokens,
      aliases: found.mtls_endpoint_aliases,
    };
  };
  const settings = behindProxy.clientCertificates;
  assertEquals(await document(null), { methods: [], bound: undefined, aliases: undefined });
  assertEquals(await document(settings), {
    methods: ["tls_client_auth", "self_signed_tls_client_auth"],
    bound: true,
    aliases: undefined,
  });
  const origin = "https://mtls.op.example";
  const { methods, aliases } = await document(settings, { verifiedHeader: null, origin });
  assertEquals(methods, ["self_signed_tls_client_auth"]);
  const names = [
    "token",
    "userinfo",
    "introspection",
    "revocation",
    "pushed_authorization_request",
  ];
  for (const name of names) {
    assertEquals(new URL(aliases[`${name}_endpoint`]).origin, origin, name);
  }
  assertEquals(aliases.jwks_uri ?? aliases.authorization_endpoint, undefined);
});
