import { idOfEnd } from "../../stores/audit_event_ids.ts";
import { assert, assertEquals, assertStringIncludes, fail } from "@std/assert";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { verifyExport } from "../../src/audit/verify_export.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { peekListed } from "../../stores/audit_event_reading.ts";
import type { AuditEventType } from "../../stores/audit_event_types.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { signIn } from "../support/tokens.ts";
import { type AdminApi, anAdminApi, everyItem, problemOf } from "./api.ts";

Deno.test("audit events are listed newest first, in pages, each exactly once", async () => {
  await using api = await anAdminApi();
  await addEvents(api, 250, () => "token_issued");
  const all = await everyItem(api, "/audit-events?limit=40");
  assert(all.length > 250);
  assertEquals(new Set(all.map(({ id }) => id)).size, all.length);
  const times = all.map(({ time }) => time);
  assertEquals(times, times.toSorted().reverse());
});

Deno.test("events of one commit are listed in the order in which the step recorded them", async () => {
  await using api = await anAdminApi();
  const expected = Array.from({ length: 40 }, (_, n) => `number ${n}`);
  await api.provider.deps.kv.step(systemOrigin, (tx) => {
    for (const about of expected) auditEvents.append(tx, { type: "resource_updated", about });
  });
  const told = await everyItem(api, "/audit-events?type=resource_updated");
  assertEquals(told.map(({ about }) => about), expected.toReversed());
});

Deno.test("the event of an end is listed after the event of its cause, although its id is derived", async () => {
  await using api = await anAdminApi();
  api.provider.clock.advance(1);
  const sessions = Array.from({ length: 200 }, (_, n) => `session-${n}`);
  await api.provider.deps.kv.step(systemOrigin, (tx) => {
    auditEvents.append(tx, { type: "sessions_ended" });
    auditEvents.append(tx, { type: "user_updated" });
    for (const sessionId of sessions) {
      const id = idOfEnd("session_ended", sessionId);
      auditEvents.append(tx, { id, type: "session_ended", sessionId });
    }
  });
  const told = (await everyItem(api, "/audit-events")).map(({ type }) => type).slice(0, 202);
  const ends = sessions.map(() => "session_ended");
  assertEquals(told, [...ends, "user_updated", "sessions_ended"]);
});

Deno.test("a filter returns exactly the events that match it", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const start = provider.clock.seconds();
  provider.clock.advance(10);
  await signIn(provider, { client: "shop" });
  provider.clock.advance(10);
  const { userId } = await provider.userOf("alice");
  await api.post(`/users/${userId}/suspend`);

  const types = (query: string) => api.events(query).then((found) => [...new Set(found)].sort());
  assertEquals(await types("type=signed_in"), ["signed_in pwd"]);
  assertEquals(await types(`user_id=${userId}&type=user_suspended`), ["user_suspended"]);
  assertEquals((await types(`user_id=${userId}`)).includes("code_issued"), true);
  assertEquals(await types("client_id=ops&type=user_suspended"), ["user_suspended"]);
  assertEquals((await types("client_id=ops")).includes("code_issued"), false);
  assertEquals(await types(`from=${start + 15}`), ["user_suspended"]);
  assertEquals((await types(`from=${start + 5}&to=${start + 15}`)).includes("signed_in pwd"), true);
  assertEquals(
    (await types(`from=${start + 5}&to=${start + 15}`)).includes("user_suspended"),
    false,
  );
  const iso = new Date((start + 15) * 1000).toISOString();
  assertEquals(await types(`from=${iso}`), ["user_suspended"]);
  assertEquals(await types("type=passkey_removed"), []);
  for (
    const wrong of [
      "from=yesterday",
      "to=2026-13-01T00:00:00Z",
      "kind=x",
      "type=signed_inn",
      "type=__proto__",
      "limit=201",
      "user_id=a&user_id=b",
    ]
  ) {
    assertEquals(problemOf(await api.get(`/audit-events?${wrong}`)), "400 invalid-request", wrong);
  }
  const { body } = await api.get("/audit-events?type=signed_inn");
  assertStringIncludes(body.detail, "meant to be signed_in.");
  assertStringIncludes(body.detail, "user_deleted");
});

Deno.test("a filter with few matches reads no more events a page than any other filter", async () => {
  let reads = 0;
  await using api = await anAdminApi({
    wrap: (backend) => ({
      ...backend,
      getMany(keys) {
        reads++;
        return backend.getMany(keys);
      },
    }),
  });
  await addEvents(api, 1, () => "setup_link_issued");
  await addEvents(api, 2500, () => "token_issued");
  let pages = 0;
  const found: unknown[] = [];
  for (let cursor: string | null = ""; cursor !== null; pages++) {
    reads = 0;
    const at: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const { body } = await api.get(`/audit-events?type=setup_link_issued${at}`);
    found.push(...body.items);
    assert(reads <= 105, `${reads} reads`);
    cursor = body.next_cursor;
  }
  assertEquals([found.length, pages], [1, 3]);
});

