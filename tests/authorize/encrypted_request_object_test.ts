import { assert, assertEquals } from "@std/assert";
import {
  base64url,
  CompactEncrypt,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import * as clients from "../../stores/clients.ts";
import * as encryptionKeys from "../../stores/encryption_keys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import {
  contentEncryptionAlgorithms,
  requestEncryptionAlgorithms,
} from "../../stores/signed_messages.ts";
import {
  addEncryptionKeyRotation,
  decryptsFor,
  rotateDueEncryptionKeys,
} from "../../src/keys/encryption_key_rotation.ts";
import { newEncryptionKey } from "../../src/keys/encryption_key.ts";
import { anAdminApi, problemOf } from "../admin/api.ts";
import { callback, register } from "../registration/registration.ts";
import { outcomeOf, signedInBrowser, toldTo } from "../support/authorization.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { publishedKeys } from "../support/published_keys.ts";
import { auditTrail, snapshotWithoutAudit } from "../support/records.ts";
import { signedObject, unsignedObject } from "../support/request_object.ts";
import { answerOf } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";

const key = await aClientKey();
const redirect_uri = "https://shop.example/callback";

function anEncrypter(members: Record<string, unknown> = {}, id = "shop") {
  return aClient(id, {
    skip_consent: true,
    jwks: { keys: [key.publicJwk] },
    request_object_encryption_alg: "ECDH-ES",
    ...members,
  });
}

function path(parameters: Record<string, string>, client_id = "shop"): string {
  return `/authorize?${new URLSearchParams({ client_id, ...parameters })}`;
}

async function publishedKey(provider: TestProvider, kty = "EC"): Promise<JWK> {
  const fit = (await publishedKeys(provider)).keys.filter((jwk) =>
    jwk.use === "enc" && jwk.kty === kty
  );
  assertEquals(fit.length, 1, "a client never has to choose");
  return fit[0] as JWK;
}

/** Encrypts for a key. @param changes of the header; undefined leaves a member out */
async function encrypted(
  jwk: JWK,
  text: string,
  changes: Record<string, unknown> = {},
): Promise<string> {
  const all = { alg: "ECDH-ES", enc: "A128CBC-HS256", kid: jwk.kid, cty: "JWT", ...changes };
  const header = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return await new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader(header as never).encrypt(await importJWK(jwk, all.alg));
}

Deno.test("a request that is signed and then encrypted for this server is opened, by each algorithm", async () => {
  const combinations = requestEncryptionAlgorithms.map((alg, n) => ({
    alg,
    enc: contentEncryptionAlgorithms[n % contentEncryptionAlgorithms.length] as string,
    id: alg.toLowerCase(),
  }));
  await using provider = await aProvider({
    clients: combinations.map(({ alg, enc, id }) =>
      anEncrypter({
        request_object_encryption_alg: alg,
        request_object_encryption_enc: enc,
        redirect_uris: [redirect_uri],
      }, id)
    ),
  });
  for (const { alg, enc, id } of combinations) {
    const browser = await signedInBrowser(provider, { client: id });
    const jwk = await publishedKey(provider, alg === "RSA-OAEP-256" ? "RSA" : "EC");
    const object = await signedObject(provider, key, { client: id });
    const headers = [{}, { kid: undefined }, { cty: undefined }, { typ: "oauth-authz-req+jwt" }];
    for (const header of headers) {
      const request = await encrypted(jwk, object, { alg, enc, ...header });
      const landing = await browser.open(path({ request, state: "outside" }, id));
      assertEquals(toldTo(landing).state, "inside", `${alg} ${JSON.stringify(header)}`);
    }
    // By PAR it is opened at once.
    const request = await encrypted(jwk, object, { alg, enc });
    const pushed = await provider.post("/par", { request, ...provider.credentials(id) });
    assertEquals(pushed.status, 201);
    const { request_uri } = await pushed.json();
    assertEquals(outcomeOf(await browser.open(path({ request_uri }, id))), "code");
  }
});

