import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aDpopKey, type DpopKey, type ProofRequest } from "../support/dpop.ts";
import { alice, aProvider, codeChallenge, type TestProvider } from "../support/provider.ts";
import { answerOf, introspect, tokensOf, userinfo } from "../support/tokens.ts";

const offline = { scope: "openid email offline_access" };

/** Exchanges a code with a proof. */
async function exchange(
  provider: TestProvider,
  code: string,
  key: DpopKey,
  proof: Partial<ProofRequest> = {},
): Promise<Response> {
  return await provider.exchange(code, {}, {
    dpop: await key.proof({ path: "/token", ...proof }),
  });
}

function resource(provider: TestProvider, accessToken: string, proof: string, scheme = "DPoP") {
  const headers = { authorization: `${scheme} ${accessToken}`, dpop: proof };
  return provider.request("/userinfo", { headers });
}

Deno.test("a proof binds the access token to its key, and the token response says so", async () => {
  await using provider = await aProvider();
  const key = await aDpopKey(provider);
  const tokens = await tokensOf(await exchange(provider, await provider.authorize(), key));
  assertEquals(tokens.token_type, "DPoP");
  const { token_type, cnf } = await introspect(provider, tokens.access_token);
  assertEquals([token_type, cnf], ["DPoP", { jkt: key.thumbprint }]);

  const { access_token: accessToken } = tokens;
  const proof = { method: "GET", path: "/userinfo", accessToken };
  assertEquals((await resource(provider, accessToken, await key.proof(proof))).status, 200);
});

