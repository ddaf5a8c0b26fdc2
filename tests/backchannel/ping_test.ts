import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { deliverPings, runPingWorker } from "../../src/backchannel/deliver_pings.ts";
import * as pingOutbox from "../../stores/ping_outbox.ts";
import { clientMetadataSchema } from "../../src/clients/metadata.ts";
import { anAdminApi, everyItem } from "../admin/api.ts";
import { accountBrowser } from "../support/account.ts";
import {
  aCallCentre,
  answerBackchannel,
  askBackchannel,
  beginBackchannel,
  pollBackchannel,
} from "../support/backchannel.ts";
import { aClient } from "../support/clients.ts";
import { aPingedClient, pingReceiver, pingUri } from "../support/ping_receiver.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshot } from "../support/records.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";

const token = "8d67dc78-7faa.4d41~aabd_67707b37+42/55==";
const toldOf = { client_notification_token: token };

async function begin(provider: TestProvider, form = {}, client = "bank"): Promise<string> {
  return (await beginBackchannel(provider, { ...toldOf, ...form }, client)).auth_req_id;
}

/** The events of messages, without times: type, client and reason. */
async function fates(provider: TestProvider): Promise<string[]> {
  const trail = (await auditTrail(provider)).filter(({ type }) => type.endsWith("_of_answer"));
  return trail.map(({ type, clientId, reason }) =>
    [type, clientId, reason].filter((part) => part !== null).join(" ")
  ).sort();
}

const wait = () => new Promise((resolve) => setTimeout(resolve, 1));

Deno.test("a client is told of each answer after its commit, with its own token, and fetches the tokens", async () => {
  const receiver = pingReceiver();
  const lines: string[] = [];
  const log = (...line: unknown[]) => void lines.push(JSON.stringify(line));
  await using provider = await aProvider({
    clients: [aPingedClient()],
    transport: receiver,
    logger: { ...silentLogger, info: log, warn: log, error: log },
  });
  const auth_req_id = await begin(provider);
  // It may poll too, and not faster than others.
  const poll = async () => await answerOf(await pollBackchannel(provider, auth_req_id));
  assertEquals([await poll(), await poll()], ["400 authorization_pending", "400 slow_down"]);
  assertEquals((await deliverPings(provider.deps)).nextDueAt, null);
  assertEquals(receiver.received, [], "nobody has answered");

  await answerBackchannel(provider);
  assertEquals(receiver.received, [], "nothing is sent within a request");
  const stored = JSON.stringify([...await snapshot(provider.backend)]);
  assertStringIncludes(stored, "ping_outbox");
  for (const secret of [token, auth_req_id]) assert(!stored.includes(secret));
  receiver.answer("bank", 503);
  await deliverPings(provider.deps);
  receiver.answer("bank", 200);
  provider.clock.advance(60);
  assertEquals(await deliverPings(provider.deps), { told: 1, failed: 0, nextDueAt: null });
  const message = {
    url: pingUri("bank"),
    authorization: `Bearer ${token}`,
    type: "application/json",
    body: { auth_req_id },
  };
  assertEquals(receiver.received, [message, message]);
  await tokensOf(await pollBackchannel(provider, auth_req_id));

  const denied = await begin(provider, { client_notification_token: "another" });
  await answerBackchannel(provider, "deny");
  await deliverPings(provider.deps);
  const [, , last] = receiver.received;
  assertEquals([last?.body, last?.authorization], [{ auth_req_id: denied }, "Bearer another"]);
  assertEquals(
    await answerOf(await pollBackchannel(provider, denied)),
    "400 access_denied",
  );
  assertEquals(await fates(provider), ["client_told_of_answer bank", "client_told_of_answer bank"]);

  // What nobody answers is told to nobody.
  await begin(provider, { requested_expiry: "30" });
  provider.clock.advance(600);
  await deliverPings(provider.deps);
  assertEquals(receiver.received.length, 3);
  const left = [...(await snapshot(provider.backend)).keys()];
  assertEquals(left.filter((key) => key.includes("ping_outbox")), []);
  assertEquals(lines.filter((line) => line.includes("was not told of an answer")).length, 1);
  const told = lines.join() + JSON.stringify(await auditTrail(provider));
  for (const secret of [token, auth_req_id, denied]) assert(!told.includes(secret));
});

