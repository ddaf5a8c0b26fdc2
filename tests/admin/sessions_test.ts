import { assert, assertEquals } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { isSignedIn, sessionCookie } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { signIn, userinfo } from "../support/tokens.ts";
import { anAdminApi, everyItem, problemOf } from "./api.ts";
import { addSessions } from "./sessions.ts";

Deno.test("a session can be read, without its secret, and ended", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const browser = provider.browser();
  const tokens = await signIn(provider, { client: "shop", browser });
  const { userId } = await provider.userOf("alice");
  const [session] = await everyItem(api, `/users/${userId}/sessions`);
  const read = await api.get(`/sessions/${session.id}`);
  assertEquals(read.body, session);
  assertEquals([session.user_id, session.amr, session.address], [userId, ["pwd"], "203.0.113.7"]);
  assertEquals(JSON.stringify(session).includes("digest"), false);
  const same = await api.get(`/sessions/${session.id}`, { "if-none-match": read.etag });
  assertEquals(same.status, 304);

  assertEquals((await api.call("DELETE", `/sessions/${session.id}`)).status, 204);
  assertEquals(problemOf(await api.call("DELETE", `/sessions/${session.id}`)), "404 not-found");
  assertEquals(await isSignedIn(provider, sessionCookie(browser)), false);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  const { body: { items: [event] } } = await api.get("/audit-events?type=session_ended");
  assertEquals([event.actor, event.session_id, event.user_id, event.reason], [
    "client:ops",
    session.id,
    userId,
    "admin",
  ]);
});

Deno.test("100 sessions end in three round trips, with those that identify the caller", async () => {
  const trips = roundTrips();
  await using api = await anAdminApi({ wrap: trips.wrap });
  const { userId } = await api.provider.userOf("alice");
  const ids = await addSessions(api.provider, userId, 100);
  for (const headers of [{}, { "idempotency-key": "once" }] as Record<string, string>[]) {
    const before = trips.count();
    const reply = await api.post("/sessions/batch-delete", { session_ids: ids }, headers);
    assertEquals(reply.status, 200);
    assertEquals(trips.count() - before <= 3, true, `${trips.count() - before} round trips`);
  }
  assertEquals((await api.get(`/users/${userId}/sessions`)).body.items, []);
  assertEquals((await api.events("type=session_ended&limit=200")).length, 100);
});

Deno.test("a batch returns how many sessions it ended, and which ids are unknown", async () => {
  await using api = await anAdminApi();
  const { userId } = await api.provider.userOf("alice");
  const [first = "", second = ""] = await addSessions(api.provider, userId, 3);
  const unknown = "A".repeat(22);
  const session_ids = [first, unknown, second, "not-an-id", first];
  const reply = await api.post("/sessions/batch-delete", { session_ids });
  assertEquals(reply.body, { deleted: 2, failed: [unknown, "not-an-id"] });
  assertEquals((await everyItem(api, `/users/${userId}/sessions`)).length, 1);
  const again = await api.post("/sessions/batch-delete", { session_ids });
  assertEquals(again.body.deleted, 0);
  assertEquals((await api.events("type=session_ended")).length, 2);
});

Deno.test("1,000 sessions end in a few commits, and the log shows the progress", async () => {
  const trips = roundTrips();
  await using api = await anAdminApi({ wrap: trips.wrap });
  const lines: unknown[] = [];
  Object.assign(api.provider.deps, {
    logger: {
      ...silentLogger,
      info: (message: string, fields?: unknown) => lines.push([message, fields]),
    },
  });
  const { userId } = await api.provider.userOf("alice");
  const ids = await addSessions(api.provider, userId, 1000);
  const commits = trips.commits();
  const reply = await api.post("/sessions/batch-delete", { session_ids: ids });
  assertEquals(reply.body, { deleted: 1000, failed: [] });
  assertEquals(trips.commits() - commits, 7);
  const progress = "a batch of sessions is being ended";
  assertEquals(
    lines,
    [160, 320, 480, 640, 800, 960, 1000].map((done) => [progress, { done, of: 1000 }]),
  );
  const tooMany = [...ids, "one-more"];
  assertEquals((await api.post("/sessions/batch-delete", { session_ids: tooMany })).status, 422);
  assertEquals((await api.post("/sessions/batch-delete", { session_ids: [] })).status, 422);
});

Deno.test("a batch that was interrupted continues when it is sent again", async () => {
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
  const { userId } = await api.provider.userOf("alice");
  const ids = await addSessions(api.provider, userId, 500);
  commitsLeft = 1;
  const headers = { "idempotency-key": "batch" };
  const cut = await api.post("/sessions/batch-delete", { session_ids: ids }, headers);
  assert(cut.status >= 500);
  commitsLeft = Infinity;
  const again = await api.post("/sessions/batch-delete", { session_ids: ids }, headers);
  assertEquals([again.body.deleted, again.body.failed.length], [340, 160]);
  assertEquals((await everyItem(api, "/audit-events?type=session_ended&limit=200")).length, 500);
});

Deno.test("sessions that many requests end at once leave one event each", async () => {
  await using api = await anAdminApi();
  const { userId } = await api.provider.userOf("alice");
  const ids = await addSessions(api.provider, userId, 10);
  const browser = api.provider.browser();
  await signIn(api.provider, { client: "shop", browser });
  const own = (await everyItem(api, `/users/${userId}/sessions`)).map(({ id }) => id);
  const all = [...new Set([...ids, ...own])];
  await Promise.all([
    ...Array.from({ length: 5 }, () => api.post("/sessions/batch-delete", { session_ids: all })),
    ...all.map((id) => api.call("DELETE", `/sessions/${id}`)),
    browser.send("/session", { method: "DELETE" }),
  ]);
  const events = await everyItem(api, "/audit-events?type=session_ended");
  assertEquals(events.length, all.length);
  assertEquals(new Set(events.map(({ session_id }) => session_id)).size, all.length);
});

Deno.test("a user's sessions are listed in pages", async () => {
  await using api = await anAdminApi({ clients: [aClient("shop")] });
  const { userId } = await api.provider.userOf("alice");
  const ids = await addSessions(api.provider, userId, 25);
  const found = await everyItem(api, `/users/${userId}/sessions?limit=10`);
  assertEquals(found.map(({ id }) => id).sort(), ids.sort());
  assertEquals(problemOf(await api.get(`/users/${"A".repeat(22)}/sessions`)), "404 not-found");
});

/**
 * Counts round trips one after another: calls that are sent together are answered together, so what
 * depends on an answer is sent in the next trip.
 */
function roundTrips() {
  let trips = 0;
  let commits = 0;
  let trip: Promise<void> | null = null;
  function onItsWay(): Promise<void> {
    if (trip !== null) return trip;
    trips++;
    trip = new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => void (trip = null));
    return trip;
  }
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    async getMany(keys) {
      await onItsWay();
      return await backend.getMany(keys);
    },
    async list(selector, options) {
      await onItsWay();
      return await backend.list(selector, options);
    },
    async commit(batch) {
      commits++;
      await onItsWay();
      return await backend.commit(batch);
    },
  });
  return { wrap, count: () => trips, commits: () => commits };
}
