import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { decodeProtectedHeader } from "jose";
import * as client from "openid-client";
import * as clients from "../../stores/clients.ts";
import * as providers from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import {
  firstAlgorithms,
  type SigningAlgorithm,
  signingAlgorithms,
  usable,
} from "../../stores/provider.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { makeOwnKeys, withOwnKeys } from "../../src/callers/own_keys.ts";
import { addKeyPairs, newKeyPairs, newSigningKey } from "../../src/keys/key_pair.ts";
import { OwnKeysNeeded } from "../../src/keys/signer.ts";
import { publicationLead, rotateDueKeys } from "../../src/keys/key_rotation.ts";
import { ask, signedInBrowser, toldTo } from "../support/authorization.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { rotateSigningKey, withdrawSigningKey } from "../support/signing_keys.ts";
import { testWeb } from "../support/web.ts";
import { callback, configure, register } from "../registration/registration.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { relyingParty } from "../support/openid_client.ts";
import { aProvider, codeVerifier, type TestProvider } from "../support/provider.ts";
import { publishedKeys, verified } from "../support/published_keys.ts";
import { auditTrail } from "../support/records.ts";
import { introspect, signIn, tokensOf, userinfo } from "../support/tokens.ts";
import { anAdminApi, problemOf } from "../admin/api.ts";

const algorithms = usable(signingAlgorithms);
/** Some of those whose keys are made later: RSA keys take longest. */
const later = usable(["PS256", "ES384", "ES512", "Ed25519"] as const);
const api = { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt" };
const signedIntrospection = "application/token-introspection+jwt";

/** All that the server signs for this client, it signs with one algorithm. */
function allBy(alg: SigningAlgorithm, id: string = alg) {
  return aClient(id, {
    skip_consent: true,
    scope: "openid profile read",
    redirect_uris: ["https://shop.example/callback"],
    response_types: ["code", "code id_token"],
    grant_types: [
      ...["authorization_code", "refresh_token", "implicit"],
      "urn:ietf:params:oauth:grant-type:token-exchange",
    ],
    id_jag_audiences: [{ audience: "https://other.example/", client_id: "us" }],
    backchannel_logout_uri: `https://shop.example/${id}`,
    id_token_signed_response_alg: alg,
    userinfo_signed_response_alg: alg,
    authorization_signed_response_alg: alg,
    introspection_signed_response_alg: alg,
  });
}

/** By OpenID Connect Core section 3.1.3.6; Ed25519 hashes with SHA-512. */
function halfHash(alg: string, text: string): string {
  const hash = createHash(`sha${alg.startsWith("Ed") ? 512 : alg.slice(2)}`).update(text).digest();
  return hash.subarray(0, hash.length / 2).toString("base64url");
}

Deno.test("each algorithm signs all that a client registers it for, as jose and openid-client verify", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({
    clients: algorithms.map((alg) => allBy(alg)),
    resources: [api],
    config: { implicit: true },
    transport: receiver,
  });
  for (const alg of algorithms) {
    const scope = "openid profile";
    const browser = await signedInBrowser(provider, { client: alg, parameters: { scope } });
    // A code and an ID token by the browser, in an answer that is signed too.
    const parameters = { response_type: "code id_token", response_mode: "jwt", scope: "openid" };
    const { response = "" } = toldTo(await ask(provider, { client: alg, browser, parameters }));
    const answer = await verified(provider, response, alg, "JWT");
    const inFront = await verified(provider, String(answer.id_token), alg);
    assertEquals(inFront.c_hash, halfHash(alg, String(answer.code)), alg);

    const tokens = await tokensOf(
      await provider.exchange(
        await provider.authorize({
          client: alg,
          browser,
          parameters: { scope: "openid read", resource: api.resource },
        }),
        { client: alg, parameters: { resource: api.resource } },
      ),
    );
    const { at_hash } = await verified(provider, tokens.id_token, alg);
    assertEquals(at_hash, halfHash(alg, tokens.access_token), alg);
    await verified(provider, tokens.access_token, alg, "at+jwt");
    const asked = { token: tokens.access_token, ...provider.credentials(alg) };
    const told = await provider.post("/introspect", asked, { accept: signedIntrospection });
    await verified(provider, await told.text(), alg, "token-introspection+jwt");
    const jag = await tokensOf(
      await provider.post("/token", {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: tokens.id_token,
        subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
        requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
        audience: "https://other.example/",
        ...provider.credentials(alg),
      }),
    );
    await verified(provider, jag.access_token, alg, "oauth-id-jag+jwt");

    const config = await relyingParty(provider, alg, {
      metadata: {
        id_token_signed_response_alg: alg,
        userinfo_signed_response_alg: alg,
        authorization_signed_response_alg: alg,
      },
    });
    client.useJwtResponseMode(config);
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: "https://shop.example/callback",
      scope: "openid profile",
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: "S256",
    });
    const landing = await browser.open(url.pathname + url.search);
    const granted = await client.authorizationCodeGrant(config, landing.url, {
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    });
    const sub = granted.claims()?.sub ?? "";
    const person = await client.fetchUserInfo(config, granted.access_token, sub);
    assertEquals(person.name, "Alice Adams");
    const signed = await (await userinfo(provider, granted.access_token)).text();
    await verified(provider, signed, alg, "JWT");

    assertEquals((await browser.send("/session", { method: "DELETE" })).status, 204);
    await tellOfLogouts(provider.deps);
    const { url: informed, token = "" } = receiver.received.at(-1) ?? {};
    assertEquals(informed, `https://shop.example/${alg}`);
    await verified(provider, token, alg, "logout+jwt");
  }
  const { keys } = await publishedKeys(provider);
  const wanted = algorithms.flatMap((alg) => [alg, alg]).toSorted();
  assertEquals(keys.map(({ alg }) => alg).toSorted(), wanted, "one that signs, and the next one");
});