Deno.test("a JWT access token contains the thumbprint of the key", async () => {
  const api = { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt" };
  await using provider = await aProvider({
    clients: [aClient("robot", { grant_types: ["client_credentials"], scope: "read" })],
    resources: [api],
  });
  const key = await aDpopKey(provider);
  const form = {
    grant_type: "client_credentials",
    resource: api.resource,
    ...provider.credentials(),
  };
  const dpop = await key.proof({ path: "/token" });
  const { access_token, token_type } = await tokensOf(
    await provider.post("/token", form, { dpop }),
  );
  assertEquals([token_type, decodeJwt(access_token).cnf], ["DPoP", { jkt: key.thumbprint }]);
});

Deno.test("a bound token is refused as a bearer token, and with another key's proof", async () => {
  await using provider = await aProvider();
  const [key, other] = [await aDpopKey(provider), await aDpopKey(provider)];
  const { access_token: accessToken } = await tokensOf(
    await exchange(provider, await provider.authorize(), key),
  );
  const request = { method: "GET", path: "/userinfo", accessToken };
  assertEquals(await answerOf(await userinfo(provider, accessToken)), "401 invalid_token");
  const foreign = await resource(provider, accessToken, await other.proof(request));
  assertEquals(await answerOf(foreign), "401 invalid_token");
  const asBearer = await resource(provider, accessToken, await key.proof(request), "Bearer");
  assertEquals(await answerOf(asBearer), "401 invalid_token");
  for (const scheme of ["DPoP", "dpop"]) {
    const authorization = `${scheme} ${accessToken}`;
    const bare = await provider.request("/userinfo", { headers: { authorization } });
    const challenge = bare.headers.get("www-authenticate") ?? "";
    assertMatch(challenge, /^DPoP error="invalid_dpop_proof", .*, algs="[^"]*ES256[^"]*"$/);
    assertEquals(await answerOf(bare), "401 invalid_dpop_proof");
  }
});

Deno.test("a proof beside a bearer token does not bind the token", async () => {
  await using provider = await aProvider();
  const key = await aDpopKey(provider);
  const { access_token: accessToken } = await tokensOf(
    await provider.exchange(await provider.authorize()),
  );
  const proof = await key.proof({ method: "GET", path: "/userinfo", accessToken });
  assertEquals(await answerOf(await resource(provider, accessToken, proof)), "401 invalid_token");
});

const broken: [string, Partial<ProofRequest>][] = [
  ["another method", { method: "GET" }],
  ["another URL", { path: "/userinfo" }],
  ["another host", { claims: { htu: "https://evil.example/token" } }],
  ["no jti", { claims: { jti: undefined } }],
  ["an empty jti", { claims: { jti: "" } }],
  ["a jti beyond all measure", { claims: { jti: "x".repeat(300) } }],
  ["no iat", { claims: { iat: undefined } }],
  ["a proof of long ago", { claims: { iat: 1_780_000_000 - 61 } }],
  ["a proof of the future", { claims: { iat: 1_780_000_000 + 61 } }],
  ["another typ", { header: { typ: "JWT" } }],
  ["another key in the header", { header: { jwk: { kty: "EC", crv: "P-256", x: "AA", y: "AA" } } }],
  ["no key in the header", { header: { jwk: undefined } }],
];

Deno.test("a proof for another request or time is refused, and the code stays valid", async () => {
  await using provider = await aProvider();
  const key = await aDpopKey(provider);
  const code = await provider.authorize();
  for (const [what, proof] of broken) {
    const answer = await answerOf(await exchange(provider, code, key, proof));
    assertEquals(answer, "400 invalid_dpop_proof", what);
  }
  const tampered = (await key.proof({ path: "/token" })).slice(0, -4) + "AAAA";
  const answers = [tampered, "x", "a.b.c", `${tampered}, ${tampered}`].map(async (dpop) =>
    await answerOf(await provider.exchange(code, {}, { dpop }))
  );
  assertEquals(await Promise.all(answers), Array(4).fill("400 invalid_dpop_proof"));
  await tokensOf(await exchange(provider, code, key));
});

Deno.test("iat may lie 60 seconds back or ahead", async () => {
  await using provider = await aProvider();
  const key = await aDpopKey(provider);
  for (const offset of [-60, 60]) {
    const claims = { iat: provider.clock.seconds() + offset };
    await tokensOf(await exchange(provider, await provider.authorize(), key, { claims }));
  }
});

Deno.test("nbf and exp of a proof are read by the same clock as iat, and not at all beside our nonce", async () => {
  await using provider = await aProvider();
  const key = await aDpopKey(provider);
  const { access_token: accessToken } = await tokensOf(
    await exchange(provider, await provider.authorize(), key),
  );
  const now = provider.clock.seconds();
  const call = async (claims: Record<string, unknown>, nonce?: string) =>
    await resource(
      provider,
      accessToken,
      await key.proof({
        method: "GET",
        path: "/userinfo",
        accessToken,
        claims,
        ...(nonce && { nonce }),
      }),
    );
  const good = [
    { iat: now + 60, nbf: now + 60, exp: now + 90 },
    { iat: now - 60, nbf: now - 60, exp: now - 59 },
    { nbf: now, exp: now + 3600 },
    { exp: 1e308, nbf: -1e308 },
  ];
  for (const claims of good) assertEquals((await call(claims)).status, 200, JSON.stringify(claims));
  const wrong = [
    { nbf: now + 61 },
    { exp: now - 60 },
    { iat: now - 61, exp: now + 60 },
    { iat: now + 61, nbf: now, exp: now + 90 },
  ];
  for (const claims of wrong) {
    const refused = await call(claims);
    const what = JSON.stringify(claims);
    assertEquals(await answerOf(refused), "401 invalid_dpop_proof", what);
    const nonce = refused.headers.get("dpop-nonce") ?? "";
    assertEquals((await call(claims, nonce)).status, 200, what);
  }
  for (const claims of [{ nbf: "1" }, { exp: null }, { exp: "soon" }, { nbf: [now] }]) {
    assertEquals(await answerOf(await call(claims)), "401 invalid_dpop_proof");
  }
});

Deno.test("a proof with a symmetric algorithm is refused", async () => {
  await using provider = await aProvider();
  const header = btoa(JSON.stringify({
    typ: "dpop+jwt",
    alg: "HS256",
    jwk: { kty: "oct", k: "c2VjcmV0" },
  }));
  const dpop = `${header}.${btoa("{}")}.c2ln`.replaceAll("=", "");
  const response = await provider.exchange(await provider.authorize(), {}, { dpop });
  assertEquals(await answerOf(response), "400 invalid_dpop_proof");
});

Deno.test("a proof is good for one request: of 50 concurrent requests with one proof, one succeeds", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", { skip_consent: true })] });
  const key = await aDpopKey(provider);
  const { access_token: accessToken } = await tokensOf(
    await exchange(provider, await provider.authorize(), key),
  );
  const proof = await key.proof({ method: "GET", path: "/userinfo", accessToken });
  const responses = await Promise.all(
    Array.from({ length: 50 }, () => resource(provider, accessToken, proof)),
  );
  const answers = await Promise.all(responses.map(answerOf));
  assertEquals(answers.filter((answer) => answer === "200").length, 1);
  assertEquals(answers.filter((answer) => answer === "401 invalid_dpop_proof").length, 49);
});

