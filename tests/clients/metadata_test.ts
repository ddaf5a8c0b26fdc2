import { assertEquals } from "@std/assert";
import { noSecret } from "../../src/clients/kept_secret.ts";
import { clientMetadataSchema, clientOf } from "../../src/clients/metadata.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient, aPublicClient } from "../support/clients.ts";

/** The members that a refusal names; none: it was accepted. */
function refusedMembers(entry: unknown): string[] {
  const parsed = clientMetadataSchema.safeParse(entry);
  const members = (parsed.error?.issues ?? []).map(({ path, code }) => String(path[0] ?? code));
  return [...new Set(members)];
}

Deno.test("a redirect URI is an https URL, http on the same machine, or a native client's own scheme", () => {
  const accepted: [string, "web" | "native"][] = [
    ["https://app.example/callback", "web"],
    ["https://app.example:8443/callback?tenant=1", "web"],
    ["http://localhost:3000/callback", "web"],
    ["http://127.0.0.1/callback", "native"],
    ["http://[::1]/callback", "native"],
    ["com.example.app:/callback", "native"],
    ["cursor://anysphere.cursor-mcp/oauth/callback", "native"],
    ["vscode://vscode.github-authentication/did-authenticate", "native"],
    ["myapp://callback", "native"],
  ];
  for (const [uri, application_type] of accepted) {
    const entry = aClient("app", { redirect_uris: [uri], application_type });
    assertEquals(refusedMembers(entry), [], uri);
  }

  const refused: [string, ("web" | "native")?][] = [
    [""],
    ["callback"],
    ["/callback"],
    ["//app.example/callback"],
    ["javascript:alert(1)"],
    ["javascript:alert(1)", "native"],
    ["data:text/html,x"],
    ["data:text/html,x", "native"],
    ["vbscript:x", "native"],
    ["javascript://x/%0aalert(1)", "native"],
    ["JavaScript://x/%0aalert(1)", "native"],
    ["data://text/html,x", "native"],
    ["view-source:https://x/", "native"],
    ["about:blank", "native"],
    ["intent://x", "native"],
    ["ms-settings://x", "native"],
    ["mailto:a@example.com", "native"],
    ["ws://x/y", "native"],
    ["ftp://x/y", "native"],
    ["MyApp://callback", "native"],
    ["cursor://anysphere.cursor-mcp/oauth/callback", "web"],
    ["blob:https://app.example/1", "native"],
    ["file:///etc/passwd", "native"],
    ["myapp:/callback", "native"],
    ["com.example.app:/callback", "web"],
    ["http://app.example/callback"],
    ["http://app.example/callback", "native"],
    ["http://127.0.0.1.evil.example/callback"],
    ["http://localhost.evil.example/callback"],
    ["http://app.localhost/callback"],
    ["http://app.localhost/callback", "native"],
    ["http://0.0.0.0/callback"],
    ["https://*.app.example/callback"],
    ["https://app.example/*"],
    ["https://app.example/callback#fragment"],
    ["https://app.example/callback#"],
    ["https://user@app.example/callback"],
    ["https://user:password@app.example/callback"],
    ["https://:password@app.example/callback"],
    // What a URL parser would quietly change is not what a browser would be sent to.
    ["https:app.example/callback"],
    ["https:/app.example/callback"],
    ["https:\\\\app.example/callback"],
    ["https://app.example\\callback"],
    [" https://app.example/callback"],
    ["https://app.example/call back"],
    ["https://app.example/callback\n"],
    ["https://app.example/call\r\nback"],
    ["https://app.example/rückruf"],
    [`https://app.example/${"a".repeat(2048)}`],
  ];
  for (const [uri, application_type = "web"] of refused) {
    for (const member of ["redirect_uris", "post_logout_redirect_uris"]) {
      const entry = aClient("app", { [member]: [uri], application_type });
      assertEquals(refusedMembers(entry), [member], `${application_type} ${uri}`);
    }
  }
});

const { publicJwk: publicKey } = await aClientKey("ES256", null);
const jwks = { keys: [publicKey] };