Deno.test("200 and 204 accept, 400, 401 and 403 are final, and everything else is tried again until the end", async () => {
  const receiver = pingReceiver();
  await using provider = await aProvider({ clients: [aPingedClient()], transport: receiver });
  const { clock, deps } = provider;
  const unreachable = () => Promise.reject(new Error("connection refused"));
  const table = [200, 204, 400, 401, 403, 302, 404, 429, 503, unreachable];
  for (const answer of table) {
    receiver.answer("bank", answer);
    receiver.received.length = 0;
    const auth_req_id = await begin(provider);
    await answerBackchannel(provider);
    const start = clock.seconds();
    for (let next: number | null = start; next !== null;) {
      clock.advance(Math.max(0, next - clock.seconds()));
      next = (await deliverPings(deps)).nextDueAt;
    }
    const attempts = receiver.received.length;
    const isOnce = [200, 204, 400, 401, 403].some((status) => status === answer);
    assert(isOnce ? attempts === 1 : attempts >= 5 && attempts <= 12, `${answer}: ${attempts}`);
    assert(clock.seconds() - start < 600);
    // Whatever became of the message, the answer is there. Nothing is left that could be sent later.
    const isLate = clock.seconds() - start > 550;
    if (!isLate) await tokensOf(await pollBackchannel(provider, auth_req_id));
    clock.advance(600);
    assertEquals(await deliverPings(deps), { told: 0, failed: 0, nextDueAt: null });
  }
  assertEquals(await fates(provider), [
    "client_not_told_of_answer bank answered 400",
    "client_not_told_of_answer bank answered 401",
    "client_not_told_of_answer bank answered 403",
    "client_not_told_of_answer bank answered 404",
    "client_not_told_of_answer bank answered 429",
    "client_not_told_of_answer bank answered 503",
    "client_not_told_of_answer bank bank.example answered 302, a redirect",
    "client_not_told_of_answer bank bank.example cannot be reached",
    "client_told_of_answer bank",
    "client_told_of_answer bank",
  ]);
});

Deno.test("a client that hangs delays no other, and one at a private address is not called", async () => {
  const receiver = pingReceiver();
  const names = ["slow", "quick", "inside"];
  await using provider = await aProvider({
    clients: names.map((name) => aPingedClient(name)),
    transport: {
      ...receiver,
      resolve: (host) => Promise.resolve([host === "inside.example" ? "10.0.0.7" : "8.8.8.8"]),
    },
    config: { rateLimits: false },
  });
  const deps = { ...provider.deps, timers: provider.clock.timers };
  receiver.answer("slow", () => new Promise(() => {}));
  const browser = await accountBrowser(provider);
  for (const client of ["slow", "slow", "slow", "inside", "quick"]) {
    await begin(provider, { requested_expiry: "9" }, client);
    await answerBackchannel(provider, "allow", browser);
  }
  const delivery = deliverPings(deps);
  const called = (client: string) =>
    receiver.received.filter(({ url }) => url === pingUri(client)).length;
  while (called("quick") < 1 || called("slow") < 2) await wait();
  let outcome: Awaited<typeof delivery> | undefined;
  void delivery.then((told) => outcome = told);
  while (outcome === undefined) {
    provider.clock.advance(0.5);
    await wait();
  }
  provider.clock.advance(60);
  await deliverPings(deps);
  assertEquals([called("quick"), called("slow"), called("inside")], [1, 2, 0]);
  const slow = "client_not_told_of_answer slow";
  const inside = "client_not_told_of_answer inside";
  const reasons = new Set(await fates(provider));
  assert(reasons.has(`${inside} inside.example is at an address that is not public`));
  assert(reasons.has(`${slow} slow.example did not answer in time`));
  assert(reasons.has("client_told_of_answer quick"));
});

Deno.test("answers at the same time are one message, which many workers send once", async () => {
  const receiver = pingReceiver();
  await using provider = await aProvider({ clients: [aPingedClient()], transport: receiver });
  await begin(provider);
  const browser = await accountBrowser(provider);
  const page = await browser.open("/account/requests");
  const decisions = Array.from({ length: 20 }, (_, n) => n % 2 === 0 ? "allow" : "deny");
  await Promise.all(decisions.map((decision) => browser.submit(page, { decision })));
  const workers = [provider, provider.restart(), provider.restart(), provider.restart()];
  const told = await Promise.all(workers.map(({ deps }) => deliverPings(deps)));
  assertEquals(told.reduce((sum, { told }) => sum + told, 0), 1);
  assertEquals(receiver.received.length, 1);

  // A worker that died is followed by another one, once it cannot come back.
  await begin(provider);
  await answerBackchannel(provider, "deny", browser);
  const taken = Promise.withResolvers<void>();
  receiver.answer("bank", () => (taken.resolve(), new Promise(() => {})));
  const stopped = { sleep: () => new Promise<void>(() => {}) };
  void deliverPings({ ...provider.deps, timers: stopped });
  await taken.promise;
  receiver.answer("bank", 204);
  const { deps } = provider.restart();
  assertEquals((await deliverPings(deps)).told, 0);
  provider.clock.advance(60);
  assertEquals((await deliverPings(deps)).told, 1);
});

