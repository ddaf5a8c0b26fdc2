import { assert, assertEquals } from "@std/assert";
import {
  compactDecrypt,
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
} from "jose";
import {
  contentEncryptionAlgorithms,
  keyEncryptionAlgorithms,
} from "../../stores/signed_messages.ts";
import { ask, signedInBrowser, toldTo } from "../support/authorization.ts";
import { aClient, type ClientEntry } from "../support/clients.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { signIn, userinfo } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";

const signedIntrospection = "application/token-introspection+jwt";

async function verified(
  provider: TestProvider,
  jwt: string,
  { audience = "shop", typ }: { readonly audience?: string; readonly typ?: string } = {},
): Promise<{ payload: JWTPayload; alg: string }> {
  const keys = await (await provider.request("/.well-known/jwks.json")).json();
  const currentDate = new Date(provider.clock.seconds() * 1000);
  const options = { issuer, audience, currentDate, ...(typ === undefined ? {} : { typ }) };
  const { payload, protectedHeader } = await jwtVerify(jwt, createLocalJWKSet(keys), options);
  return { payload, alg: protectedHeader.alg };
}

function introspection(
  provider: TestProvider,
  token: string,
  accept: string | null,
  client = "shop",
): Promise<Response> {
  const form = { token, ...provider.credentials(client) };
  return provider.post("/introspect", form, accept === null ? {} : { accept });
}

interface Opener {
  readonly jwk: Record<string, unknown>;
  open(jwe: string): Promise<{ header: Record<string, unknown>; text: string }>;
}

async function anOpener(alg: string, kid: string): Promise<Opener> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return {
    jwk: { ...await exportJWK(pair.publicKey), kid, use: "enc" },
    async open(jwe) {
      const { plaintext, protectedHeader } = await compactDecrypt(jwe, pair.privateKey);
      return { header: { ...protectedHeader }, text: new TextDecoder().decode(plaintext) };
    },
  };
}

Deno.test("userinfo is a JWT for a client that wants one, and names issuer and client", async () => {
  const members = { skip_consent: true, userinfo_signed_response_alg: "EdDSA" };
  await using provider = await aProvider({ clients: [aClient("shop", members)] });
  const { access_token } = await signIn(provider);
  const answer = await userinfo(provider, access_token);
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "application/jwt"]);
  const { payload, alg } = await verified(provider, await answer.text());
  assertEquals([alg, payload.name], ["EdDSA", "Alice Adams"]);
  const { userId } = await provider.userOf("alice");
  assertEquals(payload.sub, userId);
  // Errors stay JSON, and such a JWT is no ID token.
  const refused = await userinfo(provider, "at_no");
  assertEquals([refused.status, refused.headers.get("content-type")], [401, "application/json"]);
  const hint = await (await userinfo(provider, access_token)).text();
  const browser = await signedInBrowser(provider);
  const silent = { prompt: "none", id_token_hint: hint };
  assertEquals(
    toldTo(await ask(provider, { browser, parameters: silent })).error,
    "login_required",
  );
});

Deno.test("introspection is signed for whoever asks for it, with the asker as audience", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("shop", { skip_consent: true, introspection_signed_response_alg: "ES256" }),
      aClient("other"),
    ],
  });
  const { access_token } = await signIn(provider);
  for (
    const accept of [signedIntrospection, `text/html, ${signedIntrospection.toUpperCase()};q=0.9`]
  ) {
    const answer = await introspection(provider, access_token, accept);
    assertEquals([answer.status, answer.headers.get("content-type")], [200, signedIntrospection]);
    const jwt = await answer.text();
    const { payload, alg } = await verified(provider, jwt, { typ: "token-introspection+jwt" });
    assertEquals(alg, "ES256");
    const { token_introspection: told, iat, ...rest } = payload;
    assertEquals(rest, { iss: issuer, aud: "shop" });
    assertEquals(iat, provider.clock.seconds());
    const plain = await (await introspection(provider, access_token, "application/json")).json();
    assertEquals(told, plain);
  }
  for (const accept of [null, "*/*", `${signedIntrospection};q=0`, "application/jwt"]) {
    const answer = await introspection(provider, access_token, accept);
    assertEquals(answer.headers.get("content-type"), "application/json", String(accept));
    assertEquals((await answer.json()).active, true);
  }
  // What another client may not know is signed as inactive, for that client.
  const foreign = await introspection(provider, access_token, signedIntrospection, "other");
  const { payload, alg } = await verified(provider, await foreign.text(), { audience: "other" });
  assertEquals([alg, payload.token_introspection], ["RS256", { active: false }]);
});

