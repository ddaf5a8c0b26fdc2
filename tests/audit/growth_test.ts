import { assert, assertEquals } from "@std/assert";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { storedSize } from "../support/kv_sizes.ts";
import { aProvider } from "../support/provider.ts";

/** As many as a server has in some minutes, so that what is read for each of them outweighs the rest. */
const events = 2000;

Deno.test("sealing and verifying read each event once, a few at a time, and write its leaf alone", async () => {
  const count = { calls: 0, records: 0, most: 0, bytes: 0 };
  await using provider = await aProvider({
    timers: { sleep: () => Promise.resolve() },
    wrap: (backend) => ({
      ...backend,
      getMany(keys) {
        count.calls++;
        count.records += keys.length;
        return backend.getMany(keys);
      },
      async list(selector, options) {
        const page = await backend.list(selector, options);
        count.calls++;
        count.records += page.entries.length;
        count.most = Math.max(count.most, page.entries.length);
        return page;
      },
      commit(batch) {
        count.calls++;
        for (const mutation of batch.mutations) {
          if (mutation.type === "set") count.bytes += storedSize(mutation.value);
        }
        return backend.commit(batch);
      },
    }),
  });
  const { deps } = provider;
  for (let written = 0; written < events; written += 100) {
    provider.clock.advance(1);
    await deps.kv.step(systemOrigin, (tx) => {
      for (let n = 0; n < 100; n++) {
        auditEvents.append(tx, { type: "refresh_token_used", clientId: "shop", userId: "u1" });
      }
    });
  }
  const counted = async (work: () => Promise<unknown>) => {
    Object.assign(count, { calls: 0, records: 0, most: 0, bytes: 0 });
    await work();
    return { ...count };
  };

  const sealing = await counted(() => sealAuditEvents(deps));
  assert(sealing.records < 1.1 * events, `${sealing.records} records read`);
  assert(sealing.most <= 64, `${sealing.most} records in one list`);
  assert(sealing.calls < events / 20, `${sealing.calls} calls of the store`);
  assert(sealing.bytes < 130 * events, `${sealing.bytes} bytes written`);

  const verifying = await counted(async () => {
    const { state, sealedEvents } = await verifyTrail(() => auditTrail(deps), { keptSince: 0 });
    assertEquals(state, "intact");
    assert(sealedEvents >= events);
  });
  assert(verifying.records < 1.1 * events, `${verifying.records} records read`);
  assert(verifying.most <= 64, `${verifying.most} records in one list`);
  assert(verifying.calls < events / 20, `${verifying.calls} calls of the store`);
  assertEquals(verifying.bytes, 0);
});