Deno.test("a client that is gone, is another one now, or polls is not told", async () => {
  const receiver = pingReceiver();
  await using provider = await aProvider({ clients: [aPingedClient()], transport: receiver });
  const { kv } = provider.deps;
  const browser = await accountBrowser(provider);
  const changes: Record<string, (client: Client) => Client | null> = {
    gone: () => null,
    another: (client) => ({ ...client, createdAt: client.createdAt + 1 }),
    polls: (client) => ({
      ...client,
      backchannelTokenDeliveryMode: "poll",
      backchannelClientNotificationEndpoint: null,
    }),
  };
  for (const [name, change] of Object.entries(changes)) {
    await begin(provider);
    await answerBackchannel(provider, "allow", browser);
    const before = await kv.step(systemOrigin, async (tx) => {
      const { client } = await tx.read({ client: clients.ref("bank") });
      assert(isPresent(client));
      const changed = change(client.value);
      if (changed === null) clients.remove(tx, client);
      else clients.keep(tx, client, changed);
      return client.value;
    });
    assertEquals((await deliverPings(provider.deps)).nextDueAt, null);
    await kv.step(systemOrigin, async (tx) => {
      const { client } = await tx.read({ client: clients.ref("bank") });
      if (isPresent(client)) clients.keep(tx, client, before);
      else clients.create(tx, before);
    });
    assertEquals(receiver.received, [], name);
  }
  const reason = "the client has no backchannel_client_notification_endpoint any more";
  const fate = `client_not_told_of_answer bank ${reason}`;
  assertEquals(await fates(provider), [fate, fate, fate]);
});

Deno.test("the worker is woken by an answer, and stops when told", async () => {
  const receiver = pingReceiver();
  await using provider = await aProvider({ clients: [aPingedClient()], transport: receiver });
  const stopping = new AbortController();
  const worker = runPingWorker(provider.deps, stopping.signal);
  await begin(provider);
  await answerBackchannel(provider);
  for (let n = 0; n < 2000 && receiver.received.length < 1; n++) await wait();
  assertEquals(receiver.received.length, 1);
  stopping.abort();
  await worker;
});

Deno.test("a client that is pinged sends a token that a header can carry; one that polls needs none", async () => {
  const receiver = pingReceiver();
  await using provider = await aProvider({
    clients: [aPingedClient(), aCallCentre("poller")],
    transport: receiver,
  });
  // Nothing is kept of what a client that polls has sent.
  await begin(provider, {}, "poller");
  await answerBackchannel(provider, "allow");
  const keys = [...(await snapshot(provider.backend)).keys()];
  assertEquals(keys.filter((key) => key.includes("ping_outbox")), []);

  const ask = async (client_notification_token: string | undefined, client?: string) =>
    await answerOf(
      await askBackchannel(provider, { login_hint: "alice", client_notification_token }, client),
    );
  const wrong = [
    ...[undefined, "", " ", "two words", "new\nline", "a\r\nx-evil: 1", "\u00e9", "a\u0000"],
    ...["a,b", 'a"b', "a=b", "=", "Bearer x", "a;b", "a%20b", "x".repeat(1025)],
  ];
  for (const one of wrong) {
    assertEquals(await ask(one), "400 invalid_request", JSON.stringify(one));
    assertEquals(await ask(one, "poller"), "200");
  }
  const types = (await auditTrail(provider)).filter(({ type, clientId }) =>
    type === "backchannel_requested" && clientId === "bank"
  );
  assertEquals(types, [], "nobody was asked");
  for (const right of ["x", "x".repeat(1024), token]) assertEquals(await ask(right), "200");
});