Deno.test("a jti is remembered for an hour, by key and client", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop"), aClient("other")],
  });
  const [key, another] = [await aDpopKey(provider), await aDpopKey(provider)];
  const claims = { jti: "the one name of a clumsy client" };
  const exchanged = async (client: string, by: DpopKey) => {
    const code = await provider.authorize({ client });
    const dpop = await by.proof({
      path: "/token",
      claims: { ...claims, iat: provider.clock.seconds() },
    });
    return (await provider.exchange(code, { client }, { dpop })).status;
  };
  assertEquals([await exchanged("shop", key), await exchanged("shop", key)], [200, 400]);
  assertEquals([await exchanged("other", key), await exchanged("shop", another)], [200, 200]);
  provider.clock.advance(3599);
  assertEquals(await exchanged("shop", key), 400);
  provider.clock.advance(2);
  assertEquals(await exchanged("shop", key), 200);
});

Deno.test("a code is bound by dpop_jkt to the key that must exchange it", async () => {
  await using provider = await aProvider();
  const [key, thief] = [await aDpopKey(provider), await aDpopKey(provider)];
  const code = await provider.authorize({ parameters: { dpop_jkt: key.thumbprint } });
  assertEquals(await answerOf(await exchange(provider, code, thief)), "400 invalid_grant");
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_dpop_proof");
  await tokensOf(await exchange(provider, code, key));
});

Deno.test("a proof at the push binds the code, and must not contradict dpop_jkt", async () => {
  await using provider = await aProvider();
  const [key, other] = [await aDpopKey(provider), await aDpopKey(provider)];
  const form = {
    response_type: "code",
    redirect_uri: "https://shop.example/callback",
    scope: "openid",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...provider.credentials(),
  };
  const push = async (parameters: Record<string, string>) =>
    await provider.post("/par", { ...form, ...parameters }, {
      dpop: await key.proof({ path: "/par" }),
    });
  assertEquals(
    await answerOf(await push({ dpop_jkt: other.thumbprint })),
    "400 invalid_request",
  );
  const { request_uri } = await (await push({})).json();
  const query = new URLSearchParams({ client_id: "shop", request_uri });
  const landed = await provider.browser().signInAndAllow(`/authorize?${query}`, alice);
  const code = landed.searchParams.get("code") ?? "";
  assertEquals(await answerOf(await exchange(provider, code, other)), "400 invalid_grant");
  await tokensOf(await exchange(provider, code, key));
});

Deno.test("a public client's refresh token is bound to the key, and then does not rotate", async () => {
  await using provider = await aProvider({ clients: [aPublicClient("spa")] });
  const [key, thief] = [await aDpopKey(provider), await aDpopKey(provider)];
  const first = await tokensOf(
    await exchange(provider, await provider.authorize({ parameters: offline }), key),
  );
  const refresh = async (by: DpopKey) =>
    await provider.refresh(first.refresh_token, {}, { dpop: await by.proof({ path: "/token" }) });
  assertEquals(await answerOf(await refresh(thief)), "400 invalid_grant");
  const bare = await provider.refresh(first.refresh_token);
  assertEquals(await answerOf(bare), "400 invalid_dpop_proof");
  const second = await tokensOf(await refresh(key));
  assertEquals([second.refresh_token, second.token_type], [first.refresh_token, "DPoP"]);
  await tokensOf(await refresh(key));
});

Deno.test("a confidential client's refresh token is bound by its secret, and may change keys", async () => {
  await using provider = await aProvider();
  const [key, next] = [await aDpopKey(provider), await aDpopKey(provider)];
  const first = await tokensOf(
    await exchange(provider, await provider.authorize({ parameters: offline }), key),
  );
  const dpop = await next.proof({ path: "/token" });
  const second = await tokensOf(await provider.refresh(first.refresh_token, {}, { dpop }));
  assertNotEquals(second.refresh_token, first.refresh_token);
  const { cnf } = await introspect(provider, second.access_token);
  assertEquals(cnf, { jkt: next.thumbprint });
});

