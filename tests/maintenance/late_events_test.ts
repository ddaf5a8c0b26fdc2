import { assertEquals } from "@std/assert";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { aProvider } from "../support/provider.ts";

const [hour, day] = [3600, 86_400];

/** A provider whose audit events are removed as far as they are due, and an event at a time before now. */
async function aCleanProvider(auditEvent: number) {
  const timers = { sleep: () => Promise.resolve() };
  const lifetimes = { auditEvent, auditEventOfKind: { administration: 100 * day } };
  const provider = await aProvider({ timers, lifetimes });
  const { clock, deps } = provider;
  clock.advance(400 * day);
  await cleanUp(deps);
  return {
    provider,
    async addBefore(seconds: number) {
      clock.advance(-seconds);
      await deps.kv.step(systemOrigin, (tx) => auditEvents.append(tx, { type: "signed_in" }));
      clock.advance(seconds);
    },
  };
}

Deno.test("an event that is committed up to two hours after its time is removed, however short the retention", async () => {
  const { provider, addBefore } = await aCleanProvider(hour);
  await using _ = provider;
  await addBefore(1.9 * hour);
  assertEquals(await cleanUp(provider.deps), { audit_events: 1 });
});

Deno.test("what a clock that was behind has dated is removed, although all before it was removed already", async () => {
  const { provider, addBefore } = await aCleanProvider(10 * day);
  await using _ = provider;
  await addBefore(365 * day);
  assertEquals(await cleanUp(provider.deps), { audit_events: 1 });
});