Deno.test("keys of an algorithm are made when a client first registers for it, and once for all clients", async () => {
  await using provider = await aProvider({ config: { registration: "open" } });
  const count = async () => {
    const { keys } = await publishedKeys(provider);
    return Object.groupBy(keys.map(({ alg }) => String(alg)), (alg) => alg);
  };
  assertEquals(Object.keys(await count()).toSorted(), [...firstAlgorithms].toSorted());
  const registerWith = (metadata: Record<string, unknown>) =>
    register(provider, { redirect_uris: [callback], ...metadata });
  const members = [
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
  ];
  for (const alg of ["none", "HS256", "RS1", "ES256K", "RSA-OAEP", "ML-DSA-44", 7, ["PS256"]]) {
    for (const member of members) {
      const { status, body } = await registerWith({ [member]: alg });
      const { error, error_description } = body;
      assertEquals([status, error], [400, "invalid_client_metadata"], `${member} ${alg}`);
      assert(error_description.startsWith(`${member} must be`), error_description);
    }
  }
  assertEquals(Object.keys(await count()).length, 3, "a refused registration makes no key");

  // Strangers that ask for every algorithm, in every member, all at once.
  const asked = members.flatMap((member) => later.map((alg) => ({ [member]: alg })));
  for (const { status } of await Promise.all(asked.map(registerWith))) assertEquals(status, 201);
  const made = await count();
  assertEquals(Object.keys(made).toSorted(), [...firstAlgorithms, ...later].toSorted());
  for (const kids of Object.values(made)) assertEquals(kids?.length, 2);
  const created = (await auditTrail(provider)).filter(({ type }) => type === "signing_key_created");
  assertEquals(created.length, 2 * later.length, "the first ones are as old as the store");

  // Of several processes that need the same keys at one moment, one makes them.
  await using shared = await aProvider();
  const needed = new OwnKeysNeeded({ signing: ["ES384"], encryption: ["EC"] });
  const processes = [shared, ...Array.from({ length: 4 }, () => shared.restart())];
  await Promise.all(processes.map(({ deps }) => makeOwnKeys(deps, systemOrigin, needed)));
  const { keys } = await publishedKeys(shared);
  assertEquals(keys.filter(({ alg }) => alg === "ES384").length, 2);
  assertEquals(keys.filter(({ use }) => use === "enc").length, 1);

  // They outlive the process, and a client of an operator shares them.
  const other = provider.restart();
  await other.deps.signer.load(await other.providerRecord());
  assertEquals(await count(), made);
});

