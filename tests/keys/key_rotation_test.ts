import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import * as signingKeys from "../../stores/signing_keys.ts";
import {
  KeyTooFresh,
  publicationLead,
  rotateDueKeys,
  UnknownSigningKey,
} from "../../src/keys/key_rotation.ts";
import { outcomeOf } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { publishedKeys } from "../support/published_keys.ts";
import { auditTrail } from "../support/records.ts";
import { rotateSigningKey, withdrawSigningKey } from "../support/signing_keys.ts";
import { introspect, signIn, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";

const api = { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt" };
const robot = aClient("robot", {
  grant_types: ["client_credentials", "authorization_code", "refresh_token"],
  scope: "openid profile email offline_access read",
});

async function kids(provider: TestProvider): Promise<string[]> {
  return (await publishedKeys(provider)).keys.map(({ kid }) => kid ?? "");
}

async function verifies(provider: TestProvider, jwt: string): Promise<boolean> {
  const currentDate = new Date(provider.clock.milliseconds());
  return await jwtVerify(jwt, createLocalJWKSet(await publishedKeys(provider)), { currentDate })
    .then(() => true, () => false);
}

async function apiToken(provider: TestProvider): Promise<string> {
  const form = {
    grant_type: "client_credentials",
    resource: api.resource,
    ...provider.credentials(),
  };
  return (await tokensOf(await provider.post("/token", form))).access_token;
}

Deno.test("the next key is published before it signs, and for longer than a JWKS is cached", async () => {
  await using provider = await aProvider();
  provider.clock.advance(publicationLead);
  const { next } = await rotateSigningKey(provider.deps, "RS256");
  assert((await kids(provider)).includes(next));
  const tooSoon = await assertRejects(
    () => rotateSigningKey(provider.deps, "RS256"),
    KeyTooFresh,
  );
  assertEquals(tooSoon.seconds, publicationLead);
  provider.clock.advance(publicationLead);
  const rotated = await rotateSigningKey(provider.deps, "RS256");
  assertEquals(rotated.active, next);
});

Deno.test("from the commit of a rotation on, every process signs with the new key", async () => {
  await using provider = await aProvider();
  const other = provider.restart();
  const before = await signIn(other);
  provider.clock.advance(publicationLead);
  const { active, retired } = await rotateSigningKey(provider.deps, "RS256");
  const after = await signIn(other);
  const kidOf = ({ id_token }: { id_token: string }) => decodeProtectedHeader(id_token).kid;
  assertEquals([kidOf(before), kidOf(after)], [retired, active]);
});

Deno.test("one algorithm is rotated alone, and the event says which key signs now", async () => {
  await using provider = await aProvider();
  provider.clock.advance(publicationLead);
  const before = await provider.providerRecord();
  const { active } = await rotateSigningKey(provider.deps, "ES256");
  const after = await provider.providerRecord();
  assertEquals(after.activeKeys, { ...before.activeKeys, ES256: active });
  const events = (await auditTrail(provider)).filter(({ type }) => type === "signing_key_rotated");
  assertEquals(events.map(({ about, reason }) => [about, reason]), [[active, "rotated"]]);
});

Deno.test("a retired key is published until its tokens have expired, and verifies ID token hints longer", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const { id_token } = await signIn(provider, { browser });
  provider.clock.advance(publicationLead);
  const { retired } = await rotateSigningKey(provider.deps, "RS256");
  assert(await verifies(provider, id_token));
  provider.clock.advance(3601);
  assert(!(await kids(provider)).includes(retired));

  const hint = `/authorize?${new URLSearchParams({
    ...Object.fromEntries(new URLSearchParams(provider.authorizeUrl().split("?")[1])),
    id_token_hint: id_token,
  })}`;
  assertEquals(outcomeOf(await browser.open(hint)), "code");
});

Deno.test("a withdrawn key leaves the JWKS, and its signatures no longer verify here", async () => {
  await using provider = await aProvider({ clients: [robot], resources: [api] });
  const browser = provider.browser();
  const token = await apiToken(provider);
  const opaque = await signInOffline(provider, { browser });
  assertEquals((await introspect(provider, token)).active, true);

  const { rotation } = await withdrawSigningKey(provider.deps, { alg: "RS256" });
  assert(rotation);
  const { retired, active } = rotation;
  assert(!(await kids(provider)).includes(retired));
  assert((await kids(provider)).includes(active), "its successor was published before");
  assert(!(await verifies(provider, token)));
  assertEquals(await introspect(provider, token), { active: false });
  const hint = `/logout?${new URLSearchParams({ id_token_hint: opaque.id_token })}`;
  assertEquals(outcomeOf(await browser.open(hint)), "logout");

  assertEquals((await userinfo(provider, opaque.access_token)).status, 200, "it signed nothing");
  const { id_token } = await tokensOf(await provider.refresh(opaque.refresh_token));
  assertEquals(decodeProtectedHeader(id_token).kid, active);
});

Deno.test("a withdrawn retired key leaves the JWKS, and its signatures no longer verify here", async () => {
  await using provider = await aProvider({ clients: [robot], resources: [api] });
  const browser = provider.browser();
  const token = await apiToken(provider);
  const { id_token } = await signIn(provider, { browser });
  provider.clock.advance(publicationLead);
  const { retired, active, next } = await rotateSigningKey(provider.deps, "RS256");
  const later = await apiToken(provider);
  assert((await kids(provider)).includes(retired));
  assertEquals((await introspect(provider, token)).active, true);

  const target = { alg: "RS256", kid: retired } as const;
  assertEquals(await withdrawSigningKey(provider.deps, target), {
    ...target,
    state: "retired",
    rotation: null,
  });
  assert(!(await kids(provider)).includes(retired));
  assertEquals(await introspect(provider, token), { active: false });
  const hint = `/logout?${new URLSearchParams({ id_token_hint: id_token })}`;
  assertEquals(outcomeOf(await browser.open(hint)), "logout");

  assertEquals((await introspect(provider, later)).active, true);
  assertEquals((await provider.providerRecord()).activeKeys.RS256, active);
  assert((await kids(provider)).includes(next));
});

Deno.test("a withdrawn next key never signs, and another one replaces it", async () => {
  await using provider = await aProvider();
  provider.clock.advance(publicationLead);
  const { next: leaked, active } = await rotateSigningKey(provider.deps, "ES256");
  await withdrawSigningKey(provider.deps, { kid: leaked });
  assert(!(await kids(provider)).includes(leaked));
  assertEquals((await provider.providerRecord()).activeKeys.ES256, active);

  await assertRejects(() => rotateSigningKey(provider.deps, "ES256"), KeyTooFresh);
  provider.clock.advance(publicationLead);
  const rotated = await rotateSigningKey(provider.deps, "ES256");
  assert(rotated.active !== leaked);
  assertEquals(rotated.retired, active);
});

Deno.test("a withdrawal and its events are one commit, and name the withdrawn key", async () => {
  await using provider = await aProvider();
  const before = await provider.providerRecord();
  const kid = before.activeKeys.EdDSA;
  const { rotation } = await withdrawSigningKey(provider.deps, { kid });
  const events = (await auditTrail(provider))
    .filter(({ type }) => type === "signing_key_withdrawn" || type === "signing_key_rotated")
    .map(({ type, about, reason, time }) => [type, about, reason, time]);
  const now = provider.clock.milliseconds();
  assertEquals(events.sort(), [
    ["signing_key_rotated", rotation?.active ?? null, "withdrawn", now],
    ["signing_key_withdrawn", kid, "active", now],
  ]);
  await assertRejects(
    () => withdrawSigningKey(provider.deps, { kid }),
    UnknownSigningKey,
  );
  await assertRejects(
    () =>
      withdrawSigningKey(provider.deps, {
        alg: "EdDSA",
        kid: before.activeKeys.RS256,
      }),
    UnknownSigningKey,
  );
  assertEquals((await provider.providerRecord()).activeKeys.RS256, before.activeKeys.RS256);
});

Deno.test("a concurrent rotation and withdrawal of the next key leave every algorithm with keys", async () => {
  for (let round = 0; round < 10; round++) {
    await using provider = await aProvider();
    provider.clock.advance(publicationLead);
    const { next } = await rotateSigningKey(provider.deps, "ES256");
    provider.clock.advance(publicationLead);
    await Promise.allSettled([
      rotateSigningKey(provider.deps, "ES256"),
      withdrawSigningKey(provider.restart().deps, { kid: next }),
      withdrawSigningKey(provider.restart().deps, { alg: "ES256" }),
    ]);
    const { entries } = await provider.deps.kv.list({ collection: signingKeys.all, limit: 100 });
    const own = entries.map(({ value }) => value).filter(({ alg }) => alg === "ES256");
    const states = own.filter(({ retiredAt }) => retiredAt === null)
      .map(({ activatedAt }) => activatedAt === null ? "next" : "active");
    assertEquals(states.sort(), ["active", "next"]);
    const { activeKeys } = await provider.providerRecord();
    assert(own.some(({ kid, activatedAt }) => kid === activeKeys.ES256 && activatedAt !== null));
  }
});

Deno.test("every token is signed with a key in the JWKS, also during rotations", async () => {
  await using provider = await aProvider({ clients: [robot], resources: [api] });
  for (let round = 0; round < 5; round++) {
    provider.clock.advance(publicationLead);
    const [tokens] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, () => apiToken(provider))),
      rotateSigningKey(provider.deps, "RS256"),
    ]);
    const published = await kids(provider);
    for (const token of tokens) {
      assert(published.includes(decodeProtectedHeader(token).kid ?? ""));
    }
  }
});