Deno.test("two requests that end the same thing leave one event", async () => {
  await using api = await anAdminApi();
  for (let n = 0; n < 2; n++) {
    api.provider.clock.advance(1);
    await api.provider.deps.kv.step(systemOrigin, (tx) => {
      const id = idOfEnd("session_ended", "the-session");
      auditEvents.append(tx, { id, type: "session_ended", userId: "somebody" });
    });
  }
  assertEquals(await api.events("type=session_ended"), ["session_ended"]);
});

Deno.test("a cursor is valid only with the filters it was given for", async () => {
  await using api = await anAdminApi();
  await addEvents(api, 5, () => "token_issued");
  const query = "type=token_issued&limit=2";
  const { body: { next_cursor: cursor } } = await api.get(`/audit-events?${query}`);
  assertEquals((await api.get(`/audit-events?${query}&cursor=${cursor}`)).body.items.length, 2);
  const other = await api.get(`/audit-events?type=signed_in&cursor=${cursor}`);
  assertEquals(problemOf(other), "400 invalid-request");
});

Deno.test("the network address in an event is shown only while its user exists", async () => {
  await using api = await anAdminApi();
  await signIn(api.provider, { client: "shop" });
  const { userId } = await api.provider.userOf("alice");
  const address = async () => {
    const { body: { items: [event] } } = await api.get("/audit-events?type=signed_in");
    return event.address;
  };
  assertEquals(await address(), "203.0.113.7");
  const headers = { "if-match": "*" };
  assertEquals((await api.call("DELETE", `/users/${userId}`, { headers })).status, 204);
  assertEquals(await address(), null);
});

Deno.test("the audit trail can be verified by the API, and from an export on another machine", async () => {
  await using api = await anAdminApi({ timers: { sleep: () => Promise.resolve() } });
  const { deps } = api.provider;
  await sealAuditEvents(deps);
  const { body } = await api.finished("/maintenance/verify");
  assertEquals([body.verified, body.seals, body.problems], [true, 1, []]);
  assert(body.sealed_events > 0);

  const response = await api.provider.request("/api/v1/audit-events/export", {
    headers: { authorization: `Bearer ${api.token}` },
  });
  assertEquals(response.headers.get("content-type"), "application/x-ndjson");
  const text = await response.text();
  const verified = await verifyExport(text, { keptSince: 0 });
  assertEquals([verified.problems, verified.sealedEvents], [[], body.sealed_events]);

  const [{ id }] = await everyItem(api, "/audit-events?type=client_created");
  const placed = await deps.kv.list({ collection: auditEvents.byTime, limit: 500 });
  await deps.kv.step(systemOrigin, async (tx) => {
    const { ref } = placed.entries.find(({ ref }) => auditEvents.placeOf(ref).id === id) ?? fail();
    const { entry, event } = await tx.read({ entry: ref, event: auditEvents.ref(id) });
    if (event.value !== null) tx.replace(event, { ...event.value, actor: "nobody" });
    else if (entry.value) {
      tx.replace(entry, { events: entry.value.events.map((one) => ({ ...one, actor: "nobody" })) });
    }
  });
  const tampered = await api.finished("/maintenance/verify");
  assertEquals(tampered.body.verified, false);
  assertEquals(tampered.body.problems, [`event ${id} was changed`]);
});

Deno.test("a verification knows how long each kind is kept: an event that goes too early is missed", async () => {
  const day = 86_400;
  for (const [type, verified] of [["token_issued", true], ["client_created", false]] as const) {
    await using api = await anAdminApi({
      timers: { sleep: () => Promise.resolve() },
      lifetimes: { auditEventOfKind: { tokens: 10 * day } },
    });
    const { clock, deps } = api.provider;
    await sealAuditEvents(deps);
    clock.advance(11 * day);
    const { entries } = await deps.kv.list({ collection: auditEvents.byTime, limit: 500 });
    await deps.kv.step(systemOrigin, async (tx) => {
      for (const [n, found] of (await peekListed(tx, entries)).entries()) {
        const place = auditEvents.placeOf((entries[n] ?? fail()).ref);
        const events = found.map(({ value }) => value);
        if (events.some((event) => event.type === type)) auditEvents.expire(tx, events, place);
      }
    });
    await api.renewToken();
    assertEquals((await api.finished("/maintenance/verify")).body.verified, verified, type);
  }
});

Deno.test("a time range that ends before it begins is 400", async () => {
  await using api = await anAdminApi();
  const reply = await api.get("/audit-events?from=2000&to=1000");
  assertEquals(problemOf(reply), "400 invalid-request");
  assertEquals((await api.get("/audit-events?from=2000&to=2000")).body.items, []);
});

/** Adds events, one each second. */
async function addEvents(api: AdminApi, count: number, type: (n: number) => AuditEventType) {
  const { deps, clock } = api.provider;
  for (let start = 0; start < count; start += 100) {
    clock.advance(1);
    await deps.kv.step(systemOrigin, (tx) => {
      for (let n = start; n < Math.min(count, start + 100); n++) {
        auditEvents.append(tx, { type: type(n), clientId: "shop" });
      }
    });
  }
}
