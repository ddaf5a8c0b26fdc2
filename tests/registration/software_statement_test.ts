import { assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { anAdminApi } from "../admin/api.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { testWeb } from "../support/web.ts";
import { callback, configure, register } from "./registration.ts";

const directory = "https://directory.example";
const jwksUri = `${directory}/jwks`;
const algorithm = "ES256";
const [key, stranger] = await Promise.all(
  [1, 2].map(() => generateKeyPair(algorithm, { extractable: true })),
);
if (!key || !stranger) throw new Error("no keys");

async function aDirectoryProvider() {
  const { web, options } = await directoryOptions("open");
  const provider = await aProvider(options);
  return { web, provider, ...signing(provider) };
}

async function directoryOptions(registration: "open" | "token") {
  const web = testWeb();
  const publicJwk = { ...await exportJWK(key!.publicKey), kid: "1" };
  web.publish(jwksUri, JSON.stringify({ keys: [publicJwk] }));
  const config = { registration, softwareStatementIssuers: { [directory]: jwksUri } };
  return { web, options: { transport: web, config } };
}

function signing(provider: TestProvider) {
  const now = provider.clock.seconds();
  const statement = (
    claims: Record<string, unknown> = {},
    { header = {}, by = key! }: {
      readonly header?: Record<string, unknown>;
      readonly by?: CryptoKeyPair;
    } = {},
  ) =>
    new SignJWT({ iss: directory, iat: now, exp: now + 60, ...claims })
      .setProtectedHeader({ alg: algorithm, kid: "1", ...header }).sign(by.privateKey);
  return { statement, now };
}

Deno.test("a software statement takes precedence, in a registration and in an update", async () => {
  const { provider, statement } = await aDirectoryProvider();
  await using _ = provider;
  const software_statement = await statement({
    client_name: "Vouched",
    redirect_uris: [callback],
    client_id: "chosen",
    skip_consent: true,
    logo_uri: "https://bank.example/logo.png",
  });
  const { status, body } = await register(provider, {
    client_name: "Somebody",
    client_uri: "https://app.example/",
    redirect_uris: ["https://evil.example/"],
    software_statement,
  });
  assertEquals([status, body.software_statement], [201, software_statement]);
  assertEquals([body.client_name, body.redirect_uris], ["Vouched", [callback]]);
  assertEquals([body.client_uri, body.skip_consent, body.logo_uri], [
    "https://app.example/",
    false,
    undefined,
  ]);
  assertEquals(body.client_id === "chosen", false);
  const { client_id } = body;
  const updated = await configure(provider, "PUT", {
    uri: new URL(body.registration_client_uri).pathname +
      new URL(body.registration_client_uri).search,
    token: body.registration_access_token,
    body: { client_id, software_statement, client_name: "Somebody" },
  });
  assertEquals([updated.status, updated.body.client_name], [200, "Vouched"]);
  assertEquals(updated.body.software_statement, software_statement);
});

Deno.test("a software statement is verified or refused, and never ignored", async () => {
  const { web, provider, statement, now } = await aDirectoryProvider();
  await using _ = provider;
  const outcome = async (software_statement: unknown) => {
    const { status, body } = await register(provider, {
      redirect_uris: [callback],
      software_statement,
    });
    return [status, body.error].filter((part) => part !== undefined).join(" ");
  };
  const wrong = "400 invalid_software_statement";
  const foreign = "400 unapproved_software_statement";
  const good = await statement();
  const [header, payload] = good.split(".");
  const none = btoa(JSON.stringify({ alg: "none" })).replaceAll("=", "");
  const table: [name: string, statement: unknown, outcome: string][] = [
    ["none at all", null, "201"],
    ["a good one", good, "201"],
    ["a good one again", good, "201"],
    ["without an end", await statement({ exp: undefined }), "201"],
    ["for this server", await statement({ aud: [issuer, "https://other.example"] }), "201"],
    ["for another server", await statement({ aud: "https://other.example" }), wrong],
    ["expired", await statement({ exp: now - 31 }), wrong],
    ["from the future", await statement({ nbf: now + 31 }), wrong],
    ["by another key", await statement({}, { by: stranger }), wrong],
    ["of another kid", await statement({}, { header: { kid: "2" } }), wrong],
    ["another kind of JWT", await statement({}, { header: { typ: "at+jwt" } }), wrong],
    ["unsigned", `${none}.${payload}.`, wrong],
    ["with its signature cut off", `${header}.${payload}.`, wrong],
    ["of an issuer that nobody trusts", await statement({ iss: "https://evil.example" }), foreign],
    ["of no issuer", await statement({ iss: undefined }), foreign],
    ["of a name that each object has", await statement({ iss: "constructor" }), foreign],
    ["a number", 7, wrong],
    ["an object", {}, wrong],
    ["an empty text", "", wrong],
    ["very long", "a".repeat(9000), wrong],
    [
      "metadata that is refused",
      await statement({ redirect_uris: ["javascript:x"] }),
      "400 invalid_redirect_uri",
    ],
  ];
  for (const [name, sent, expected] of table) {
    assertEquals([name, await outcome(sent)], [name, expected]);
  }
  web.publish(jwksUri, { status: 500 });
  assertEquals(await outcome(good), "201"); // by the keys that are known
});

Deno.test("the keys for statements are fetched for those who may register only, and then kept", async () => {
  const { web, options } = await directoryOptions("token");
  await using server = await anAdminApi(options);
  const { provider } = server;
  const { statement } = signing(provider);
  const software_statement = await statement({ exp: undefined });
  const sent = { redirect_uris: [callback], software_statement };
  const outcome = async (token?: string, metadata: unknown = sent) => {
    const { status, body } = await register(provider, metadata, token ? { token } : {});
    return [status, body.error].filter((part) => part !== undefined).join(" ");
  };
  const body = { single_use: false, lifetime: 1_000_000 };
  const { token } = (await server.post("/initial-access-tokens", body)).body;
  const jwks = JSON.stringify({ keys: [{ ...await exportJWK(key!.publicKey), kid: "1" }] });
  assertEquals(await outcome("wrong.token"), "401 invalid_token");
  assertEquals((await outcome()).slice(0, 3), "401");
  assertEquals(web.asked, []);
  for (const broken of [{ status: 500 }, "no JSON"]) {
    web.publish(jwksUri, broken);
    assertEquals(await outcome(token), "503 temporarily_unavailable");
    assertEquals(await outcome(token), "503 temporarily_unavailable");
    provider.clock.advance(11);
  }
  assertEquals(web.asked.length, 2);
  web.publish(jwksUri, jwks);
  for (let n = 0; n < 3; n++) assertEquals(await outcome(token), "201");
  const unknown = await statement({}, { header: { kid: "2" } });
  for (let n = 0; n < 3; n++) {
    assertEquals(
      await outcome(token, { ...sent, software_statement: unknown }),
      "400 invalid_software_statement",
    );
  }
  assertEquals(web.asked.length, 3);
  const { body: { registration_client_uri } } = await register(provider, sent, { token });
  const stranger = { uri: registration_client_uri, token: "wrong", body: sent };
  provider.clock.advance(100_000);
  assertEquals((await configure(provider, "PUT", stranger)).status, 401);
  assertEquals(web.asked.length, 3);
});

Deno.test("a client gets the strongest of the methods that it offers and has keys for", async () => {
  const { provider } = await aDirectoryProvider();
  await using _ = provider;
  const jwks = { keys: [await exportJWK(key!.publicKey)] };
  const keyOrSecret = {
    token_endpoint_auth_methods_supported: ["private_key_jwt", "client_secret_post"],
    jwks,
  };
  const table: [Record<string, unknown>, string][] = [
    [{}, "client_secret_basic"],
    [
      { token_endpoint_auth_methods_supported: ["none", "private_key_jwt"], jwks },
      "private_key_jwt",
    ],
    [{ token_endpoint_auth_methods_supported: ["none", "private_key_jwt"] }, "none"],
    [
      { token_endpoint_auth_methods_supported: ["none", "client_secret_post"] },
      "client_secret_post",
    ],
    [{ token_endpoint_auth_methods_supported: ["made_up", "none"] }, "none"],
    [
      {
        token_endpoint_auth_method: "tls_client_auth",
        token_endpoint_auth_methods_supported: ["tls_client_auth", "client_secret_post"],
      },
      "client_secret_post",
    ],
    [
      { ...keyOrSecret, token_endpoint_auth_signing_alg_values_supported: ["ES256"] },
      "private_key_jwt",
    ],
    [
      { ...keyOrSecret, token_endpoint_auth_signing_alg_values_supported: ["HS256"] },
      "client_secret_post",
    ],
    [{ ...keyOrSecret, token_endpoint_auth_signing_alg: "HS256" }, "client_secret_post"],
  ];
  for (const [offered, method] of table) {
    const { body } = await register(provider, { redirect_uris: [callback], ...offered });
    assertEquals(body.token_endpoint_auth_method, method, JSON.stringify(offered));
    assertEquals(body.token_endpoint_auth_methods_supported, undefined);
  }
});

Deno.test("a client gets a value that both support of those that it offers, and the answer names it", async () => {
  const { provider } = await aDirectoryProvider();
  await using _ = provider;
  const jwks = { keys: [await exportJWK(key!.publicKey)] };
  const lists = {
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["made_up", "ES256", "PS256"],
    id_token_encryption_alg_values_supported: ["RSA-OAEP-256"],
    userinfo_signing_alg_values_supported: ["ES256"],
    authorization_signing_alg_values_supported: ["RS256", "ES256"],
    introspection_signing_alg_values_supported: ["PS256"],
  };
  const { body } = await register(provider, { redirect_uris: [callback], jwks, ...lists });
  assertEquals(
    [...Object.keys(lists), ...singles].map((name) => body[name]).filter((value) => value),
    ["pairwise", "ES256", "RS256", "PS256"],
  );
  const refused: Record<string, unknown>[] = [
    { token_endpoint_auth_methods_supported: ["made_up"] },
    { token_endpoint_auth_methods_supported: [] },
    { token_endpoint_auth_methods_supported: "none" },
    {
      token_endpoint_auth_method: "none",
      token_endpoint_auth_methods_supported: ["client_secret_post"],
    },
    { token_endpoint_auth_methods_supported: ["private_key_jwt"] },
    { id_token_signing_alg_values_supported: ["HS256", "none", null, {}] },
    {
      id_token_signing_alg_values_supported: ["ES256"],
      id_token_signed_response_alg: "RS256",
    },
    { request_object_signing_alg: "XS256", request_object_signing_alg_values_supported: ["XS256"] },
  ];
  for (const members of refused) {
    const { status, body } = await register(provider, { redirect_uris: [callback], ...members });
    assertEquals([status, body.error], [400, "invalid_client_metadata"], JSON.stringify(members));
  }
});

Deno.test("the method, its algorithm and the keys that are chosen from lists fit together", async () => {
  const { provider } = await aDirectoryProvider();
  await using _ = provider;
  const ec = { ...await exportJWK(key!.publicKey), kid: "1" };
  const rsa = await exportJWK((await generateKeyPair("RS256", { extractable: true })).publicKey);
  const method = "token_endpoint_auth_method";
  const alg = "token_endpoint_auth_signing_alg";
  const encryption = "id_token_encrypted_response_alg";
  const algs = (...list: string[]) => ({
    [alg]: list[0],
    [`${alg}_values_supported`]: list,
  });
  const methods = (...list: string[]) => ({ [`${method}s_supported`]: list });
  const encrypting = (...list: string[]) => ({
    [encryption]: list[0],
    id_token_encryption_alg_values_supported: list,
  });
  const request = "request_object_signing_alg";
  const requests = (...list: string[]) => ({
    [request]: list[0],
    [`${request}_values_supported`]: list,
  });
  const jwks = { keys: [ec] };
  const secretOrKey = methods("client_secret_jwt", "private_key_jwt");
  const table: [Record<string, unknown>, Record<string, unknown>][] = [
    [
      { [method]: "private_key_jwt", jwks, ...algs("made_up", "HS256", "RS256", "ES256") },
      { [method]: "private_key_jwt", [alg]: "ES256" },
    ],
    [
      { [method]: "client_secret_jwt", ...algs("made_up", "ES256", "HS512") },
      { [method]: "client_secret_jwt", [alg]: "HS512" },
    ],
    // Its own value is one of the server's, but not for the method that it has or gets.
    [
      { [method]: "private_key_jwt", jwks, ...algs("HS256", "ES256") },
      { [method]: "private_key_jwt", [alg]: "ES256" },
    ],
    [
      { ...methods("private_key_jwt"), jwks, ...algs("HS256", "ES256") },
      { [method]: "private_key_jwt", [alg]: "ES256" },
    ],
    [
      { ...secretOrKey, jwks, ...algs("HS256", "ES256") },
      { [method]: "client_secret_jwt", [alg]: "HS256" },
    ],
    [
      { [method]: "private_key_jwt", ...secretOrKey, jwks, ...algs("HS256", "ES256") },
      { [method]: "private_key_jwt", [alg]: "ES256" },
    ],
    // The key decides, where several would do.
    [
      { [method]: "private_key_jwt", jwks: { keys: [rsa] }, ...algs("ES256", "PS256") },
      { [method]: "private_key_jwt", [alg]: "PS256" },
    ],
    [
      { ...secretOrKey, jwks: { keys: [{ ...ec, use: "enc" }] } },
      { [method]: "client_secret_jwt", [alg]: undefined },
    ],
    [
      { jwks, ...encrypting("RSA1_5", "RSA-OAEP", "ECDH-ES+A128KW") },
      { [encryption]: "ECDH-ES+A128KW" },
    ],
    [
      { jwks: { keys: [rsa] }, ...encrypting("ECDH-ES", "RSA-OAEP-256") },
      { [encryption]: "RSA-OAEP-256" },
    ],
    [
      { [method]: "private_key_jwt", jwks_uri: "https://app.example/jwks", ...algs("x", "RS256") },
      { [method]: "private_key_jwt", [alg]: "RS256" },
    ],
    [
      { ...methods("private_key_jwt", "client_secret_jwt"), jwks, ...algs("RS256", "HS256") },
      { [method]: "client_secret_jwt", [alg]: "HS256" },
    ],
    [
      { [method]: "private_key_jwt", ...secretOrKey, jwks, ...algs("HS256", "HS512") },
      { [method]: "client_secret_jwt", [alg]: "HS256" },
    ],
    // Its requests are signed by its keys, or not at all.
    [{ jwks, ...requests("RS256", "ES256") }, { [request]: "ES256" }],
    [{ jwks, ...requests("none", "RS256") }, { [request]: "none" }],
    [requests("RS256", "ES256"), { [request]: "RS256" }],
    // Only an operator gives it a profile.
    [
      { profile: "fapi2", id_token_signing_alg_values_supported: ["ES256", "RS256"] },
      { id_token_signed_response_alg: "RS256", profile: "standard" },
    ],
  ];
  for (const [sent, chosen] of table) {
    const { status, body } = await register(provider, { redirect_uris: [callback], ...sent });
    assertEquals([status, body.error_description], [201, undefined], JSON.stringify(sent));
    const got = Object.fromEntries(Object.keys(chosen).map((name) => [name, body[name]]));
    assertEquals(got, chosen, JSON.stringify(sent));
  }
  const impossible: Record<string, unknown>[] = [
    { [method]: "private_key_jwt", jwks, ...algs("HS256", "HS512") },
    { [method]: "private_key_jwt", jwks, ...algs("RS256", "PS256") },
    { jwks, ...encrypting("RSA-OAEP", "RSA-OAEP-256") },
    { jwks, ...requests("RS256", "PS256") },
    { jwks, [encryption]: "RSA-OAEP-256" },
    { jwks: { keys: [{ ...ec, key_ops: ["verify"] }] }, [encryption]: "ECDH-ES" },
  ];
  for (const sent of impossible) {
    const { status, body } = await register(provider, { redirect_uris: [callback], ...sent });
    assertEquals([status, body.error], [400, "invalid_client_metadata"], JSON.stringify(sent));
  }
});

Deno.test("the choice from a client's lists fits what an operator has set on it", async () => {
  await using api = await anAdminApi({ config: { registration: "open" } });
  const jwks = { keys: [{ ...await exportJWK(key!.publicKey), kid: "1" }] };
  const lists = {
    token_endpoint_auth_methods_supported: ["none", "client_secret_jwt"],
    token_endpoint_auth_signing_alg: "made_up",
    token_endpoint_auth_signing_alg_values_supported: ["made_up", "HS256", "ES256"],
  };
  const byKey = { token_endpoint_auth_method: "private_key_jwt", client_secret: null };
  const fapi = {
    profile: "fapi2",
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    rotate_refresh_tokens: false,
    refresh_token_grace_period: 0,
    authorization_signed_response_alg: "ES256",
    introspection_signed_response_alg: "ES256",
  };
  const es256 = { id_token_signed_response_alg: "ES256" };
  const both = ["RS256", "ES256"];
  const { publicKey: rsa } = await generateKeyPair("RS256", { extractable: true });
  /** What the client has, what an operator sets on it, what an update offers, and what is chosen. */
  const table: readonly Record<string, unknown>[][] = [
    [{}, byKey, lists, {
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
    }],
    [
      { ...es256, token_endpoint_auth_method: "private_key_jwt" },
      fapi,
      {
        id_token_signing_alg_values_supported: both,
        userinfo_signed_response_alg: "RS256",
        userinfo_signing_alg_values_supported: both,
        jwks: { keys: [...jwks.keys, await exportJWK(rsa)] },
        token_endpoint_auth_signing_alg: "RS256",
        token_endpoint_auth_signing_alg_values_supported: ["RS256", "PS256"],
        request_object_signing_alg: "RS256",
        request_object_signing_alg_values_supported: ["RS256", "PS256"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "private_key_jwt"],
        token_endpoint_auth_method: "client_secret_basic",
      },
      {
        ...es256,
        userinfo_signed_response_alg: "ES256",
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "PS256",
        request_object_signing_alg: "PS256",
      },
    ],
    // The rules for what a stranger asks for are not for what an operator has set.
    ...[{}, { response_types: ["code"] }, { response_types: ["token"] }].map((update) => [
      {},
      { response_types: ["id_token"] },
      update,
      { response_types: ["id_token"] },
    ]),
  ];
  for (const [members, set, update, chosen = {}] of table) {
    const sent = { redirect_uris: [callback], jwks, ...members };
    const { body: made } = await register(api.provider, sent);
    const patched = await api.patch(`/clients/${made.client_id}`, set ?? {});
    assertEquals(patched.status, 200, JSON.stringify(patched.body));
    const { status, body } = await configure(api.provider, "PUT", {
      uri: made.registration_client_uri,
      token: made.registration_access_token,
      body: { redirect_uris: [callback], jwks, client_id: made.client_id, ...update },
    });
    assertEquals([status, body.error_description], [200, undefined], JSON.stringify(update));
    const got = Object.fromEntries(Object.keys(chosen).map((name) => [name, body[name]]));
    assertEquals(got, chosen);
  }
});

Deno.test("a list of the sender changes nothing that a software statement names", async () => {
  const { provider, statement } = await aDirectoryProvider();
  await using _ = provider;
  const rows: [said: Record<string, unknown>, sent: Record<string, unknown>, outcome: string][] = [
    [
      { token_endpoint_auth_method: "tls_client_auth" },
      { token_endpoint_auth_methods_supported: ["tls_client_auth", "none"] },
      "400 invalid_client_metadata",
    ],
    [
      { id_token_signed_response_alg: "ES256K" },
      { id_token_signing_alg_values_supported: ["ES256K", "RS256"] },
      "400 invalid_client_metadata",
    ],
    [
      { id_token_signed_response_alg: "ES256" },
      { id_token_signing_alg_values_supported: ["RS256"] },
      "201 ES256",
    ],
    [
      { id_token_signing_alg_values_supported: ["ES256"] },
      { id_token_signing_alg_values_supported: ["RS256"] },
      "201 ES256",
    ],
  ];
  for (const [said, sent, outcome] of rows) {
    const software_statement = await statement(said);
    const metadata = { redirect_uris: [callback], ...sent, software_statement };
    const { status, body } = await register(provider, metadata);
    const told = `${status} ${body.error ?? body.id_token_signed_response_alg}`;
    assertEquals(told, outcome, JSON.stringify(said));
  }
});

Deno.test("a client that offers to leave a signature out, and wants that, gets none", async () => {
  const { provider } = await aDirectoryProvider();
  await using _ = provider;
  const { status, body } = await register(provider, {
    redirect_uris: [callback],
    userinfo_signed_response_alg: "none",
    userinfo_signing_alg_values_supported: ["none", "RS256"],
  });
  assertEquals([status, body.userinfo_signed_response_alg], [201, undefined]);
});

const singles = [
  "subject_type",
  "id_token_signed_response_alg",
  "id_token_encrypted_response_alg",
  "userinfo_signed_response_alg",
  "authorization_signed_response_alg",
  "introspection_signed_response_alg",
];
