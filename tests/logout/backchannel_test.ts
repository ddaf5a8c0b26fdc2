import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  compactDecrypt,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
} from "jose";
import * as clients from "../../stores/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import type { LogoutMessage } from "../../stores/logout_outbox.ts";
import { deliverLogouts } from "../../src/logout/deliver.ts";
import { runLogoutWorker, tellOfLogouts } from "../../src/logout/worker.ts";
import { aClient } from "../support/clients.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshot } from "../support/records.ts";
import { signIn, signInOffline } from "../support/tokens.ts";

const shopUri = "https://shop.example/backchannel";
const deskUri = "https://desk.example/backchannel";
const shop = aClient("shop", { backchannel_logout_uri: shopUri });
const desk = aClient("desk", {
  backchannel_logout_uri: deskUri,
  id_token_signed_response_alg: "ES256",
});
const mute = aClient("mute");

async function outbox(provider: TestProvider): Promise<LogoutMessage[]> {
  const { entries } = await provider.deps.kv.list({ collection: logoutOutbox.all, limit: 100 });
  return entries.map(({ value }) => value);
}

async function logoutEvents(provider: TestProvider): Promise<string[]> {
  return (await auditTrail(provider)).filter(({ type }) => type.endsWith("told_of_logout"))
    .map(({ type, clientId, reason }) => `${type} ${clientId} ${reason}`).toSorted();
}

/** Not on the page that shows who was told: that one tells them at once. */
async function signOut(browser: ReturnType<TestProvider["browser"]>) {
  assertEquals((await browser.send("/session", { method: "DELETE" })).status, 204);
}

Deno.test("exactly the clients that got an ID token in a session are told of its end, by a logout token", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({ clients: [shop, desk, mute], transport: receiver });
  const browser = provider.browser();
  const tokens = await signIn(provider, { browser });
  await signIn(provider, { browser, client: "mute" });
  // A code that nobody exchanged, and a grant without an ID token, make no client of the session.
  await provider.authorize({ browser, client: "desk" });
  await signIn(provider, { browser, client: "desk", parameters: { scope: "email" } });
  const other = await signIn(provider, { client: "desk" });
  const { sid, sub } = decodeJwt(tokens.id_token);

  await signOut(browser);
  assertEquals(receiver.received.length, 0, "nothing is sent within a request");
  assertEquals(await tellOfLogouts(provider.deps), { told: 1, failed: 0, nextDueAt: null });

  const [message] = receiver.received;
  assert(message);
  const { request, token } = message;
  assertEquals([request.method, request.url.href], ["POST", shopUri]);
  assertEquals(request.headers["content-type"], "application/x-www-form-urlencoded");
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    [customFetch]: (url) => provider.request(new URL(url).pathname),
  });
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer,
    audience: "shop",
    typ: "logout+jwt",
    currentDate: new Date(provider.clock.milliseconds()),
    requiredClaims: ["iat", "exp", "jti"],
  });
  assertEquals(protectedHeader.alg, "RS256");
  const { iat = 0, exp = 0, jti = "", ...rest } = payload;
  assertEquals(exp - iat, 120);
  assertMatch(jti, /^[\w-]{22}$/);
  assertEquals(rest, {
    iss: issuer,
    sub,
    aud: "shop",
    sid,
    events: { "http://schemas.openid.net/event/backchannel-logout": {} },
  });
  assertEquals(await logoutEvents(provider), ["client_told_of_logout shop backchannel"]);
  const [record] = await outbox(provider);
  assertEquals([record?.userId, record?.sid, record?.attempts], [null, null, 1]);
  assert(record?.toldAt);

  // The other session lives on, and nothing is told twice.
  await tellOfLogouts(provider.deps);
  assertEquals(receiver.received.length, 1);
  assertEquals(
    (await provider.request("/userinfo", {
      headers: { authorization: `Bearer ${other.access_token}` },
    })).status,
    200,
  );
  const left = [...(await snapshot(provider.backend)).keys()]
    .filter((key) => /^\["(session_ends|session_sweeps|logout_outbox_due)/.test(key));
  assertEquals(left, []);
});

Deno.test("each client's token is signed with the algorithm of its ID tokens, and each attempt has its own jti", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({ clients: [shop, desk], transport: receiver });
  const browser = provider.browser();
  await signIn(provider, { browser });
  await signIn(provider, { browser, client: "desk" });
  receiver.answer(deskUri, 503);
  await signOut(browser);
  await tellOfLogouts(provider.deps);
  receiver.answer(deskUri, 204);
  provider.clock.advance(60);
  assertEquals((await tellOfLogouts(provider.deps)).told, 1);
  const tokens = receiver.received.filter(({ url }) => url === deskUri).map(({ token }) => token);
  assertEquals(tokens.map((token) => decodeProtectedHeader(token).alg), ["ES256", "ES256"]);
  assertEquals(new Set(tokens.map((token) => decodeJwt(token).jti)).size, 2);
  assertEquals(new Set(tokens.map((token) => decodeJwt(token).sid)).size, 1);
});

