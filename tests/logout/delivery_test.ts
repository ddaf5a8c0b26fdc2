import { assert, assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair } from "jose";
import { isPresent, type Ref } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as clients from "../../stores/clients.ts";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import * as sessionClients from "../../stores/session_clients.ts";
import * as sessionEnds from "../../stores/session_ends.ts";
import { outgoingClientKey } from "../../src/limits/outgoing.ts";
import { reserve } from "../../src/limits/reserve.ts";
import { deliver, deliverLogouts } from "../../src/logout/deliver.ts";
import { fanOut, fanOutSession } from "../../src/logout/fan_out.ts";
import { deliverMail } from "../../src/mail/deliver.ts";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { signIn } from "../support/tokens.ts";

const backchannel = (name: string) => `https://${name}.example/backchannel`;
const shop = aClient("shop", { backchannel_logout_uri: backchannel("shop") });
const desk = aClient("desk", { backchannel_logout_uri: backchannel("desk") });

async function endSession(provider: TestProvider, client: string) {
  const browser = provider.browser();
  await signIn(provider, { browser, client });
  assertEquals((await browser.send("/session", { method: "DELETE" })).status, 204);
}

/** Adds messages as if so many sessions of one client had ended. */
async function addMessages(provider: TestProvider, clientId: string, names: readonly string[]) {
  for (let first = 0; first < names.length; first += 100) {
    await provider.deps.kv.step(systemOrigin, async (tx) => {
      const { client } = await tx.read({ client: clients.ref(clientId) });
      const clientCreatedAt = client.value?.createdAt ?? 0;
      for (const name of names.slice(first, first + 100)) {
        const message = { clientId, clientCreatedAt, sessionId: name, userId: "u", sid: name };
        logoutOutbox.add(tx, name, message);
      }
    });
  }
}

async function dueMessages(provider: TestProvider) {
  const { entries } = await provider.deps.kv.list({ collection: logoutOutbox.due, limit: 100 });
  return entries.map(logoutOutbox.dueOf);
}

async function until(isSo: () => boolean) {
  for (let tries = 0; !isSo(); tries++) {
    assert(tries < 2000, "it never happens");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("messages about logouts use up nothing of what a client's keys are fetched with, and the other way round", async () => {
  const key = await aClientKey();
  const pair = await generateKeyPair("ECDH-ES");
  const sealing = { ...await exportJWK(pair.publicKey), kid: "enc", use: "enc" };
  const posts: string[] = [];
  const jwks_uri = "https://bank.example/jwks";
  const bank = aKeyClient("bank", {
    jwks_uri,
    jwks: undefined,
    grant_types: ["client_credentials", "authorization_code"],
    backchannel_logout_uri: backchannel("bank"),
  });
  const sealed = aClient("sealed", {
    jwks_uri,
    id_token_encrypted_response_alg: "ECDH-ES",
    backchannel_logout_uri: backchannel("sealed"),
  });
  await using provider = await aProvider({
    clients: [bank, sealed, shop],
    config: {
      rateLimits: true,
      limits: { ...defaultConfig.limits, outgoingHost: { count: 2, seconds: 60 } },
    },
    transport: {
      resolve: () => Promise.resolve(["8.8.8.8"]),
      send({ url, method }) {
        if (method === "POST") posts.push(url.hostname.split(".")[0] ?? "");
        const keys = method === "POST" ? "" : JSON.stringify({ keys: [key.publicJwk, sealing] });
        const headers = new Headers({ "cache-control": "max-age=60" });
        return Promise.resolve({ status: 200, headers, bytes: new TextEncoder().encode(keys) });
      },
    },
  });
  // Many people are signed out at once: the messages wait, and the client can still authenticate.
  await addMessages(provider, "bank", ["1", "2", "3"]);
  assertEquals((await tellOfLogouts(provider.deps)).told, 2);
  const form = { grant_type: "client_credentials", ...await key.form(provider, "bank") };
  const answer = await provider.post("/token", form);
  assertEquals(answer.status, 200, await answer.text());

  // A client whose keys cannot be fetched now waits, and no other does.
  posts.length = 0;
  await addMessages(provider, "sealed", ["4", "5"]);
  for (const _ of "12") {
    await reserve(provider.deps, [await outgoingClientKey(provider.deps, "sealed")]);
  }
  await addMessages(provider, "shop", ["6"]);
  const told = await tellOfLogouts(provider.deps);
  assertEquals([told.told, posts], [1, ["shop"]]);
  const wait = (told.nextDueAt ?? 0) - provider.clock.seconds();
  assert(wait > 0 && wait <= 30, `${wait}`);
  assertEquals((await deliverLogouts(provider.deps)).told, 0);
  provider.clock.advance(90);
  await tellOfLogouts(provider.deps);
  assertEquals(posts.toSorted(), ["bank", "sealed", "sealed", "shop"]);
});

Deno.test("a message that one worker has taken is sent by no other until its lease ends", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({ clients: [shop], transport: receiver });
  const answer = Promise.withResolvers<number>();
  receiver.answer(backchannel("shop"), () => answer.promise);
  await endSession(provider, "shop");
  const delivery = tellOfLogouts(provider.deps);
  await until(() => receiver.received.length > 0);
  // The logged-out page reads the message then, and tries it.
  const [leased] = await dueMessages(provider);
  assert(leased !== undefined && leased.time > provider.clock.seconds());
  assertEquals(await deliver(provider.restart().deps, leased), null);
  assertEquals([receiver.received.length, await dueMessages(provider)], [1, [leased]]);
  answer.resolve(200);
  assertEquals((await delivery).told, 1);
});

Deno.test("however many messages wait for a client that hangs, the others are told", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({
    clients: [desk, shop],
    transport: receiver,
    config: { rateLimits: false },
  });
  const hanging = Promise.withResolvers<number>();
  receiver.answer(backchannel("desk"), () => hanging.promise);
  await addMessages(provider, "desk", Array.from({ length: 250 }, (_, n) => `a${n}`));
  await addMessages(provider, "shop", ["b"]);
  // No request ends by itself.
  const delivery = deliverLogouts({ ...provider.deps, timers: provider.clock.timers });
  await until(() => receiver.accepted().length > 0 && receiver.received.length > 2);
  assertEquals(receiver.accepted().map((text) => text.split(" ")[0]), ["shop"]);
  assertEquals(receiver.received.length, 3);
  hanging.resolve(400);
  await delivery;
});