Deno.test("however a client comes to an algorithm, the keys are published when that is answered", async () => {
  const web = testWeb();
  const client_id = "https://tool.example/client.json";
  const redirect_uris = ["https://tool.example/callback"];
  const publish = (members: Record<string, unknown>) =>
    web.publish(client_id, JSON.stringify({ client_id, redirect_uris, ...members }));
  await using adminApi = await anAdminApi({
    config: { registration: "open", clientIdDocuments: { mode: "open", hosts: [] } },
    transport: web,
  });
  const { provider } = adminApi;
  const later = async () => {
    const { keys } = await publishedKeys(provider);
    const found = keys.map(({ alg, use, kty }) => `${alg ?? `${use} ${kty}`}`);
    return [...new Set(found)].filter((alg) => !firstAlgorithms.some((first) => first === alg));
  };
  const ways: [string, string, () => Promise<unknown>][] = [
    ["an operator's change", "ES384", async () => {
      await adminApi.patch("/clients/shop", { authorization_signed_response_alg: "ES384" });
    }],
    ["a client's own change", "Ed25519", async () => {
      const { body: made } = await register(provider, { redirect_uris });
      const changed = { client_id: made.client_id, redirect_uris };
      const body = { ...changed, introspection_signed_response_alg: "Ed25519" };
      const uri = made.registration_client_uri;
      const token = made.registration_access_token;
      assertEquals((await configure(provider, "PUT", { uri, token, body })).status, 200);
    }],
    ["a client's document", "PS256", async () => {
      publish({ userinfo_signed_response_alg: "PS256", token_endpoint_auth_method: "none" });
      const parameters = { client_id, redirect_uri: redirect_uris[0] };
      assertEquals((await provider.request(provider.authorizeUrl({ parameters }))).status, 303);
    }],
    ["a change of it", "enc EC", async () => {
      provider.clock.advance(90_000);
      publish({ request_object_encryption_alg: "ECDH-ES", token_endpoint_auth_method: "none" });
      const parameters = { client_id, redirect_uri: redirect_uris[0] };
      assertEquals((await provider.request(provider.authorizeUrl({ parameters }))).status, 303);
    }],
  ];
  for (const [name, alg, come] of ways) {
    assertEquals((await later()).includes(alg), false, name);
    await come();
    assertEquals((await later()).includes(alg), true, name);
  }
});

Deno.test("the keys of every algorithm are rotated, retired and withdrawn alike", async () => {
  const used = usable(["ES384", "ES512", "Ed25519"] as const);
  await using provider = await aProvider({
    clients: used.map((alg) => allBy(alg)),
    resources: [api],
  });
  const parameters = { scope: "openid read", resource: api.resource };
  const signedBy = async (alg: SigningAlgorithm) => {
    const tokens = await signIn(provider, { client: alg, parameters });
    return { ...tokens, kid: decodeProtectedHeader(tokens.access_token).kid ?? "" };
  };
  for (const alg of used) {
    const before = await signedBy(alg);
    provider.clock.advance(publicationLead);
    const { retired, active, next } = await rotateSigningKey(provider.deps, alg);
    assertEquals(retired, before.kid);
    const after = await signedBy(alg);
    assertEquals(after.kid, active);
    const isActive = async (token: string) => (await introspect(provider, token, alg)).active;
    await verified(provider, before.id_token, alg);
    assertEquals(await isActive(before.access_token), true);
    const hint = { scope: "openid", prompt: "none", id_token_hint: before.id_token };
    const browser = await signedInBrowser(provider, { client: alg, parameters });
    const silent = toldTo(await ask(provider, { client: alg, browser, parameters: hint }));
    assert(silent.code, JSON.stringify(silent));

    await withdrawSigningKey(provider.deps, { kid: retired });
    await withdrawSigningKey(provider.deps, { alg });
    const kids = (await publishedKeys(provider)).keys.map(({ kid }) => kid);
    assertEquals([retired, active, next].map((kid) => kids.includes(kid)), [false, false, true]);
    assertEquals(await isActive(before.access_token), false);
    assertEquals(await isActive(after.access_token), false);
    assertEquals((await signedBy(alg)).kid, next);
  }
  provider.clock.advance(90 * 86_400);
  const rotated = (await rotateDueKeys(provider.deps)).map(({ alg }) => alg);
  assertEquals(rotated.toSorted(), [...firstAlgorithms, ...used].toSorted());
});

/** A release before this one rewrites the record with the algorithms that it knows. */
async function forget(provider: TestProvider, ...algs: SigningAlgorithm[]) {
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { own } = await tx.read({ own: providers.ref() });
    if (own.value === null) throw new Error("no record");
    providers.activateKeys(tx, own, Object.fromEntries(algs.map((alg) => [alg, undefined])));
  });
}