Deno.test("a client whose metadata says so gets no bearer token", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { dpop_bound_access_tokens: true })],
  });
  const code = await provider.authorize();
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_dpop_proof");
  await tokensOf(await exchange(provider, code, await aDpopKey(provider)));
});

Deno.test("with nonces on, a device's clock may be wrong, because the nonce shows the time of the proof", async () => {
  await using provider = await aProvider({ config: { dpopNonce: true } });
  const key = await aDpopKey(provider);
  let nonce = (await exchange(provider, await provider.authorize(), key)).headers
    .get("dpop-nonce") ?? "";
  for (const offset of [-3600, -61, 61, 3600]) {
    const claims = { iat: provider.clock.seconds() + offset };
    const code = await provider.authorize();
    const answered = await exchange(provider, code, key, { nonce, claims });
    nonce = answered.headers.get("dpop-nonce") ?? "";
    const { access_token: accessToken } = await tokensOf(answered);
    const request = { method: "GET", path: "/userinfo", accessToken, nonce, claims };
    assertEquals((await resource(provider, accessToken, await key.proof(request))).status, 200);
  }
  provider.clock.advance(900); // a nonce that is too old helps no clock
  const late = await exchange(provider, await provider.authorize(), key, { nonce });
  assertEquals(await answerOf(late), "400 use_dpop_nonce");
});

Deno.test("with nonces off, a device with a wrong clock gets a nonce with the refusal, and then succeeds", async () => {
  await using provider = await aProvider();
  const key = await aDpopKey(provider);
  for (const offset of [-3600, -61, 61, 3600]) {
    const claims = { iat: provider.clock.seconds() + offset };
    const code = await provider.authorize();
    const refused = await exchange(provider, code, key, { claims });
    const nonce = refused.headers.get("dpop-nonce") ?? "";
    assertEquals(await answerOf(refused), "400 invalid_dpop_proof");
    for (const claimed of [claims, {}]) { // a nonce of somebody else is wrong at any time
      const forged = await exchange(provider, code, key, {
        claims: claimed,
        nonce: `${nonce.slice(0, -2)}AA`,
      });
      assertEquals([await answerOf(forged), forged.headers.get("dpop-nonce")], [
        "400 use_dpop_nonce",
        nonce,
      ]);
    }

    const answered = await exchange(provider, code, key, { nonce, claims });
    const { access_token: accessToken } = await tokensOf(answered);
    const request = { method: "GET", path: "/userinfo", accessToken, claims };
    const late = await resource(provider, accessToken, await key.proof(request));
    assertEquals([await answerOf(late), late.headers.get("dpop-nonce")], [
      "401 invalid_dpop_proof",
      nonce,
    ]);
    const withNonce = await key.proof({ ...request, nonce });
    assertEquals((await resource(provider, accessToken, withNonce)).status, 200);
  }
});

Deno.test("with nonces on, a proof needs a recent nonce, and each answer contains the next", async () => {
  await using provider = await aProvider({ config: { dpopNonce: true } });
  const key = await aDpopKey(provider);
  const code = await provider.authorize();
  const told = await exchange(provider, code, key);
  assertEquals(await answerOf(told), "400 use_dpop_nonce");
  const nonce = told.headers.get("dpop-nonce") ?? "";
  const forged = `${nonce.slice(0, -2)}AA`;
  const guessed = await exchange(provider, code, key, { nonce: forged });
  assertEquals(await answerOf(guessed), "400 use_dpop_nonce");

  const answered = await exchange(provider, code, key, { nonce });
  assert(answered.headers.has("dpop-nonce"));
  const { access_token: accessToken } = await tokensOf(answered);
  const request = { method: "GET", path: "/userinfo", accessToken };
  const unasked = await resource(provider, accessToken, await key.proof(request));
  assertEquals(await answerOf(unasked), "401 use_dpop_nonce");
  provider.clock.advance(300); // the one before is still taken
  const withNonce = await key.proof({ ...request, nonce });
  assertEquals((await resource(provider, accessToken, withNonce)).status, 200);
  provider.clock.advance(600);
  const late = await key.proof({ ...request, nonce });
  assertEquals(await answerOf(await resource(provider, accessToken, late)), "401 use_dpop_nonce");
});
