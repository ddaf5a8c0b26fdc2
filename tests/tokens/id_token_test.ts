import { assertEquals, assertNotEquals } from "@std/assert";
import { createLocalJWKSet, jwtVerify } from "jose";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { signIn, signInOffline, tokensOf } from "../support/tokens.ts";

async function verified(provider: TestProvider, idToken: string, audience = "shop") {
  const jwks = await (await provider.request("/.well-known/jwks.json")).json();
  return await jwtVerify(idToken, createLocalJWKSet(jwks), {
    issuer,
    audience,
    currentDate: new Date(provider.clock.milliseconds()),
  });
}

async function leftHalf(hash: string, text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest(hash, new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes.slice(0, bytes.length / 2)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

Deno.test("an ID token contains exactly the members of OpenID Connect, and verifies with the JWKS", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  await provider.authorize({ browser });
  const signedInAt = provider.clock.seconds();
  provider.clock.advance(600);

  const tokens = await signIn(provider, { browser });
  const { payload, protectedHeader } = await verified(provider, tokens.id_token);

  assertEquals(Object.keys(protectedHeader).sort(), ["alg", "kid"]);
  const { sub, sid, jti, ...claims } = payload;
  const now = provider.clock.seconds();
  assertEquals(claims, {
    iss: issuer,
    aud: "shop",
    azp: "shop",
    iat: now,
    exp: now + 3600,
    auth_time: signedInAt,
    nonce: "the-nonce",
    acr: "urn:latchkey:acr:1fa",
    amr: ["pwd"],
    at_hash: await leftHalf("SHA-256", tokens.access_token),
  });
  assertEquals(/^[A-Za-z0-9_-]{22}$/.test(sub ?? ""), true);
  assertEquals(/^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22,23}$/.test(jti ?? ""), true);
  // The session's public name is nothing that would open it.
  const cookies = [...browser.cookies.values()].join(" ");
  assertEquals(typeof sid, "string");
  assertEquals(cookies.includes(String(sid)), false);
});

Deno.test("each algorithm signs with its own key, and at_hash uses its hash", async () => {
  for (
    const [alg, hash] of [["RS256", "SHA-256"], ["ES256", "SHA-256"], ["EdDSA", "SHA-512"]] as const
  ) {
    await using provider = await aProvider({
      clients: [aClient("shop", { id_token_signed_response_alg: alg })],
    });
    const tokens = await signIn(provider);
    const { payload, protectedHeader } = await verified(provider, tokens.id_token);
    assertEquals(protectedHeader.alg, alg);
    assertEquals(payload.at_hash, await leftHalf(hash, tokens.access_token), alg);
  }
});

Deno.test("an ID token has no nonce if the request had none", async () => {
  await using provider = await aProvider();
  const { id_token } = await signIn(provider, { parameters: { nonce: undefined } });
  assertEquals("nonce" in (await verified(provider, id_token)).payload, false);
});

Deno.test("a refreshed ID token describes the same sign-in, and has no nonce", async () => {
  await using provider = await aProvider();
  const first = await signInOffline(provider);
  const { payload: before } = await verified(provider, first.id_token);
  provider.clock.advance(86_400);
  const refreshed = await tokensOf(await provider.refresh(first.refresh_token));
  const { payload: after } = await verified(provider, refreshed.id_token);

  const now = provider.clock.seconds();
  const { nonce: _, ...rest } = before;
  assertEquals(after.jti === before.jti, false);
  assertEquals(after, {
    ...rest,
    jti: after.jti,
    iat: now,
    exp: now + 3600,
    at_hash: await leftHalf("SHA-256", refreshed.access_token),
  });
});

Deno.test("a new sign-in changes auth_time but not sid", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const first = await verified(provider, (await signIn(provider, { browser })).id_token);
  provider.clock.advance(100);
  const again = await signIn(provider, { browser, parameters: { prompt: "login" } });
  const second = await verified(provider, again.id_token);
  assertEquals(second.payload.auth_time, Number(first.payload.auth_time) + 100);
  assertEquals(second.payload.sid, first.payload.sid);
  assertEquals(second.payload.sub, first.payload.sub);
});

Deno.test("another browser is another session, of the same subject", async () => {
  await using provider = await aProvider();
  const first = await verified(provider, (await signIn(provider)).id_token);
  const second = await verified(provider, (await signIn(provider)).id_token);
  assertNotEquals(second.payload.sid, first.payload.sid);
  assertEquals(second.payload.sub, first.payload.sub);
});

Deno.test("claims requested for the ID token are in it, and cannot replace its own members", async () => {
  await using provider = await aProvider();
  const claims = JSON.stringify({
    id_token: {
      email: null,
      name: { essential: true },
      sub: null,
      iss: null,
      exp: null,
      foo: null,
    },
  });
  const { id_token } = await signIn(provider, { parameters: { scope: "openid", claims } });
  const { payload } = await verified(provider, id_token);
  assertEquals(payload.email, alice.claims?.email);
  assertEquals(payload.name, alice.claims?.name);
  assertEquals(payload.iss, issuer);
  assertEquals("foo" in payload, false);
});

Deno.test("without openid there is no ID token", async () => {
  await using provider = await aProvider();
  assertEquals((await signIn(provider, { parameters: { scope: "email" } })).id_token, "");
});