Deno.test("grants for offline access outlive the session, and their client is told of its end", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({ clients: [shop, desk], transport: receiver });
  const browser = provider.browser();
  const offline = await signInOffline(provider, { browser });
  await signOut(browser);
  await tellOfLogouts(provider.deps);
  assertEquals(receiver.received.map(({ url }) => url), [shopUri]);
  assertEquals((await provider.refresh(offline.refresh_token)).status, 200);

  // A code for offline access outlives its session, too: its client is told of what has ended already.
  const scope = "openid offline_access";
  const late = await provider.authorize({ browser, client: "desk", parameters: { scope } });
  await signOut(browser);
  await tellOfLogouts(provider.deps);
  assertEquals(receiver.received.length, 1);
  const { id_token } = await (await provider.exchange(late, { client: "desk" })).json();
  await tellOfLogouts(provider.deps);
  assertEquals(receiver.accepted().filter((text) => text.startsWith("desk")), [
    `desk ${decodeJwt(id_token).sid}`,
  ]);
});

Deno.test("200 and 204 accept, 400 is final, and everything else is tried again with a bound", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({ clients: [shop], transport: receiver });
  const { clock, deps } = provider;
  for (
    const [answer, attempts] of [[200, 1], [204, 1], [400, 1], [302, 12], [401, 12], [503, 12]]
  ) {
    receiver.answer(shopUri, answer ?? 0);
    receiver.received.length = 0;
    const browser = provider.browser();
    await signIn(provider, { browser });
    await signOut(browser);
    const start = clock.seconds();
    for (let next: number | null = start; next !== null;) {
      clock.advance(Math.max(0, next - clock.seconds()));
      next = (await tellOfLogouts(deps)).nextDueAt;
    }
    assertEquals(receiver.received.length, attempts, `${answer}`);
    assert(clock.seconds() - start < 86_400);
  }
  assertEquals(await logoutEvents(provider), [
    "client_not_told_of_logout shop answered 400",
    "client_not_told_of_logout shop answered 401",
    "client_not_told_of_logout shop answered 503",
    "client_not_told_of_logout shop shop.example answered 302, a redirect",
    "client_told_of_logout shop backchannel",
    "client_told_of_logout shop backchannel",
  ]);
});

Deno.test("an application that hangs delays no other, however many sessions of it end", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({
    clients: [desk, shop],
    transport: receiver,
    config: { rateLimits: false },
  });
  const deps = { ...provider.deps, timers: provider.clock.timers };
  receiver.answer(deskUri, () => new Promise(() => {}));
  for (let n = 0; n < 6; n++) {
    const browser = provider.browser();
    await signIn(provider, { browser, client: "desk" });
    await signOut(browser);
  }
  const browser = provider.browser();
  await signIn(provider, { browser, client: "shop" });
  await signOut(browser);

  const delivery = tellOfLogouts(deps);
  const asked = () => receiver.received.filter(({ url }) => url === deskUri).length;
  while (receiver.accepted().length < 1 || asked() < 2) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(receiver.accepted().map((text) => text.split(" ")[0]), ["shop"]);
  assertEquals(asked(), 2);
  let outcome: Awaited<typeof delivery> | undefined;
  void delivery.then((told) => outcome = told);
  // Past the deadline of a request, and no further: the application rests longer than that.
  for (let seconds = 0; outcome === undefined; seconds += 0.5) {
    if (seconds < 8) provider.clock.advance(0.5);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals([outcome.told, outcome.failed], [1, 2]);
  // The other messages wait until the application may have recovered. A pass may have listed some before it
  // let them wait, and then says that the next one is due at once.
  const { nextDueAt } = await tellOfLogouts(deps);
  assert(nextDueAt !== null && nextDueAt > provider.clock.seconds());
  assertEquals(asked(), 2);
});

