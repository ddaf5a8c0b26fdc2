import { assert, assertEquals } from "@std/assert";
import { decodeProtectedHeader } from "jose";
import { signIn } from "../support/tokens.ts";
import { type AdminApi, anAdminApi, problemOf } from "./api.ts";

Deno.test("every signing key is listed with its state, and without its private part", async () => {
  await using api = await anAdminApi();
  const { body } = await api.get("/signing-keys");
  const states = body.items.map(({ alg, state }: Record<string, string>) => `${alg} ${state}`);
  assertEquals(states.sort(), [
    "ES256 active",
    "ES256 next",
    "EdDSA active",
    "EdDSA next",
    "RS256 active",
    "RS256 next",
  ]);
  for (const { public_jwk } of body.items) assertEquals("d" in public_jwk, false);
  assertEquals(JSON.stringify(body).includes("ealed"), false);
});

Deno.test("a key that not every cached JWKS contains does not sign", async () => {
  await using api = await anAdminApi();
  // The keys of a first boot are as old as the store, the next ones are new.
  api.provider.clock.advance(700);
  assertEquals((await api.post("/signing-keys/rotate", { alg: "ES256" })).status, 200);
  const early = await api.post("/signing-keys/rotate", { alg: "ES256" });
  assertEquals([problemOf(early), early.headers.get("retry-after")], ["409 conflict", "600"]);
  const before = await keysBy(api, "active");
  assertEquals(problemOf(await api.post("/signing-keys/rotate")), "409 conflict");
  assertEquals(await keysBy(api, "active"), before, "none was rotated");
});

Deno.test("one algorithm can be rotated alone, or all of them", async () => {
  await using api = await anAdminApi();
  api.provider.clock.advance(700);
  const [active, next] = [await keysBy(api, "active"), await keysBy(api, "next")];
  const { body } = await api.post("/signing-keys/rotate", { alg: "RS256" });
  assertEquals(body.rotated.length, 1);
  assertEquals([body.rotated[0].retired, body.rotated[0].active], [active.RS256, next.RS256]);
  const now = await keysBy(api, "active");
  assertEquals([now.RS256, now.ES256], [next.RS256, active.ES256]);
  const { id_token } = await signIn(api.provider);
  assertEquals(decodeProtectedHeader(id_token).kid, next.RS256);

  api.provider.clock.advance(700);
  const all = await api.post("/signing-keys/rotate");
  assertEquals(all.body.rotated.map(({ alg }: { alg: string }) => alg), [
    "RS256",
    "ES256",
    "EdDSA",
  ]);
  const { body: { items: [event] } } = await api.get("/audit-events?type=signing_key_rotated");
  assertEquals(event.actor, "client:ops");
});

Deno.test("an interrupted rotation of all algorithms continues, and rotates none twice", async () => {
  let commitsLeft = Infinity;
  await using api = await anAdminApi({
    wrap: (backend) => ({
      ...backend,
      commit(batch) {
        if (commitsLeft-- <= 0) return Promise.reject(new Error("the store is gone"));
        return backend.commit(batch);
      },
    }),
  });
  api.provider.clock.advance(700);
  const next = await keysBy(api, "next");
  const headers = { "idempotency-key": "all" };
  commitsLeft = 1;
  assert((await api.post("/signing-keys/rotate", undefined, headers)).status >= 500);
  commitsLeft = Infinity;
  const again = await api.post("/signing-keys/rotate", undefined, headers);
  assertEquals(again.status, 200, JSON.stringify(again.body));
  assertEquals(await keysBy(api, "active"), next);
  assertEquals((await api.events("type=signing_key_rotated")).length, 3);
});