Deno.test("contradictory or unknown metadata is refused, and its member is named", () => {
  const table: [Record<string, unknown>, string[]][] = [
    [aClient("app"), []],
    [aPublicClient("app"), []],
    [
      {
        client_id: "app",
        client_secret: "the secret of app",
        redirect_uris: ["https://a.example/"],
      },
      [],
    ],
    [aClient("app", { client_id: "" }), ["client_id"]],
    [aClient("app", { client_id: "a b" }), ["client_id"]],
    [aClient("app", { client_id: "é" }), ["client_id"]],
    [aClient("app", { client_id: "x".repeat(257) }), ["client_id"]],
    // No URL can have them in its path, so the admin API could neither change nor delete the client.
    [aClient("app", { client_id: "." }), ["client_id"]],
    [aClient("app", { client_id: ".." }), ["client_id"]],
    [aClient("app", { client_id: "..." }), []],
    [aClient("app", { client_name: "Shop\u0000" }), ["client_name"]],
    [aClient("app", { client_name: "Shop\r\nBcc: x" }), ["client_name"]],
    [aClient("app", { client_name: "\u202egnivas" }), ["client_name"]],
    [aClient("app", { client_name: "\ud800" }), ["client_name"]],
    [aClient("app", { client_name: "\u05d7\u05e0\u05d5\u05ea\u200f" }), []],
    [aClient("app", { contacts: ["a@b.example\n"] }), ["contacts"]],
    [aClient("app", { client_secret: "x".repeat(15) }), ["client_secret"]],
    [aClient("app", { client_secret: "x".repeat(257) }), ["client_secret"]],
    [aClient("app", { client_secret: undefined }), ["client_secret"]],
    [{ ...aPublicClient("app"), client_secret: "the secret of app" }, ["client_secret"]],
    [aPublicClient("app", { grant_types: ["client_credentials"] }), ["grant_types"]],
    [aPublicClient("app", { rotate_refresh_tokens: false }), ["rotate_refresh_tokens"]],
    [aClient("app", { redirect_uris: [] }), ["redirect_uris"]],
    [aClient("app", { redirect_uris: [], grant_types: ["client_credentials"] }), []],
    [aClient("app", { redirect_uris: "https://a.example/" }), ["redirect_uris"]],
    [aClient("app", { grant_types: ["password"] }), ["grant_types"]],
    [aClient("app", { grant_types: ["password"] }), ["grant_types"]],
    [aClient("app", { response_types: ["token"] }), ["response_types"]],
    [aClient("app", { response_types: ["id_token code"] }), ["response_types"]],
    [aClient("app", { token_endpoint_auth_method: "tls_client_auth" }), [
      "client_secret",
      "tls_client_auth_subject_dn",
    ]],
    [aClient("app", { token_endpoint_auth_method: "private_key_jwt", jwks }), ["client_secret"]],
    [aKeyClient("app", {}), ["jwks"]],
    [aKeyClient("app", { jwks }), []],
    [aKeyClient("app", { jwks, jwks_uri: "https://a.example/jwks" }), ["jwks"]],
    [aKeyClient("app", { jwks_uri: "http://a.example/jwks" }), ["jwks_uri"]],
    [aClient("app", { sector_identifier_uri: "https://u:p@a.example/sector" }), [
      "sector_identifier_uri",
    ]],
    [aClient("app", { sector_identifier_uri: "https://a.example/sector#1" }), [
      "sector_identifier_uri",
    ]],
    [aClient("app", { sector_identifier_uri: "http://localhost/sector" }), [
      "sector_identifier_uri",
    ]],
    [aClient("app", { request_uris: ["http://localhost/object"] }), ["request_uris"]],
    [aClient("app", { request_uris: ["https://a.example\\object"] }), ["request_uris"]],
    [aClient("app", { request_uris: [`https://a.example/#${"x".repeat(500)}`] }), ["request_uris"]],
    // Core 6.2: the hash of the object, so that its change can be seen.
    [aClient("app", { request_uris: ["https://a.example/object#GkurKxf5T0Y"] }), []],
    [aKeyClient("app", { jwks: { keys: [{ ...publicKey, d: "d" }] } }), ["jwks"]],
    [aKeyClient("app", { jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } }), ["jwks"]],
    [aKeyClient("app", { jwks: { keys: [] } }), ["jwks"]],
    [aKeyClient("app", { jwks, token_endpoint_auth_signing_alg: "HS256" }), [
      "token_endpoint_auth_signing_alg",
    ]],
    [aKeyClient("app", { jwks, token_endpoint_auth_signing_alg: "none" }), [
      "token_endpoint_auth_signing_alg",
    ]],
    [aClient("app", { token_endpoint_auth_method: "client_secret_jwt" }), ["client_secret"]],
    [aClient("app", { id_token_signed_response_alg: "none" }), ["id_token_signed_response_alg"]],
    [aClient("app", { id_token_signed_response_alg: "HS256" }), ["id_token_signed_response_alg"]],
    [aClient("app", { subject_type: "ephemeral" }), ["subject_type"]],
    [aClient("app", { default_max_age: -1 }), ["default_max_age"]],
    [aClient("app", { default_max_age: 1.5 }), ["default_max_age"]],
    [aClient("app", { refresh_token_grace_period: 61 }), ["refresh_token_grace_period"]],
    [aClient("app", { client_uri: "javascript:alert(1)" }), ["client_uri"]],
    [aClient("app", { logo_uri: "data:image/png,x" }), ["logo_uri"]],
    [aClient("app", { logo_uri: "javascript:alert(1)" }), ["logo_uri"]],
    [aClient("app", { skip_consent: "yes" }), ["skip_consent"]],
    [aClient("app", { redirect_uri: "https://a.example/" }), ["unrecognized_keys"]],
  ];
  for (const [entry, members] of table) {
    assertEquals(refusedMembers(entry), members, JSON.stringify(entry));
  }
});