Deno.test("a client whose algorithm has no keys, as after a rollback, gets them made at its first token", async () => {
  await using provider = await aProvider({ clients: [aClient("shop")] });
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { shop } = await tx.read({ shop: clients.ref("shop") });
    if (shop.value === null) throw new Error("no client");
    clients.keep(tx, shop, { ...shop.value, idTokenSignedResponseAlg: "ES384" });
  });
  const codes = [await provider.authorize(), await provider.authorize()];
  const answers = await Promise.all(codes.map((code) => provider.exchange(code)));
  const kids = new Set<unknown>();
  for (const answer of answers) {
    const { id_token } = await tokensOf(answer);
    await verified(provider, id_token, "ES384");
    kids.add(decodeProtectedHeader(id_token).kid);
  }
  assertEquals(kids.size, 1);

  await forget(provider, "ES384");
  assertEquals((await provider.providerRecord()).activeKeys.ES384, undefined);
  const { id_token } = await signIn(provider);
  assertEquals([...kids], [decodeProtectedHeader(id_token).kid], "the same key signs again");
  const { keys } = await publishedKeys(provider);
  assertEquals(keys.filter(({ alg }) => alg === "ES384").length, 2);
});

Deno.test("a key that an earlier release forgot is listed as active, and can be withdrawn at once", async () => {
  await using adminApi = await anAdminApi({ clients: [allBy("ES384")], resources: [api] });
  const { provider } = adminApi;
  const listed = async () => {
    const { body } = await adminApi.get("/signing-keys");
    const own = body.items.filter(({ alg }: { alg: string }) => alg === "ES384");
    return Object.fromEntries(
      own.map(({ state, kid }: Record<"state" | "kid", string>) => [state, kid]),
    );
  };
  const path = "/signing-keys/emergency-rotate";
  const parameters = { scope: "openid read", resource: api.resource };
  for (const target of ["kid", "alg"] as const) {
    const { access_token } = await signIn(provider, { client: "ES384", parameters });
    const before = await listed();
    await forget(provider, "ES384");
    assertEquals(await listed(), before);
    const body = target === "kid" ? { kid: before.active } : { alg: "ES384" };
    const { status, body: told } = await adminApi.post(path, body);
    assertEquals([status, told.withdrawn], [200, {
      kid: before.active,
      alg: "ES384",
      state: "active",
    }]);
    const after = await listed();
    assertEquals([after.active, told.rotated[0].active], [before.next, before.next]);
    const kids = (await publishedKeys(provider)).keys.map(({ kid }) => kid);
    assertEquals(kids.includes(before.active), false);
    assertEquals((await introspect(provider, access_token, "ES384")).active, false);
    const { id_token } = await signIn(provider, { client: "ES384", parameters });
    assertEquals(decodeProtectedHeader(id_token).kid, before.next);
  }

  // The next one of a forgotten pair is replaced, and without a next one nothing is.
  const { active, next } = await listed();
  await forget(provider, "ES384");
  const replaced = await adminApi.post(path, { kid: next });
  assertEquals([replaced.status, replaced.body.withdrawn.state], [200, "next"]);
  const last = await listed();
  assertEquals(last.active, active);
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { key } = await tx.read({ key: signingKeys.ref(last.next) });
    if (key.value !== null) signingKeys.withdraw(tx, key);
  });
  const alone = await adminApi.post(path, { kid: active });
  assertEquals([alone.status, alone.body.rotated], [200, []]);
  assertEquals(await listed(), {});
  await signIn(provider, { client: "ES384", parameters });
  assertEquals(Object.keys(await listed()).toSorted(), ["active", "next"], "a new pair");
});

Deno.test("each key of a pair that was replaced without being retired, and each of two next keys, can be withdrawn", async () => {
  await using adminApi = await anAdminApi({ clients: [allBy("ES384")] });
  const { provider } = adminApi;
  const pairs = await newKeyPairs(provider.deps, "ES384", provider.clock.seconds());
  await provider.deps.kv.step(systemOrigin, (tx) => addKeyPairs(tx, pairs));
  const { body } = await adminApi.get("/signing-keys");
  const own = body.items.filter(({ alg }: { alg: string }) => alg === "ES384");
  assertEquals(own.length, 4);
  const path = "/signing-keys/emergency-rotate";
  for (const { kid } of own) {
    const { status, body } = await adminApi.post(path, { kid });
    assertEquals(status, 200, kid);
    if (kid !== pairs.active.kid) continue;
    assertEquals([body.withdrawn.state, body.rotated], ["retired", []], "it does not sign");
  }
  const kids = (await publishedKeys(provider)).keys.map(({ kid }) => kid);
  assertEquals(own.filter(({ kid }: { kid: string }) => kids.includes(kid)), []);
});