/** Objects that are refused, by what is wrong with them. */
async function attacks(provider: TestProvider): Promise<Record<string, string>> {
  const jwk = await publishedKey(provider);
  const [rsa, object] = [await publishedKey(provider, "RSA"), await signedObject(provider, key)];
  const right = await encrypted(jwk, object);
  const [header = "", , iv = "", text = "", tag = ""] = right.split(".");
  const thief = await generateKeyPair("ECDH-ES", { extractable: true });
  const other = { ...await exportJWK(thief.publicKey), kid: jwk.kid } as JWK;
  const headerWith = (changes: Record<string, unknown>) => {
    const decoded = JSON.parse(new TextDecoder().decode(base64url.decode(header)));
    return base64url.encode(JSON.stringify({ ...decoded, ...changes }));
  };
  const changed = (changes: Record<string, unknown>) =>
    [headerWith(changes), "", iv, text, tag].join(".");
  const flipped = (part: string) => (part.startsWith("A") ? "B" : "A") + part.slice(1);
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const symmetric = (alg: string, secret: Uint8Array) =>
    new CompactEncrypt(new TextEncoder().encode(object))
      .setProtectedHeader({ alg, enc: "A128CBC-HS256", kid: jwk.kid ?? "" }).encrypt(secret);
  const [, payload = ""] = object.split(".");
  return {
    "not encrypted": object,
    "not encrypted, and alg none": unsignedObject(provider),
    "alg none inside": await encrypted(jwk, unsignedObject(provider)),
    "no JWT inside": await encrypted(jwk, "{}"),
    "claims that nobody signed": await encrypted(
      jwk,
      new TextDecoder().decode(base64url.decode(payload)),
    ),
    "a signature of another's key": await encrypted(
      jwk,
      await signedObject(provider, await aClientKey()),
    ),
    "encrypted twice": await encrypted(jwk, right),
    "another alg": await encrypted(jwk, object, { alg: "ECDH-ES+A256KW" }),
    "the alg of the other key": await encrypted(rsa, object, { alg: "RSA-OAEP-256" }),
    "another enc": await encrypted(jwk, object, { enc: "A256GCM" }),
    "another's key": await encrypted(other, object),
    "the kid of the other key": await encrypted(jwk, object, { kid: rsa.kid }),
    "a kid that nobody has": await encrypted(jwk, object, { kid: "1" }),
    "a typ of another kind": await encrypted(jwk, object, { typ: "at+jwt" }),
    "a cty of another kind": await encrypted(jwk, object, { cty: "json" }),
    "compressed": await encrypted(jwk, object, { zip: "DEF" }),
    "a bomb": await encrypted(jwk, "x".repeat(8_000_000), { zip: "DEF" }),
    "compressed, it says": changed({ zip: "DEF" }),
    "dir": await symmetric("dir", secret),
    "a key wrap": await symmetric("A256KW", secret),
    "a password": await new CompactEncrypt(new TextEncoder().encode(object))
      .setProtectedHeader({ alg: "PBES2-HS256+A128KW", enc: "A128CBC-HS256" })
      .setKeyManagementParameters({ p2c: 1000, p2s: new Uint8Array(16) }).encrypt(secret),
    "a billion rounds": changed({ alg: "PBES2-HS256+A128KW", p2c: 1e9, p2s: "AAAA" }),
    "RSA1_5": changed({ alg: "RSA1_5" }),
    "a point that is on no curve": changed({
      epk: { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) },
    }),
    "a point of another curve": changed({ epk: await otherCurve() }),
    "no point": changed({ epk: undefined }),
    "an extension that must be understood": changed({ crit: ["x"], x: 1 }),
    "another text": [header, "", iv, flipped(text), tag].join("."),
    "another tag": [header, "", iv, text, flipped(tag)].join("."),
    "another start": [header, "", flipped(iv), text, tag].join("."),
    "an encrypted key too many": [header, "AAAA", iv, text, tag].join("."),
    "four parts": [header, iv, text, tag].join("."),
    "a kid that is a list": changed({ kid: [jwk.kid] }),
    "a header that is a list": ["W10", "", iv, text, tag].join("."),
    "dots": "....",
    "a long text": "a".repeat(17_000),
  };
}

