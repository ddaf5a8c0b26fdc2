import { readListed } from "../../stores/audit_event_reading.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { auditEventIn, withAuditEvent } from "../support/audit_records.ts";
import { assert, assertEquals, assertNotEquals, fail } from "@std/assert";
import * as auditEvents from "../../stores/audit_events.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { auditTrail, type TrailLine } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { verifyExport } from "../../src/audit/verify_export.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";

/** A provider on which somebody has signed in, with its raw store to tamper with. */
async function aProviderWithEvents() {
  let raw: KvBackend | undefined;
  const provider = await aProvider({
    wrap: (backend) => raw = backend,
    // Nobody waits fifteen seconds here for two enders of one thing to have both ended it.
    timers: { sleep: () => Promise.resolve() },
  });
  await provider.exchange(await provider.authorize());
  if (raw === undefined) throw new Error("no store");
  return Object.assign(provider, { raw });
}

async function verified(provider: TestProvider) {
  const keptSince = (provider.clock.seconds() - 90 * 86_400) * 1000;
  return await verifyTrail(() => auditTrail(provider.deps), { keptSince });
}

async function eventKeys({ raw }: { raw: KvBackend }): Promise<Deno.KvKey[]> {
  const families = ["audit_events", "audit_events_by_time"];
  const pages = await Promise.all(
    families.map((family) => raw.list({ prefix: [family] }, { limit: 100 })),
  );
  return pages.flatMap(({ entries }) => entries)
    .filter(({ key, value }) => auditEventIn(key, value) !== null).map(({ key }) => key);
}

Deno.test("an unchanged trail verifies, and each seal is chained to the one before", async () => {
  await using provider = await aProviderWithEvents();
  const first = await sealAuditEvents(provider.deps);
  await provider.authorize();
  const second = await sealAuditEvents(provider.deps);

  assertEquals([first?.sequence, second?.sequence], [1, 2]);
  assertEquals((await verified(provider)).problems, []);
  assertEquals((await verified(provider)).sealedEvents, (first?.count ?? 0) + (second?.count ?? 0));
  assertEquals(await sealAuditEvents(provider.deps), null, "nothing new, no seal");
});

Deno.test("an event is sealed once, in the order of commits and not of clocks", async () => {
  await using provider = await aProviderWithEvents();
  const first = await sealAuditEvents(provider.deps);
  provider.clock.advance(-30); // a process whose clock is behind
  await provider.exchange(await provider.authorize());
  const second = await sealAuditEvents(provider.deps);

  const { sealedEvents, problems, unsealedEvents } = await verified(provider);
  assertEquals([problems, unsealedEvents], [[], 0]);
  assertEquals(sealedEvents, (first?.count ?? 0) + (second?.count ?? 0));
});

const tamperings: Record<string, (raw: KvBackend, key: Deno.KvKey) => Promise<unknown>> = {
  changed: async (raw, key) => {
    const [entry] = await raw.getMany([key]);
    const { id: _, ...event } = auditEventIn(key, entry?.value) ?? fail();
    const value = withAuditEvent(key, entry?.value, { ...event, outcome: "failure" });
    await raw.commit({ checks: [], mutations: [{ type: "set", key, value }] });
  },
  removed: (raw, key) => raw.commit({ checks: [], mutations: [{ type: "delete", key }] }),
};

for (const [verb, tamper] of Object.entries(tamperings)) {
  Deno.test(`an event that was ${verb} after its seal is found`, async () => {
    await using provider = await aProviderWithEvents();
    await sealAuditEvents(provider.deps);
    const [key] = await eventKeys(provider);
    assert(key);
    await tamper(provider.raw, key);
    assertEquals((await verified(provider)).problems, [`event ${String(key.at(-1))} was ${verb}`]);
  });
}

Deno.test("an event with a date before an earlier seal is found", async () => {
  await using provider = await aProviderWithEvents();
  await sealAuditEvents(provider.deps);
  const [key] = await eventKeys(provider);
  const [entry] = await provider.raw.getMany([key ?? []]);
  const { id: _, ...event } = auditEventIn(entry?.key ?? [], entry?.value) ?? fail();
  const time = (provider.clock.seconds() - 86_400) * 1000;
  await provider.raw.commit({
    checks: [],
    mutations: [
      {
        type: "set",
        key: ["audit_events", "forged"],
        value: { version: 1, record: { ...event, time } },
      },
      {
        type: "set",
        key: ["audit_events_by_time", time, "forged"],
        value: { version: 1, record: {} },
      },
    ],
  });
  await sealAuditEvents(provider.deps);
  assertEquals((await verified(provider)).problems, ["event forged was inserted"]);
});

Deno.test("an export reveals a seal that was removed, swapped or signed by another key", async () => {
  await using provider = await aProviderWithEvents();
  await sealAuditEvents(provider.deps);
  await provider.authorize();
  await sealAuditEvents(provider.deps);
  const lines = await Array.fromAsync(auditTrail(provider.deps));
  const keptSince = 0;
  const text = (list: TrailLine[]) => list.map((line) => JSON.stringify(line)).join("\n");
  const without = (sequence: number) =>
    lines.filter((line) => !("sequence" in line) || line.sequence !== sequence);

  assertEquals((await verifyExport(text(lines), { keptSince })).problems, []);
  assertNotEquals((await verifyExport(text(without(1)), { keptSince })).problems, []);
  assertNotEquals((await verifyExport(text(without(2)), { keptSince })).problems, []);
  const kid = { keptSince, kid: "the one that the operator noted" };
  assertNotEquals((await verifyExport(text(lines), kid)).problems, []);
});

Deno.test("deleting old events or a user's key does not break a proof", async () => {
  await using provider = await aProviderWithEvents();
  await sealAuditEvents(provider.deps);
  const sealed = (await verified(provider)).sealedEvents;
  provider.clock.advance(91 * 86_400);
  await cleanUp(provider.deps);

  const verification = await verified(provider);
  assertEquals(verification.problems, []);
  assertEquals(verification.expiredEvents, sealed);
});

Deno.test("a user's address can only be read with the user's record", async () => {
  await using provider = await aProviderWithEvents();
  const events = [];
  const { kv } = provider.deps;
  const { entries } = await kv.list({ collection: auditEvents.byTime, limit: 100 });
  for (const event of (await kv.step(systemOrigin, (tx) => readListed(tx, entries))).flat()) {
    if (event.value.type === "signed_in") events.push(event);
  }
  const [signedIn] = events;
  assert(signedIn);
  assertEquals(signedIn.value.address, null);
  assert(!JSON.stringify(signedIn.value).includes("203.0.113.7"));
  assertEquals(auditEvents.addressOf(signedIn, null), null);
  const { user } = await provider.userOf(alice.username);
  assertEquals(auditEvents.addressOf(signedIn, user), "203.0.113.7");
});