Deno.test("a client of a session whose record has expired is forgotten, and holds up no worker", async () => {
  const receiver = logoutReceiver();
  await using provider = await aProvider({ clients: [shop], transport: receiver });
  const browser = provider.browser();
  await signIn(provider, { browser });
  const { kv } = provider.deps;
  const { entries } = await kv.list({ collection: sessionClients.all, limit: 10 });
  const [noted] = entries;
  assert(noted);
  const sessionId = sessionClients.sessionIdOf(noted);
  await kv.step(systemOrigin, async (tx) => {
    const { now } = await tx.read({ now: noted.ref });
    assert(isPresent(now));
    const expiresAt = tx.now + 5;
    for (const clientId of ["shop", ...Array.from({ length: 9 }, (_, n) => `other${n}`)]) {
      sessionClients.add(tx, { sessionId, clientId }, { ...now.value, expiresAt });
    }
    sessionEnds.addEnd(tx, sessionId);
  });
  provider.clock.advance(5);
  await fanOut(provider.deps);
  const left = [...(await snapshot(provider.backend)).keys()]
    .filter((key) => /^\["(session_ends|session_clients)/.test(key));
  assertEquals([left, receiver.received], [[], []]);
});

Deno.test("a pass of a worker ends, also if what it lists cannot be taken", async () => {
  await using provider = await aProvider({ clients: [shop], transport: logoutReceiver() });
  const { kv } = provider.deps;
  /** Deps whose lists show one record for ever, which nobody has stored. */
  const listing = <T>(ref: Ref<T>, value: T) => {
    const ghost = { ref, value, versionstamp: "00000000000000010000" };
    const list = () => Promise.resolve({ entries: [ghost], cursor: null });
    return { ...provider.deps, kv: { ...kv, list } as unknown as typeof kv };
  };
  const time = provider.clock.seconds() - 1;
  const expiresAt = time + 1000;
  const message = { clientId: "shop", expiresAt };
  assertEquals(await deliverLogouts(listing(logoutOutbox.dueRef("a", time), message)), {
    told: 0,
    failed: 0,
    nextDueAt: time,
  });
  assertEquals(await deliverMail(listing(mailOutbox.dueRef("a", time), { expiresAt })), {
    sent: 0,
    failed: 0,
    nextDueAt: time,
  });
  await kv.step(systemOrigin, (tx) => sessionEnds.addEnd(tx, "a"));
  const client = { userId: "u", clientCreatedAt: 0, sid: "s", expiresAt };
  await fanOutSession(listing(sessionClients.ref("a", "shop"), client), "a");
});
