import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { compactVerify, createLocalJWKSet, decodeJwt, exportJWK, generateKeyPair } from "jose";
import type { KvBackend } from "../../stores/engine/kv.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { ascendingIds } from "../../stores/engine/ids.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as families from "../../stores/refresh_token_families.ts";
import { derivedRandom } from "../../src/crypto/derived_random.ts";
import { sealFor } from "../../src/crypto/response_sealing.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { testOnFile } from "../support/denokv.ts";
import { rotateSigningKey } from "../support/signing_keys.ts";
import { editUser, snapshot } from "../support/records.ts";
import { answerOf, signInOffline, type Tokens, tokensOf, userinfo } from "../support/tokens.ts";

const graceful = { refresh_token_grace_period: 10 };
const api = { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt" };
const scope = "openid profile email offline_access";

/** An answer without the signature of its ID token: ES256 makes another one each time. */
function unsigned(tokens: Tokens, isSigned = true): Tokens {
  const { id_token: jwt } = tokens;
  return isSigned ? { ...tokens, id_token: jwt.slice(0, jwt.lastIndexOf(".")) } : tokens;
}

async function verified(provider: TestProvider, jwt: string) {
  const jwks = createLocalJWKSet(await (await provider.request("/.well-known/jwks.json")).json());
  await compactVerify(jwt, jwks);
}

/** The id of the family of a refresh token. */
const familyOf = (refreshToken: string) => refreshToken.slice(3, 25);

async function graceOf(provider: TestProvider, refreshToken: string) {
  const { family } = await provider.deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ family: families.ref(familyOf(refreshToken)) }),
  );
  return family.value?.grace ?? null;
}

Deno.test("a repeat gets the same tokens, whatever the answer holds and however the store keeps it", async () => {
  const { publicKey } = await generateKeyPair("ECDH-ES", { extractable: true });
  const jwks = { keys: [{ ...await exportJWK(publicKey), use: "enc", kid: "e", alg: "ECDH-ES" }] };
  const clients = [
    aClient("es", { ...graceful, id_token_signed_response_alg: "ES256" }),
    aClient("asking", graceful),
    aClient("knowing", { ...graceful, id_token_scope_claims: true }),
    aClient("sealed", { ...graceful, jwks, id_token_encrypted_response_alg: "ECDH-ES" }),
    aClient("api", { ...graceful, scope: `${scope} read`, resources: [api.resource] }),
    aPublicClient("phone", graceful),
  ];
  for (const remote of [false, true]) {
    const wrap = (backend: KvBackend) => ({ ...backend, remote });
    await using provider = await aProvider({ clients, resources: [api], wrap });
    for (const { client_id: client } of clients) {
      const ofApi = client === "api" ? { scope: `${scope} read`, resource: api.resource } : {};
      const { refresh_token } = await signInOffline(provider, { client, parameters: ofApi });
      const parameters = client === "asking" ? { scope: "email openid" } : {};
      const first = await tokensOf(await provider.refresh(refresh_token, { client, parameters }));
      provider.clock.advance(4);
      const repeated = await tokensOf(
        await provider.restart().refresh(refresh_token, { client, parameters }),
      );
      const isSigned = client !== "sealed"; // the ID token of the others
      if (isSigned) await verified(provider, repeated.id_token);
      assertEquals(unsigned(repeated, isSigned), unsigned(first, isSigned), client);
      const isSealed = (await graceOf(provider, refresh_token))?.sealedResponse !== "";
      assertEquals(isSealed, remote || ["api", "asking", "sealed"].includes(client), client);
    }
  }
});

testOnFile("the records of an answer are not enough to make its tokens again", async () => {
  const client = aClient("shop", { ...graceful, id_token_signed_response_alg: "ES256" });
  await using provider = await aProvider({ clients: [client] });
  const { refresh_token } = await signInOffline(provider);
  const { access_token, id_token, refresh_token: next } = await tokensOf(
    await provider.refresh(refresh_token),
  );
  const stored = JSON.stringify([...await snapshot(provider.backend)]);
  const last = (text: string) => text.slice(text.lastIndexOf(".") + 1);
  const jti = String(decodeJwt(id_token).jti);
  for (const secret of [refresh_token, access_token, next, id_token, jti].map(last)) {
    assert(secret.length >= 23);
    assertEquals(stored.includes(secret), false);
    // Ids begin with their time, which is no secret.
    assertEquals(stored.includes(secret.slice(7)), false);
  }
  const grace = await graceOf(provider, refresh_token);
  assertEquals(grace?.sealedResponse, "");
  // They follow from the presented token, which the store does not have, and not from the rest alone.
  const { nonce = "", milliseconds = 0 } = grace?.remaking ?? {};
  const ids = ascendingIds(derivedRandom(refresh_token, nonce), milliseconds);
  ids.tokenId(); // of the access token
  assertEquals(last(access_token), ids.secret());
  assertEquals(last(jti), ids.tokenId());

  // The same token, refreshed again from a backup of the store, gets others.
  const { family } = await provider.deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ family: families.ref(familyOf(refresh_token)) }),
  );
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { now } = await tx.read({ now: family.ref });
    if (now.value !== null) tx.replace(now, { ...now.value, generation: 1, grace: null });
  });
  const again = await tokensOf(await provider.refresh(refresh_token));
  assertNotEquals(again.access_token, access_token);
  assertNotEquals(decodeJwt(again.id_token).jti, jti);
});