Deno.test("each key and content algorithm that discovery names encrypts, after signing", async () => {
  const ec = await anOpener("ECDH-ES", "ec");
  const rsa = await anOpener("RSA-OAEP-256", "rsa");
  const rsa1 = await anOpener("RSA-OAEP", "rsa1");
  const clients: ClientEntry[] = [];
  const openers: Record<string, Opener> = {};
  for (const alg of keyEncryptionAlgorithms) {
    const opener = alg.startsWith("ECDH") ? ec : alg === "RSA-OAEP" ? rsa1 : rsa;
    for (const enc of contentEncryptionAlgorithms) {
      if (alg !== "ECDH-ES" && enc !== "A128GCM") continue;
      const id = `${alg.replace("+", "-")}.${enc}`;
      openers[id] = opener;
      clients.push(aClient(id, {
        redirect_uris: ["https://shop.example/callback"],
        skip_consent: true,
        jwks: { keys: [opener.jwk] },
        id_token_encrypted_response_alg: alg,
        id_token_encrypted_response_enc: enc,
        userinfo_encrypted_response_alg: alg,
        introspection_encrypted_response_alg: alg,
        introspection_encrypted_response_enc: enc,
        authorization_encrypted_response_alg: alg,
      }));
    }
  }
  await using provider = await aProvider({ clients });
  for (const [client, opener] of Object.entries(openers)) {
    const browser = await signedInBrowser(provider, { client });
    const parameters = { response_mode: "jwt" };
    const { response = "" } = toldTo(await ask(provider, { browser, client, parameters }));
    const jarm = await opener.open(response);
    assertEquals([jarm.header.cty, jarm.header.enc], ["JWT", "A128CBC-HS256"], client);
    const { payload } = await verified(provider, jarm.text, { audience: client });
    const exchanged = await provider.exchange(String(payload.code), {
      client,
      parameters: { redirect_uri: "https://shop.example/callback" },
    });
    const { id_token, access_token } = await exchanged.json();
    const idToken = await opener.open(id_token);
    assertEquals([idToken.header.cty, idToken.header.enc], ["JWT", client.split(".")[1]]);
    const { payload: claims } = await verified(provider, idToken.text, { audience: client });
    assertEquals(claims.nonce, "the-nonce");
    const answer = await userinfo(provider, access_token);
    assertEquals(answer.headers.get("content-type"), "application/jwt");
    const told = await opener.open(await answer.text());
    assertEquals([told.header.cty, JSON.parse(told.text).name], [undefined, "Alice Adams"]);
    const asked = await introspection(provider, access_token, signedIntrospection, client);
    const inner = await opener.open(await asked.text());
    assertEquals(decodeProtectedHeader(inner.text).typ, "token-introspection+jwt");
  }
});

