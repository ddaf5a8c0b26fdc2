import { assertEquals } from "@std/assert";
import { createApp } from "../../routes/app.ts";
import { aCertificate, behindProxy, cn, type TestCertificate } from "../support/certificate.ts";
import { aPublicClient } from "../support/clients.ts";
import { localhostCertificate } from "../support/localhost_certificate.ts";
import { findNginx, startNginx } from "../support/nginx.ts";
import { aProvider } from "../support/provider.ts";

const binary = findNginx();
const document = new URL("../../docs/deploying/client-certificates.md", import.meta.url);

/** The server block of the page, with the files and the port of a test. */
async function serverBlock(directory: string, port: number): Promise<string> {
  const [, block = ""] = /```nginx\n(server \{[^]*?)```/.exec(await Deno.readTextFile(document)) ??
    [];
  return block
    .replace("listen 443 ssl", `listen 127.0.0.1:${port} ssl`)
    .replace("mtls.id.example.com;", "localhost;")
    .replace(/ssl_certificate .*;/, `ssl_certificate ${directory}/server.pem;`)
    .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${directory}/server.key;`)
    .replace(/ssl_client_certificate .*;/, `ssl_client_certificate ${directory}/authority.pem;`);
}

/** A block for the issuer's host, with the lines of the page. */
async function issuerBlock(port: number): Promise<string> {
  const [, lines = ""] = /```nginx\n(proxy_set_header [^]*?)```/.exec(
    await Deno.readTextFile(document),
  ) ?? [];
  return `server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://latchkey;
      proxy_set_header Host $host;
      ${lines}
    }
  }`;
}

const pemOf = ({ escapedPem }: TestCertificate) => decodeURIComponent(escapedPem);

async function keyOf({ keys }: TestCertificate): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const lines = bytes.toBase64().replaceAll(/.{64}/g, "$&\n");
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}

Deno.test({
  name: "behind nginx, as its page sets it up, clients are who their certificates say",
  ignore: binary === null,
  async fn() {
    if (binary === null) return;
    const directory = await Deno.makeTempDir();
    const isAuthority = true;
    const authority = await aCertificate({ subject: [[[cn, "authority"]]], isAuthority });
    const issued = await aCertificate({ issuer: authority });
    const forged = await aCertificate(); // with the same name, and signed by nobody
    const own = await aCertificate({ subject: [[[cn, "own"]]] });
    const expired = await aCertificate({ issuer: authority, notAfter: 1_000_000_000 });
    const port = 20_000 + Deno.pid % 10_000;
    const files = {
      "server.pem": localhostCertificate.certificate,
      "server.key": localhostCertificate.key,
      "authority.pem": pemOf(authority),
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${directory}/${name}`, text);
    }
    const machine = aPublicClient("app", { grant_types: ["client_credentials"] });
    await using provider = await aProvider({
      clients: [
        {
          ...machine,
          token_endpoint_auth_method: "tls_client_auth",
          tls_client_auth_subject_dn: "CN=app",
        },
        {
          ...machine,
          client_id: "self",
          token_endpoint_auth_method: "self_signed_tls_client_auth",
          jwks: { keys: [own.publicJwk] },
        },
      ],
      config: {
        clientCertificates: {
          ...behindProxy.clientCertificates,
          header: "x-client-cert",
          proxies: ["unix"],
        },
      },
    });
    const path = `${directory}/latchkey.sock`;
    const { fetch: answer } = createApp(provider.deps);
    await using _server = Deno.serve({ path, onListen() {} }, (request) => answer(request, {}));
    const block = await serverBlock(directory, port) + await issuerBlock(port + 1);
    await using _nginx = await startNginx({ binary, directory, port, sockets: [path], block });

    const ask = async (
      client_id: string,
      certificate: TestCertificate | null,
      headers: Record<string, string> = {},
      origin = `https://localhost:${port}`,
    ) => {
      using client = Deno.createHttpClient({
        caCerts: [localhostCertificate.authority],
        ...(certificate && { cert: pemOf(certificate), key: await keyOf(certificate) }),
      });
      const body = new URLSearchParams({ grant_type: "client_credentials", client_id });
      const response = await fetch(`${origin}/token`, { method: "POST", body, headers, client });
      const text = await response.text();
      const { error = "" } = text.startsWith("{") ? JSON.parse(text) : {};
      return `${response.status} ${error}`.trim();
    };
    const wrong = "401 invalid_client";
    const claimed = { "x-client-cert": issued.escapedPem, "x-client-verify": "SUCCESS" };
    assertEquals(await ask("app", issued), "200");
    assertEquals(await ask("app", forged), wrong, "not verified");
    assertEquals(await ask("app", expired), "400", "expired: nginx itself refuses it");
    assertEquals(await ask("app", null), wrong, "none");
    assertEquals(await ask("app", null, claimed), wrong, "only claimed");
    assertEquals(await ask("app", forged, claimed), wrong, "claimed beside another one");
    assertEquals(await ask("app", null, claimed, `http://localhost:${port + 1}`), wrong, "issuer");
    assertEquals(await ask("self", own), "200");
    assertEquals(await ask("self", issued), wrong);
    await Deno.remove(directory, { recursive: true });
  },
});