// On a shared store all answers are sealed, and a repeat gets its answer as it was.
testOnFile(
  "an answer that cannot be made again, because its user has changed, is one more answer within the grace period",
  async () => {
    const client = aClient("shop", { ...graceful, id_token_scope_claims: true });
    await using provider = await aProvider({ clients: [client] });
    const { refresh_token } = await signInOffline(provider);
    const first = await tokensOf(await provider.refresh(refresh_token));
    await editUser(provider, "alice", { claims: { name: "Alice Brown" } });
    const repeated: Tokens = await tokensOf(await provider.refresh(refresh_token));
    assertEquals(decodeJwt(repeated.id_token).name, "Alice Brown");
    assertEquals(repeated.refresh_token, first.refresh_token);
    assertNotEquals(repeated.access_token, first.access_token);
    for (const { access_token } of [first, repeated]) {
      assertEquals((await userinfo(provider, access_token)).status, 200);
    }
    assertEquals((await provider.refresh(first.refresh_token)).status, 200);
  },
);

Deno.test("an answer that an earlier release has sealed is given to a repeat", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", graceful)] });
  const { refresh_token } = await signInOffline(provider);
  await tokensOf(await provider.refresh(refresh_token));
  const theirs = JSON.stringify({ access_token: "theirs", token_type: "Bearer" });
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { family } = await tx.read({ family: families.ref(familyOf(refresh_token)) });
    if (family.value === null || family.value.grace === null) throw new Error("no answer is kept");
    const { remaking: _, ...grace } = family.value.grace;
    const sealedResponse = sealFor(systemRandom, refresh_token, theirs);
    tx.replace(family, { ...family.value, grace: { ...grace, sealedResponse } });
  });
  assertEquals(await (await provider.refresh(refresh_token)).text(), theirs);
});

Deno.test("a repeat brings back no access token that was revoked", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", graceful)] });
  const { refresh_token } = await signInOffline(provider);
  const first = await tokensOf(await provider.refresh(refresh_token));
  const { access_token } = first;
  const form = { token: access_token, ...provider.credentials() };
  assertEquals((await provider.post("/revoke", form)).status, 200);
  assertEquals(unsigned(await tokensOf(await provider.refresh(refresh_token))), unsigned(first));
  assertEquals((await userinfo(provider, access_token)).status, 401);
});

testOnFile("a repeat gives what its client may have by then, and no more", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", graceful)] });
  provider.clock.advance(2 * 3600); // so that a key may be rotated
  const all = { scope, isSame: true, hasName: false };
  type Change = () => unknown;
  const changes: readonly (readonly [Change, typeof all])[] = [
    [() => provider.clock.advance(-600), all],
    [() => rotateSigningKey(provider.deps, "RS256"), { ...all, isSame: false }],
    [() => editShop({ idTokenScopeClaims: true }), { ...all, isSame: false, hasName: true }],
    [
      () => editShop({ scope: ["openid", "offline_access"] }),
      { scope: "openid offline_access", isSame: false, hasName: false },
    ],
  ];
  for (const [change, expected] of changes) {
    const { refresh_token } = await signInOffline(provider);
    const first = await tokensOf(await provider.refresh(refresh_token));
    await change();
    const repeated = await tokensOf(await provider.refresh(refresh_token));
    await verified(provider, repeated.id_token);
    const isSame = repeated.access_token === first.access_token;
    const hasName = decodeJwt(repeated.id_token).name !== undefined;
    assertEquals({ scope: repeated.scope, isSame, hasName }, expected, String(change));
    assertEquals(repeated.refresh_token, first.refresh_token);
    assertEquals((await userinfo(provider, repeated.access_token)).status, 200);
    assertEquals((await provider.refresh(first.refresh_token)).status, 200);
  }
  const { refresh_token } = await signInOffline(provider, {
    parameters: { scope: "openid offline_access" },
  });
  await tokensOf(await provider.refresh(refresh_token));
  await editUser(provider, "alice", { status: "suspended" });
  assertEquals(await answerOf(await provider.refresh(refresh_token)), "400 invalid_grant");

  async function editShop(changed: Partial<Client>) {
    await provider.deps.kv.step(systemOrigin, async (tx) => {
      const { shop } = await tx.read({ shop: clients.ref("shop") });
      if (isPresent(shop)) clients.keep(tx, shop, { ...shop.value, ...changed });
    });
  }
});