Deno.test("the mode and the endpoint belong together, the endpoint is https, and push is refused", () => {
  const verdictOn = (members: Record<string, unknown>) => {
    const { error } = clientMetadataSchema.safeParse(aPingedClient("bank", members));
    return error?.issues.map(({ path, message }) => `${path}: ${message}`).join() ?? "ok";
  };
  const mode = "backchannel_token_delivery_mode";
  const endpoint = "backchannel_client_notification_endpoint";
  const together = `${endpoint}: and backchannel_token_delivery_mode ping need each other`;
  const table: [Record<string, unknown>, string][] = [
    [{}, "ok"],
    [{ [endpoint]: "https://bank.example:8443/a?b=c" }, "ok"],
    [{ [endpoint]: "http://localhost:3000/ping" }, "ok"], // in development
    [{ [endpoint]: undefined }, together],
    [{ [mode]: "poll" }, together],
    [{ [mode]: "poll", [endpoint]: undefined }, "ok"],
    [{ [mode]: "push" }, `${mode}: must be poll or ping`],
    [{ [mode]: "PING" }, `${mode}: must be poll or ping`],
    [{ [mode]: ["ping"] }, `${mode}: must be poll or ping`],
    [{ [mode]: undefined }, `${mode}: and the grant type ciba need each other,${together}`],
    [{
      grant_types: ["client_credentials"],
    }, `${mode}: and the grant type ciba need each other`],
    [{
      grant_types: ["client_credentials"],
      [mode]: undefined,
    }, together],
    [
      { token_endpoint_auth_method: "none", client_secret: undefined },
      "grant_types: must not hold ciba for a client without a secret or a key",
    ],
    [{ [endpoint]: "http://bank.example/ping" }, `${endpoint}: must be an https URL`],
    [{ [endpoint]: "javascript:alert(1)" }, `${endpoint}: must be an https URL`],
    [{ [endpoint]: "/ping" }, `${endpoint}: must be an https URL`],
    [{ [endpoint]: "https://bank.example/ping#x" }, `${endpoint}: must have no fragment`],
    [
      { [endpoint]: "https://u:p@bank.example/" },
      `${endpoint}: must have no user name or password`,
    ],
    [
      { [endpoint]: `https://bank.example/${"x".repeat(2048)}` },
      `${endpoint}: must have at most 2048 characters`,
    ],
  ];
  for (const [members, expected] of table) {
    assertEquals(verdictOn(members), expected, JSON.stringify(members));
  }
});

Deno.test("a message that another worker has given up stays so, though its client accepts it later", async () => {
  const receiver = pingReceiver();
  const accepted = Promise.withResolvers<number>();
  const sent = Promise.withResolvers<void>();
  await using provider = await aProvider({
    clients: [aPingedClient()],
    transport: receiver,
    timers: { sleep: () => new Promise(() => {}) }, // so that the first worker waits for its answer
  });
  receiver.answer("bank", () => {
    sent.resolve();
    return accepted.promise;
  });
  await begin(provider);
  await answerBackchannel(provider);
  const first = deliverPings(provider.deps);
  await sent.promise;
  provider.clock.advance(3600);
  await deliverPings(provider.deps);
  const given = ["client_not_told_of_answer bank not sent in time"];
  assertEquals(await fates(provider), given);
  accepted.resolve(204);
  await first;
  assertEquals(await fates(provider), given);
  const left = [...(await snapshot(provider.backend)).keys()];
  assertEquals(left.filter((key) => key.startsWith('["ping_outbox"')).length, 1);
});

Deno.test("operators see the messages that wait or were given up, with the reason and without secrets", async () => {
  const receiver = pingReceiver();
  await using api = await anAdminApi({
    clients: [aClient("shop"), aPingedClient(), aPingedClient("desk"), aPingedClient("post")],
    transport: receiver,
  });
  const { provider } = api;
  receiver.answer("desk", 401);
  receiver.answer("post", 503);
  for (const client of ["bank", "desk", "post"]) {
    await begin(provider, {}, client);
    await answerBackchannel(provider);
    await deliverPings(provider.deps);
  }

  const items = await everyItem(api, "/pings");
  const shown = items.map(({ client_id, state, attempts, last_error }) =>
    [client_id, state, attempts, last_error].join(" ")
  );
  assertEquals(shown.toSorted(), ["desk failed 1 answered 401", "post waiting 1 answered 503"]);
  const [failed, ...others] = await everyItem(api, "/pings?state=failed");
  assertEquals(others, []);
  const { body: { items: [event] } } = await api.get(
    "/audit-events?type=client_not_told_of_answer",
  );
  assertEquals([failed.grant_id, failed.id], [event.grant_id, event.grant_id]);
  assertEquals((await everyItem(api, "/pings?client_id=post&state=waiting")).length, 1);
  const stored = await provider.deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ ping: pingOutbox.ref(failed.id) }),
  );
  assertEquals(stored.ping.value?.sealed, "", "its secrets are gone");
  assertEquals(await everyItem(api, "/pings?client_id=bank"), []);
  assertEquals((await api.get("/pings?state=told")).status, 400);
  const { body: { next_cursor: cursor } } = await api.get("/pings?limit=1");
  assertEquals((await api.get(`/pings?cursor=${cursor}`)).body.items.length, 1);
  for (const list of ["/pings?state=failed&", "/pings?client_id=post&", "/logout-messages?"]) {
    assertEquals((await api.get(`${list}cursor=${cursor}`)).status, 400, list);
  }
  assertEquals((await api.call("GET", "/pings", { token: null })).status, 401);

  provider.clock.advance(8 * 86_400);
  await deliverPings(provider.deps);
  await api.renewToken();
  assertEquals((await everyItem(api, "/pings?state=failed&client_id=desk")).length, 0);
});
