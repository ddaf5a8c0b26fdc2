import { idOfEnd } from "../../stores/audit_event_ids.ts";
import { assertEquals } from "@std/assert";
import type { AuditEventType } from "../../stores/audit_event_types.ts";
import { peekListed, readListed, readPlaced } from "../../stores/audit_event_reading.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { systemTimers } from "../../stores/engine/kv.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { createKv, type Kv } from "../../stores/engine/step.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { testClock } from "../support/clock.ts";

/** A store that a process of the previous release, or of a shared store, has written to before. */
async function aMixedStore() {
  const clock = testClock();
  const surroundings = { clock, timers: systemTimers, random: systemRandom };
  const backend = await openMemory();
  const local = createKv(backend, surroundings);
  const shared = createKv({ ...backend, remote: true }, surroundings);
  const append = async (kv: Kv, type: AuditEventType, end?: string) => {
    clock.advance(1);
    const event = { type, userId: "alice" };
    const id = end === undefined ? {} : { id: idOfEnd(type, end) };
    await kv.step(systemOrigin, (tx) => auditEvents.append(tx, { ...event, ...id }));
  };
  const keys = async () =>
    (await backend.list({ prefix: [] }, { limit: 100 })).entries.map(({ key }) => key)
      .filter(([family]) => family !== "step_markers");
  return { local, shared, append, keys, [Symbol.asyncDispose]: () => local.close() };
}

Deno.test("events of both layouts are one list in the order of time, and of their user", async () => {
  await using store = await aMixedStore();
  const { local, shared, append } = store;
  await append(shared, "signed_in");
  await append(local, "code_exchanged");
  await append(local, "session_ended", "session 1");
  await append(shared, "grant_ended", "grant 1");
  await append(local, "session_ended", "session 1"); // another step brings about the same end
  await append(local, "token_issued");

  const expected = ["signed_in", "code_exchanged", null, "grant_ended", "session_ended"];
  const { entries } = await local.list({ collection: auditEvents.byTime, limit: 100 });
  const listed = await local.step(systemOrigin, (tx) => readListed(tx, entries));
  const types = listed.map(([event]) => event?.value.type ?? null);
  assertEquals(types, [...expected, "token_issued"]);

  const own = await local.list({ collection: auditEvents.byUser, limit: 100 });
  const places = own.entries.map(({ ref }) => auditEvents.placeOf(ref));
  const ofUser = await local.step(systemOrigin, (tx) => readPlaced(tx, places));
  assertEquals(ofUser.map((event) => event && event.value.type), types);
});

Deno.test("an event on a local file is one record, and one more in the list of its user", async () => {
  await using store = await aMixedStore();
  await store.append(store.local, "code_exchanged");
  assertEquals((await store.keys()).map(([family]) => family), [
    "audit_events_by_person",
    "audit_events_by_time",
  ]);
});

Deno.test("nothing is left of an event that expires, whichever layout it has", async () => {
  await using store = await aMixedStore();
  const { local, shared, append, keys } = store;
  await append(shared, "signed_in");
  await append(local, "code_exchanged");
  await append(local, "session_ended", "session 1");
  await append(shared, "session_ended", "session 1");
  const { entries } = await local.list({ collection: auditEvents.byTime, limit: 100 });
  await local.step(systemOrigin, async (tx) => {
    for (const [n, events] of (await peekListed(tx, entries)).entries()) {
      const { ref } = entries[n] ?? {};
      if (!ref) continue;
      auditEvents.expire(tx, events.map(({ value }) => value), auditEvents.placeOf(ref));
    }
  });
  assertEquals(await keys(), []);
});