Deno.test("members that an operator leaves out have safe defaults", () => {
  const metadata = clientMetadataSchema.parse({
    client_id: "app",
    client_secret: "the secret of app",
    redirect_uris: ["https://app.example/callback"],
  });
  const client = clientOf(metadata, { secretDigest: "digest", sealedSecret: null }, 7);
  assertEquals(client.grantTypes, ["authorization_code"]);
  assertEquals(client.tokenEndpointAuthMethod, "client_secret_basic");
  assertEquals(client.idTokenSignedResponseAlg, "RS256");
  assertEquals(client.skipConsent, false);
  assertEquals(client.rotateRefreshTokens, true);
  assertEquals(client.refreshTokenGracePeriod, 10);
  assertEquals(client.clientName, "app");
  assertEquals(client.scope, ["openid"]);
  assertEquals(client.requirePkce, true);
});

Deno.test("a client with a name that nobody can see is called by its id", () => {
  for (
    const client_name of [
      undefined,
      "",
      " ",
      "\u200b",
      "\u00ad\u3164",
      "\u2800",
      "\u0301",
      "\u{1d159}",
    ]
  ) {
    const metadata = clientMetadataSchema.parse(aClient("app", { client_name }));
    assertEquals(clientOf(metadata, noSecret, 0).clientName, "app", JSON.stringify(client_name));
  }
});

Deno.test("a public client must use PKCE, whatever its metadata says", () => {
  const metadata = clientMetadataSchema.parse(aPublicClient("app", { require_pkce: false }));
  assertEquals(clientOf(metadata, noSecret, 7).requirePkce, true);
});

Deno.test("a web origin is what browsers send as Origin: https, or http on the same machine", () => {
  const accepted = ["https://shop.example", "https://shop.example:8443", "http://localhost:3000"];
  assertEquals(refusedMembers(aClient("app", { web_origins: accepted })), []);
  assertEquals(refusedMembers(aClient("app", { web_origins: ["http://[::1]:3000"] })), []);
  const refused = [
    "",
    "*",
    "null",
    "shop.example",
    "https://shop.example/",
    "https://shop.example/page",
    "https://SHOP.example",
    "https://shop.example:443",
    "https://*.shop.example",
    "https://user@shop.example",
    "http://shop.example",
    "http://shop.localhost",
    "https://bücher.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "com.example.app://x",
  ];
  for (const origin of refused) {
    const entry = aClient("app", { web_origins: [origin] });
    assertEquals(refusedMembers(entry), ["web_origins"], origin);
  }
});