Deno.test("a client that is gone, is another one now, or has no URI any more is not told", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({ clients: [shop], transport: receiver });
  const { kv } = provider.deps;
  const clients = await import("../../stores/clients.ts");
  const { systemOrigin } = await import("../../stores/engine/transaction.ts");
  const { isPresent } = await import("../../stores/engine/collection.ts");
  for (const change of ["gone", "another", "no URI"]) {
    const browser = provider.browser();
    await signIn(provider, { browser });
    await signOut(browser);
    const before = await kv.step(systemOrigin, async (tx) => {
      const { client } = await tx.read({ client: clients.ref("shop") });
      assert(isPresent(client));
      if (change === "gone") clients.remove(tx, client);
      if (change === "another") {
        const createdAt = client.value.createdAt + 1;
        clients.keep(tx, client, { ...client.value, createdAt });
      }
      if (change === "no URI") {
        clients.keep(tx, client, { ...client.value, backchannelLogoutUri: null });
      }
      return client.value;
    });
    await tellOfLogouts(provider.deps);
    await kv.step(systemOrigin, async (tx) => {
      const { client } = await tx.read({ client: clients.ref("shop") });
      if (isPresent(client)) clients.keep(tx, client, before);
      else clients.create(tx, before);
    });
    assertEquals(receiver.received, [], change);
  }
});

Deno.test("many workers send each message once, and one that died is followed by another", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({ clients: [shop, desk], transport: receiver });
  for (let n = 0; n < 4; n++) {
    const browser = provider.browser();
    await signIn(provider, { browser });
    await signIn(provider, { browser, client: "desk" });
    await signOut(browser);
  }
  const workers = [provider, provider.restart(), provider.restart(), provider.restart()];
  const told = await Promise.all(workers.map(({ deps }) => tellOfLogouts(deps)));
  assertEquals(told.reduce((sum, { told }) => sum + told, 0), 8);
  assertEquals(new Set(receiver.accepted()).size, 8);
  assertEquals(receiver.received.length, 8);

  const browser = provider.browser();
  await signIn(provider, { browser });
  await signOut(browser);
  const taken = Promise.withResolvers<void>();
  receiver.answer(shopUri, () => (taken.resolve(), new Promise(() => {})));
  const stopped = { sleep: () => new Promise<void>(() => {}) };
  void tellOfLogouts({ ...provider.deps, timers: stopped });
  await taken.promise;
  receiver.answer(shopUri, 200);
  const { deps } = provider.restart();
  assertEquals((await deliverLogouts(deps)).told, 0);
  provider.clock.advance(60);
  assertEquals((await deliverLogouts(deps)).told, 1);
});

Deno.test("the worker is woken by the commit that ends a session, and stops when told", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({
    clients: [shop],
    transport: receiver,
    wrap: (kv) => kv,
  });
  let woken = 0;
  const { logoutWakeUp } = provider.deps;
  const wake = logoutWakeUp.wake;
  Object.assign(logoutWakeUp, { wake: () => (woken++, wake()) });
  const stopping = new AbortController();
  const worker = runLogoutWorker(provider.deps, stopping.signal);
  const browser = provider.browser();
  await signIn(provider, { browser });
  assertEquals(woken, 0);
  await signOut(browser);
  assertEquals(woken, 1);
  while (receiver.accepted().length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  stopping.abort();
  await worker;
});

Deno.test("a logout token is encrypted as the client's ID tokens, or not sent", async () => {
  const pair = await generateKeyPair("ECDH-ES", { extractable: true });
  const jwk = { ...await exportJWK(pair.publicKey), kid: "enc", use: "enc" };
  const sealed = { backchannel_logout_uri: shopUri, id_token_encrypted_response_alg: "ECDH-ES" };
  const bodies: string[] = [];
  await using provider = await aProvider({
    clients: [aClient("shop", { ...sealed, jwks: { keys: [jwk] } })],
    transport: {
      resolve: () => Promise.resolve(["8.8.8.8"]),
      send({ body }) {
        bodies.push(body ?? "");
        return Promise.resolve({ status: 200, headers: new Headers(), bytes: new Uint8Array() });
      },
    },
  });
  const told = async () => {
    await provider.deps.background.ended();
    await tellOfLogouts(provider.deps);
  };
  const browser = provider.browser();
  await signIn(provider, { browser });
  await signOut(browser);
  await told();
  const jwe = new URLSearchParams(bodies[0]).get("logout_token") ?? "";
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, pair.privateKey);
  const inner = new TextDecoder().decode(plaintext);
  assertEquals([protectedHeader.cty, decodeProtectedHeader(inner).typ], ["JWT", "logout+jwt"]);
  assertEquals(protectedHeader.iss, issuer); // RFC 7519 section 5.3

  // Without a key any more, there is nothing that could be sent.
  const again = provider.browser();
  await signIn(provider, { browser: again });
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { entry } = await tx.read({ entry: clients.ref("shop") });
    if (isPresent(entry)) clients.keep(tx, entry, { ...entry.value, jwks: { keys: [] } });
  });
  await signOut(again);
  await told();
  assertEquals(bodies.length, 1);
  const events = await logoutEvents(provider);
  assert(events.some((event) => event.includes("no key to encrypt")), events.join());
});
