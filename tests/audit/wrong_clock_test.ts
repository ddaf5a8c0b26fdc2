import { assertEquals } from "@std/assert";
import { auditEventIn } from "../support/audit_records.ts";
import { findAuditEvents } from "../../src/admin/audit_events.ts";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { aProvider } from "../support/provider.ts";

const hour = 3600;

Deno.test("a clock that was ahead and is put back leaves the trail intact, and its events are sealed", async () => {
  for (const ahead of [2 * hour, 3 * 24 * hour]) {
    let raw: KvBackend | undefined;
    await using provider = await aProvider({
      wrap: (backend) => raw = backend,
      timers: { sleep: () => Promise.resolve() },
    });
    const { clock, deps } = provider;
    const verified = async () => {
      const keptSince = (clock.seconds() - 90 * 86_400) * 1000;
      const { problems, unsealedEvents } = await verifyTrail(() => auditTrail(deps), { keptSince });
      return { problems, unsealedEvents };
    };
    let signIns = 0;
    const signIn = async () => {
      await provider.authorize();
      signIns++;
    };
    const intact = { problems: [], unsealedEvents: 0 };

    await signIn();
    await sealAuditEvents(deps);
    clock.advance(ahead);
    await signIn();
    await sealAuditEvents(deps);
    await signIn(); // is sealed only when the clock is right again
    clock.advance(-ahead);
    await signIn();
    assertEquals((await verified()).problems, [], "before the next seal");

    // Until the time has come that the clock has shown, and beyond.
    for (let passed = 0; passed < Math.min(ahead, 5 * hour) + 2 * hour; passed += hour) {
      clock.advance(hour);
      await signIn();
      assertEquals((await verified()).problems, [], `${passed} seconds later`);
      await sealAuditEvents(deps);
      assertEquals(await verified(), intact, `${passed} seconds later`);
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
    assertEquals((await verified()).problems.length, 1);
  }
});