Deno.test("an emergency rotation withdraws a key at once, without waiting for caches", async () => {
  await using api = await anAdminApi();
  const { id_token } = await signIn(api.provider);
  const [active, next] = [await keysBy(api, "active"), await keysBy(api, "next")];
  const reply = await api.post("/signing-keys/emergency-rotate", { alg: "RS256" });
  assertEquals(reply.status, 200);
  const jwks = await (await api.provider.request("/.well-known/jwks.json")).json();
  const kids = jwks.keys.map(({ kid }: { kid: string }) => kid);
  assertEquals([kids.includes(active.RS256), kids.includes(next.RS256)], [false, true]);
  // What it signed proves nothing here any more.
  const hinted = await api.provider.request(`/logout?id_token_hint=${id_token}`);
  assertEquals([hinted.status, hinted.headers.get("location")], [200, null], "a page that asks");
  await hinted.body?.cancel();
  assertEquals(await api.events("type=signing_key_rotated"), ["signing_key_rotated withdrawn"]);
  for (const body of [undefined, {}, { alg: "none" }, { kid: "" }, { kid: 1 }, { key: "x" }]) {
    const refused = await api.post("/signing-keys/emergency-rotate", body);
    assertEquals(problemOf(refused), "422 validation-failed");
  }
});

Deno.test("an emergency rotation withdraws the named key in any state", async () => {
  await using api = await anAdminApi();
  const path = "/signing-keys/emergency-rotate";
  api.provider.clock.advance(700);
  await api.post("/signing-keys/rotate", { alg: "ES256" });
  const [active, next, retired] = [
    await keysBy(api, "active"),
    await keysBy(api, "next"),
    await keysBy(api, "retired"),
  ];
  const headers = { "idempotency-key": "leaked" };
  const gone = { withdrawn: { kid: retired.ES256, alg: "ES256", state: "retired" }, rotated: [] };
  const first = await api.post(path, { kid: retired.ES256 }, headers);
  assertEquals([first.status, first.body], [200, gone]);
  const repeated = await api.post(path, { kid: retired.ES256 }, headers);
  assertEquals([repeated.status, repeated.body], [200, gone]);
  assertEquals(problemOf(await api.post(path, { kid: retired.ES256 })), "404 not-found");

  const waiting = await api.post(path, { kid: next.ES256, alg: "ES256" });
  assertEquals(waiting.body.withdrawn, { kid: next.ES256, alg: "ES256", state: "next" });
  const replaced = await keysBy(api, "next");
  assert(replaced.ES256 !== undefined && replaced.ES256 !== next.ES256);

  assertEquals(
    problemOf(await api.post(path, { kid: active.ES256, alg: "RS256" })),
    "404 not-found",
  );
  const { body } = await api.post(path, { kid: active.ES256 });
  assertEquals(body.withdrawn.state, "active");
  assertEquals(body.rotated[0].active, replaced.ES256);

  const jwks = await (await api.provider.request("/.well-known/jwks.json")).json();
  const kids = jwks.keys.map(({ kid }: { kid: string }) => kid);
  for (const kid of [retired.ES256, next.ES256, active.ES256]) assert(!kids.includes(kid));
  assertEquals((await api.events("type=signing_key_withdrawn")).sort(), [
    "signing_key_withdrawn active",
    "signing_key_withdrawn next",
    "signing_key_withdrawn retired",
  ]);
});

Deno.test("each of several concurrent emergency rotations withdraws one key or none", async () => {
  await using api = await anAdminApi();
  const replies = await Promise.all(
    Array.from({ length: 5 }, () => api.post("/signing-keys/emergency-rotate", { alg: "ES256" })),
  );
  const won = replies.filter(({ status }) => status === 200).length;
  assert(won >= 1);
  assertEquals(replies.filter(({ status }) => status === 409).length, 5 - won);
  const { body } = await api.get("/signing-keys");
  const states = body.items.filter(({ alg }: { alg: string }) => alg === "ES256")
    .map(({ state }: { state: string }) => state).sort();
  assertEquals(states, ["active", "next"]);
});

async function keysBy(api: AdminApi, wanted: string): Promise<Record<string, string>> {
  const { body } = await api.get("/signing-keys");
  const entries = body.items.filter(({ state }: { state: string }) => state === wanted)
    .map(({ alg, kid }: { alg: string; kid: string }) => [alg, kid]);
  return Object.fromEntries(entries);
}
