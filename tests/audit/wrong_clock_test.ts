import { assertEquals } from "@std/assert";
import { auditEventIn } from "../support/audit_records.ts";
import { findAuditEvents } from "../../src/admin/audit_events.ts";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";

const hour = 3600;
const timers = { sleep: () => Promise.resolve() };
const intact = { problems: [], unsealedEvents: 0 };

async function verified({ clock, deps }: TestProvider) {
  const keptSince = (clock.seconds() - 90 * 86_400) * 1000;
  const { problems, unsealedEvents } = await verifyTrail(() => auditTrail(deps), { keptSince });
  return { problems, unsealedEvents };
}

async function addEvent({ deps }: TestProvider, clientId: string) {
  await deps.kv.step(systemOrigin, (tx) => {
    auditEvents.append(tx, { type: "token_issued", clientId });
  });
}

Deno.test("a clock that was ahead and is put back leaves the trail intact, and its events are sealed", async () => {
  for (const ahead of [2 * hour, 3 * 24 * hour]) {
    let raw: KvBackend | undefined;
    await using provider = await aProvider({
      wrap: (backend) => raw = backend,
      timers,
    });
    const { clock, deps } = provider;
    let signIns = 0;
    const signIn = async () => {
      await provider.authorize();
      signIns++;
    };

    await signIn();
    await sealAuditEvents(deps);
    clock.advance(ahead);
    await signIn();
    await sealAuditEvents(deps);
    await signIn(); // is sealed only when the clock is right again
    clock.advance(-ahead);
    await signIn();
    assertEquals((await verified(provider)).problems, [], "before the next seal");

    // Until the time has come that the clock has shown, and beyond.
    for (let passed = 0; passed < Math.min(ahead, 5 * hour) + 2 * hour; passed += hour) {
      clock.advance(hour);
      await signIn();
      assertEquals((await verified(provider)).problems, [], `${passed} seconds later`);
      await sealAuditEvents(deps);
      assertEquals(await verified(provider), intact, `${passed} seconds later`);
    }

    const { events } = await findAuditEvents(deps, { type: "code_issued" }, {
      limit: 100,
      position: undefined,
    });
    assertEquals(events.length, signIns, "a search misses none of them");

    // What somebody dates back is still found.
    const families = ["audit_events", "audit_events_by_time"];
    const pages = await Promise.all(
      families.map((family) => raw?.list({ prefix: [family] }, { limit: 1 })),
    );
    const first = pages.flatMap((page) => page?.entries ?? [])
      .find(({ key, value }) => auditEventIn(key, value) !== null);
    const key = [...first?.key.slice(0, -1) ?? [], `${String(first?.key.at(-1))}x`];
    clock.advance(24 * hour);
    await raw?.commit({ checks: [], mutations: [{ type: "set", key, value: first?.value }] });
    assertEquals((await verified(provider)).problems.length, 1);
  }
});

Deno.test("events after a clock was put back are sealed, however long no process has sealed since", async () => {
  await using provider = await aProvider({ timers });
  const { clock, deps } = provider;
  await addEvent(provider, "shop");
  await sealAuditEvents(deps);
  clock.advance(72 * hour);
  await addEvent(provider, "shop");
  await sealAuditEvents(deps);
  await addEvent(provider, "shop"); // is sealed only when the clock is right again
  clock.advance(-72 * hour);

  for (const passed of [12, 72, 12]) { // also beyond the time that the clock has shown
    await addEvent(provider, "shop");
    clock.advance(passed * hour);
    assertEquals((await verified(provider)).problems, []);
    await sealAuditEvents(deps);
    assertEquals(await verified(provider), intact);
  }
});

Deno.test("a search finds events at times of which a wrong clock has already made blocks", async () => {
  await using provider = await aProvider({ timers });
  const { clock, deps } = provider;
  let written = 0;
  const add = async () => {
    await addEvent(provider, "new");
    written++;
    const wanted = { limit: 100, position: undefined };
    const { events } = await findAuditEvents(deps, { clientId: "new" }, wanted);
    assertEquals(events.length, written);
  };
  for (const ahead of [0, 8, 2]) { // hours: the last seal makes a block of the one before
    clock.advance(ahead * hour);
    await addEvent(provider, "old");
    await sealAuditEvents(deps);
  }
  clock.advance(-9.75 * hour);
  await add();
  clock.advance(7.25 * hour); // within the block
  await add();
  clock.advance(-7 * hour);
  await sealAuditEvents(deps);
  for (let minutes = 0; minutes < 12 * 60; minutes += 30) {
    clock.advance(hour / 2);
    await add();
    if (minutes % 60 === 0) await sealAuditEvents(deps);
  }
});