Deno.test("an answer that cannot be encrypted is not sent, and spends nothing", async () => {
  const signing = await anOpener("ECDH-ES", "sig");
  const wrong = { ...signing.jwk, use: "sig" };
  const rsa = await anOpener("RSA-OAEP-256", "rsa");
  const encrypted = {
    skip_consent: true,
    jwks_uri: "https://shop.example/jwks",
    id_token_encrypted_response_alg: "ECDH-ES",
    authorization_encrypted_response_alg: "ECDH-ES",
  };
  const web = testWeb();
  web.publish("https://shop.example/jwks", JSON.stringify({ keys: [wrong, rsa.jwk] }));
  await using provider = await aProvider({ clients: [aClient("shop", encrypted)], transport: web });
  const code = await provider.authorize();
  const refused = await provider.exchange(code);
  assertEquals([refused.status, (await refused.json()).error], [400, "invalid_request"]);
  // An error that must be encrypted is shown instead of being sent.
  const browser = provider.browser();
  const landing = await ask(provider, {
    browser,
    parameters: { prompt: "none", response_mode: "jwt" },
  });
  assertEquals([landing.url.origin, landing.response.status], [issuer, 400]);
  // Once the client has a key, the same code works: nothing was spent.
  const right = { ...signing.jwk, use: undefined };
  web.publish("https://shop.example/jwks", JSON.stringify({ keys: [right] }));
  provider.clock.advance(11);
  const next = await provider.exchange(code);
  assertEquals(next.status, 200);
  const { text } = await signing.open((await next.json()).id_token);
  assert(text.startsWith("ey"));
});

Deno.test("an answer is encrypted for the client's key that is for it, and for no other one", async () => {
  const [ecdh, oaep] = ["ECDH-ES+A128KW", "RSA-OAEP-256"];
  const [ec, other] = [await anOpener("ECDH-ES", "1"), await anOpener("ECDH-ES", "2")];
  const rsa = await anOpener("RSA-OAEP-256", "1");
  const bare = ({ jwk: { use: _, kid: __, ...jwk } }: Opener, members = {}) => ({
    ...jwk,
    ...members,
  });
  const rows: [alg: string, keys: unknown[], opener: Opener | null][] = [
    // A key for signatures says so in one of three ways.
    [ecdh, [bare(other, { key_ops: ["verify"] }), bare(ec)], ec],
    [ecdh, [bare(other, { use: "sig" }), bare(ec)], ec],
    [ecdh, [bare(other, { alg: "ES256" }), bare(ec)], ec],
    [oaep, [bare(rsa, { key_ops: ["verify"] })], null],
    [oaep, [bare(rsa, { alg: "PS256" })], null],
    [oaep, [bare(rsa, { use: "enc", alg: "RSA-OAEP" })], null],
    [ecdh, [bare(ec, { use: "enc", key_ops: ["verify"] })], null],
    // The operations of WebCrypto's exports, and those of RFC 7517.
    [ecdh, [bare(ec, { key_ops: [] })], ec],
    [ecdh, [bare(ec, { key_ops: ["deriveKey"] })], ec],
    [ecdh, [bare(ec, { use: "enc", key_ops: ["deriveBits"] })], ec],
    [oaep, [bare(rsa, { key_ops: ["wrapKey"] })], rsa],
    [oaep, [bare(rsa, { key_ops: ["encrypt"], use: "enc" })], rsa],
    [oaep, [bare(rsa, { key_ops: [] })], null],
    // Type and curve fit, and a `kid` that two keys have says nothing.
    [oaep, [ec.jwk, { ...bare(rsa), kid: "r" }], rsa],
    [ecdh, [rsa.jwk, ec.jwk, bare(other)], other],
    [ecdh, [rsa.jwk, ec.jwk], ec],
  ];
  const web = testWeb();
  const clients = rows.map(([alg, keys], n) => {
    const jwks_uri = `https://shop.example/${n}`;
    web.publish(jwks_uri, JSON.stringify({ keys }));
    return aClient(`c${n}`, { jwks_uri, userinfo_encrypted_response_alg: alg, skip_consent: true });
  });
  await using provider = await aProvider({ clients, transport: web });
  for (const [n, [, keys, opener]] of rows.entries()) {
    const { access_token } = await signIn(provider, { client: `c${n}` });
    const answer = await userinfo(provider, access_token);
    const row = `${n} ${JSON.stringify(keys)}`;
    assertEquals(answer.status, opener === null ? 400 : 200, row);
    const body = await answer.text();
    if (opener !== null) assert((await opener.open(body)).text.includes("Alice"), row);
  }
});