Deno.test("one of several rotations requested at once is done", async () => {
  await using provider = await aProvider();
  provider.clock.advance(publicationLead);
  const outcomes = await Promise.allSettled(
    [provider, provider.restart(), provider.restart()].map(({ deps }) =>
      rotateSigningKey(deps, "EdDSA")
    ),
  );
  assertEquals(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  const { entries } = await provider.deps.kv.list({ collection: signingKeys.all, limit: 100 });
  const states = entries.filter(({ value }) => value.alg === "EdDSA").map(({ value }) =>
    value.retiredAt !== null ? "retired" : value.activatedAt !== null ? "active" : "next"
  );
  assertEquals(states.sort(), ["active", "next", "retired"]);
});

Deno.test("a key signs for 90 days, then the cron job rotates it", async () => {
  await using provider = await aProvider();
  provider.clock.advance(90 * 86_400 - 1);
  assertEquals(await rotateDueKeys(provider.deps), []);
  provider.clock.advance(1);
  const rotations = await rotateDueKeys(provider.deps);
  assertEquals(rotations.map(({ alg }) => alg), ["RS256", "ES256", "EdDSA"]);
  assertEquals(await rotateDueKeys(provider.deps), []);
});

Deno.test("cron jobs of several processes that start at once rotate each key once, and none fails", async () => {
  await using provider = await aProvider();
  provider.clock.advance(90 * 86_400);
  const jobs = Array.from({ length: 3 }, () => rotateDueKeys(provider.deps));
  const outcomes = await Promise.all(jobs);
  const rotated = outcomes.flat().map(({ alg }) => alg).toSorted();
  assertEquals(rotated, ["ES256", "EdDSA", "RS256"]);
});