async function otherCurve() {
  const { publicKey } = await generateKeyPair("ECDH-ES", { crv: "P-384" });
  return await exportJWK(publicKey);
}

Deno.test("a client that is registered to encrypt must do so, by its algorithms, and nothing else is opened", async () => {
  await using provider = await aProvider({
    clients: [
      anEncrypter({ request_object_encryption_enc: "A128CBC-HS256" }),
      anEncrypter({ request_object_encryption_alg: "RSA-OAEP-256" }, "rsa"),
      aClient("plain", { skip_consent: true, jwks: { keys: [key.publicJwk] } }),
    ],
  });
  const browser = await signedInBrowser(provider);
  const before = await snapshotWithoutAudit(provider.backend);
  const told = new Set<string | undefined>();
  for (const [name, request] of Object.entries(await attacks(provider))) {
    const landing = await browser.open(path({ request, redirect_uri }));
    assertEquals(outcomeOf(landing), "error invalid_request_object", name);
    if (name !== "a long text") told.add(toldTo(landing).error_description);
    const pushed = { request, ...provider.credentials("shop") };
    assertEquals(
      await answerOf(await provider.post("/par", pushed)),
      "400 invalid_request_object",
      name,
    );
  }
  assertEquals(told.size, 1, `one error for all: ${[...told].join()}`);

  // An encrypted key of a wrong length or padding looks like a wrong text.
  const rsa = await publishedKey(provider, "RSA");
  const object = await signedObject(provider, key, { client: "rsa" });
  const parts = (await encrypted(rsa, object, { alg: "RSA-OAEP-256" })).split(".");
  const wrongKeys = [
    "",
    "AAAA",
    "A".repeat(342),
    "B".repeat(342),
    "_".repeat(342),
    "A".repeat(400),
  ];
  const rsaTold = new Set<string | undefined>();
  for (const wrong of wrongKeys) {
    const request = [parts[0], wrong, ...parts.slice(2)].join(".");
    const answer = await provider.post("/par", { request, ...provider.credentials("rsa") });
    const { error, error_description } = await answer.json();
    assertEquals(error, "invalid_request_object");
    rsaTold.add(error_description);
  }
  assertEquals([...rsaTold], [...told]);
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
  // Anybody can encrypt: a record that asks for no signature, as none can be registered, is none either.
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { client } = await tx.read({ client: clients.ref("rsa") });
    if (client.value === null) throw new Error("no client");
    clients.keep(tx, client, { ...client.value, requestObjectSigningAlg: "none" });
  });
  const unsigned = unsignedObject(provider, { client: "rsa" });
  for (const request of [await encrypted(rsa, unsigned, { alg: "RSA-OAEP-256" }), unsigned]) {
    const answer = await provider.post("/par", { request, ...provider.credentials("rsa") });
    assertEquals(await answerOf(answer), "400 invalid_request_object");
  }
  const changed = await snapshotWithoutAudit(provider.backend);
  // Nor is one opened that its client is not registered for.
  const jwk = await publishedKey(provider);
  const request = await encrypted(jwk, await signedObject(provider, key, { client: "plain" }));
  const open = { request, ...provider.credentials("plain") };
  assertEquals(await answerOf(await provider.post("/par", open)), "400 invalid_request_object");
  assertEquals(await snapshotWithoutAudit(provider.backend), changed);
});