Deno.test("a step that lacks several keys of this server one after another gets all of them", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", {
      ...{ skip_consent: true, response_types: ["code", "code id_token"] },
      grant_types: ["authorization_code", "implicit"],
      id_token_signed_response_alg: "ES384",
      authorization_signed_response_alg: "Ed25519",
    })],
    config: { implicit: true },
  });
  const browser = await signedInBrowser(provider, { parameters: { scope: "openid" } });
  await forget(provider, "ES384", "Ed25519");
  const parameters = { response_type: "code id_token", response_mode: "jwt", scope: "openid" };
  const { response = "" } = toldTo(await ask(provider, { browser, parameters }));
  const answer = await verified(provider, response, "Ed25519", "JWT");
  await verified(provider, String(answer.id_token), "ES384");

  const left: SigningAlgorithm[] = ["PS256", "ES384", "RS384"];
  const needed = () => {
    const alg = left.shift();
    return alg === undefined
      ? Promise.resolve("done")
      : Promise.reject(new OwnKeysNeeded({ signing: [alg] }));
  };
  assertEquals(await withOwnKeys(provider.deps, systemOrigin, needed), "done");
  const same = () => Promise.reject(new OwnKeysNeeded({ signing: ["PS256"] }));
  await assertRejects(() => withOwnKeys(provider.deps, systemOrigin, same), OwnKeysNeeded);
});

Deno.test("a process stays ready beside a newer Deno that has made keys of an algorithm it lacks", async () => {
  await using provider = await aProvider();
  const kid = "of a newer Deno";
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { own } = await tx.read({ own: providers.ref() });
    if (own.value === null) throw new Error("no record");
    const key = await newSigningKey(provider.deps, "ES256", tx.now);
    signingKeys.add(tx, { ...key, kid, alg: "ES512" }); // as unusable as a curve that is missing
    providers.activateKeys(tx, own, { ES512: kid });
  });
  const ready = async () => (await provider.request("/readyz")).status;
  const runtime = SubtleCrypto as unknown as { supports?: (...what: unknown[]) => boolean };
  const { supports } = runtime;
  try {
    runtime.supports = () => true;
    assertEquals(await ready(), 503);
    runtime.supports = () => false;
    assertEquals(await ready(), 200);
    provider.clock.advance(90 * 86_400);
    const rotated = (await rotateDueKeys(provider.deps)).map(({ alg }) => alg);
    assertEquals(rotated.toSorted(), [...firstAlgorithms].toSorted());
  } finally {
    if (supports === undefined) delete runtime.supports;
    else runtime.supports = supports;
  }
});

Deno.test("a fapi2 client may have PS256, ES256 and EdDSA, and no other algorithm", async () => {
  const { publicJwk } = await aClientKey();
  const bank = { profile: "fapi2", jwks: { keys: [publicJwk] } };
  await using adminApi = await anAdminApi();
  const answers: Record<string, number> = {};
  for (const alg of algorithms) {
    const members = { ...bank, id_token_signed_response_alg: alg };
    const { client_secret: _, ...metadata } = aKeyClient(`bank-${alg}`, members);
    const { refresh_token_grace_period: __, ...rest } = metadata as Record<string, unknown>;
    answers[alg] = (await adminApi.post("/clients", rest)).status;
  }
  const allowed = algorithms.filter((alg) => answers[alg] === 201).toSorted();
  assertEquals(allowed, ["ES256", "Ed25519", "EdDSA", "PS256"]);
  // Only those have keys now, and only what has keys can be rotated.
  const { body } = await adminApi.get("/signing-keys");
  const made = new Set(body.items.map(({ alg }: { alg: string }) => alg));
  assertEquals([...made].toSorted(), ["ES256", "Ed25519", "EdDSA", "PS256", "RS256"]);
  adminApi.provider.clock.advance(700);
  for (const path of ["rotate", "emergency-rotate"]) {
    const none = await adminApi.post(`/signing-keys/${path}`, { alg: "ES384" });
    assertEquals(problemOf(none), "404 not-found", path);
    assertEquals((await adminApi.post(`/signing-keys/${path}`, { alg: "Ed25519" })).status, 200);
    adminApi.provider.clock.advance(700);
  }
  const all = await adminApi.post("/signing-keys/rotate");
  const algs = all.body.rotated.map(({ alg }: { alg: string }) => alg).toSorted();
  assertEquals(algs, [...made].toSorted());
});