Deno.test("an encrypted object has a jti that is used once, comes by reference too, and each client makes no key", async () => {
  const url = "https://shop.example/object";
  const web = testWeb();
  await using provider = await aProvider({
    clients: [anEncrypter({ request_uris: [url] })],
    config: { registration: "open" },
    transport: web,
  });
  const browser = await signedInBrowser(provider);
  const jwk = await publishedKey(provider);
  const object = await signedObject(provider, key, { claims: { jti: "1" } });
  // Encrypted twice, it is the same object.
  const outcomes: string[] = [];
  for (let times = 0; times < 2; times++) {
    const request = await encrypted(jwk, object);
    outcomes.push(outcomeOf(await browser.open(path({ request }))));
  }
  assertEquals(outcomes, ["code", "page invalid_request_object"]);
  web.publish(url, await encrypted(jwk, await signedObject(provider, key)));
  assertEquals(outcomeOf(await browser.open(path({ request_uri: url }))), "code");
  web.publish(url, await signedObject(provider, key));
  const plain = await browser.open(path({ request_uri: url, redirect_uri }));
  assertEquals(outcomeOf(plain), "error invalid_request_object");

  const registered = async (metadata: Record<string, unknown>) => {
    const { status, body } = await register(provider, { redirect_uris: [callback], ...metadata });
    return `${status} ${body.error_description ?? ""}`.trim();
  };
  const strangers = Array.from(
    { length: 6 },
    () => registered({ request_object_encryption_alg: "RSA-OAEP-256" }),
  );
  assertEquals(new Set(await Promise.all(strangers)), new Set(["201"]));
  const made = (await publishedKeys(provider)).keys.filter(({ use }) => use === "enc");
  assertEquals(made.map(({ kty }) => kty).toSorted(), ["EC", "RSA"]);
  for (const jwk of made) assertEquals("d" in jwk, false);
  const created = (await auditTrail(provider)).filter(({ type }) =>
    type === "encryption_key_created"
  );
  assertEquals(created.length, 2);

  const alg = "request_object_encryption_alg";
  const refused: [Record<string, unknown>, string][] = [
    [{ [alg]: "RSA1_5" }, `${alg} must be one of`],
    [{ [alg]: "RSA-OAEP" }, `${alg} must be one of`],
    [{ [alg]: "dir" }, `${alg} must be one of`],
    [{ request_object_encryption_enc: "A128GCM" }, `request_object_encryption_enc needs ${alg}`],
    [
      { [alg]: "ECDH-ES", request_object_signing_alg: "none" },
      `${alg} needs request objects that are signed`,
    ],
  ];
  for (const [metadata, problem] of refused) {
    const answer = await registered(metadata);
    assert(answer.startsWith(`400 ${problem}`), answer);
  }
});

Deno.test("a request that is encrypted for a key this server does not have is refused, and makes none", async () => {
  await using provider = await aProvider({ clients: [anEncrypter()] });
  const jwk = await publishedKey(provider);
  const request = await encrypted(jwk, await signedObject(provider, key));
  const { key: at } = encryptionKeys.ref("EC");
  await provider.backend.commit({ checks: [], mutations: [{ type: "delete", key: at }] });
  const process = provider.restart();
  const answer = await process.post("/par", { request, ...provider.credentials("shop") });
  assertEquals(await answerOf(answer), "400 invalid_request_object");
  assertEquals((await publishedKeys(process)).keys.filter(({ use }) => use === "enc"), []);
});

Deno.test("no library takes the key for encryption for one that signs", async () => {
  await using provider = await aProvider({
    clients: [anEncrypter(), anEncrypter({ request_object_encryption_alg: "RSA-OAEP-256" }, "rsa")],
  });
  const { keys } = await publishedKeys(provider);
  const of = (use: string) => keys.filter((jwk) => jwk.use === use);
  assertEquals([of("enc").length, of("sig").length], [2, keys.length - 2]);
  const set = createLocalJWKSet({ keys: of("enc") as never });
  for (const alg of ["ES256", "RS256", "PS256"]) {
    for (const { kid } of [...of("enc"), { kid: undefined }]) {
      const found = await set({ alg, ...(kid === undefined ? {} : { kid }) }).catch((error) =>
        error.code
      );
      assertEquals(found, "ERR_JWKS_NO_MATCHING_KEY", `${alg} ${kid}`);
    }
  }
});

/** The answer to a request that is encrypted for a key. */
async function opens(provider: TestProvider, jwk: JWK): Promise<string> {
  const request = await encrypted(jwk, await signedObject(provider, key));
  const form = { request, ...provider.credentials("shop") };
  return await answerOf(await provider.post("/par", form));
}

Deno.test("a replaced key opens requests for a day more, and one that was withdrawn none", async () => {
  await using api = await anAdminApi({ clients: [anEncrypter()] });
  const { provider } = api;
  const first = await publishedKey(provider);
  assertEquals(await opens(provider, first), "201");
  // Several at once: one is done.
  const replacements = await Promise.all(
    Array.from(
      { length: 3 },
      () => newEncryptionKey(provider.deps, "EC", provider.clock.seconds()),
    ),
  );
  const outcomes = await Promise.allSettled(
    replacements.map((replacement) =>
      provider.deps.kv.step(
        systemOrigin,
        (tx) => addEncryptionKeyRotation(tx, "EC", replacement),
      )
    ),
  );
  assertEquals(outcomes.map(({ status }) => status).toSorted(), [
    "fulfilled",
    "rejected",
    "rejected",
  ]);
  const second = await publishedKey(provider);
  const listed = (await api.get("/encryption-keys")).body.items;
  assertEquals(listed.map(({ kid, state }: Record<string, string>) => [kid, state]), [
    [second.kid, "current"],
    [first.kid, "previous"],
  ]);
  assertEquals(JSON.stringify(listed).includes('"d"'), false);
  const early = await api.post("/encryption-keys/rotate", { kty: "EC" });
  const { headers } = early;
  assertEquals([problemOf(early), headers.get("retry-after")], ["409 conflict", "86400"]);
  const restarted = provider.restart();
  for (const jwk of [first, second]) assertEquals(await opens(restarted, jwk), "201");
  provider.clock.advance(decryptsFor - 1);
  assertEquals(await opens(provider, first), "201");
  provider.clock.advance(1);
  assertEquals(await opens(provider, first), "400 invalid_request_object");
  assertEquals(await opens(provider, second), "201");

  // What decrypts nothing is deleted, and the cron job replaces the key when its time has come.
  assertEquals(await rotateDueEncryptionKeys(provider.deps), []);
  const { entries } = await provider.deps.kv.list({ collection: encryptionKeys.all, limit: 9 });
  assertEquals(entries.map(({ value }) => value.previous), [null]);
  provider.clock.advance(provider.deps.config.lifetimes.signingKey);
  assertEquals(await rotateDueEncryptionKeys(provider.deps), ["EC"]);
  assertEquals(await rotateDueEncryptionKeys(provider.deps), []);
  const third = await publishedKey(provider);
  for (const jwk of [second, third]) assertEquals(await opens(provider, jwk), "201");

  await api.renewToken();
  const idempotent = { "idempotency-key": "stolen" };
  const withdrawn = await api.post("/encryption-keys/emergency-rotate", { kty: "EC" }, idempotent);
  const fourth = await publishedKey(provider);
  const answer = { kty: "EC", replaced: third.kid, current: fourth.kid };
  assertEquals(withdrawn.body, answer);
  const again = await api.post("/encryption-keys/emergency-rotate", { kty: "EC" }, idempotent);
  assertEquals(again.body, answer);
  const all = [];
  for (const jwk of [second, third, fourth]) all.push(await opens(provider, jwk));
  const refused = "400 invalid_request_object";
  assertEquals(all, [refused, refused, "201"]);
  for (const way of ["rotate", "emergency-rotate"]) {
    const none = await api.post(`/encryption-keys/${way}`, { kty: "RSA" });
    assertEquals(problemOf(none), "404 not-found");
  }
  const events = (await auditTrail(provider)).flatMap(({ type, about }) =>
    type.startsWith("encryption_key_") ? [`${type} ${about}`] : []
  );
  assertEquals(events.toSorted(), [
    `encryption_key_created ${first.kid}`,
    ...[second, third, fourth].map(({ kid }) => `encryption_key_rotated ${kid}`).toSorted(),
    `encryption_key_withdrawn ${third.kid}`,
  ]);
});
