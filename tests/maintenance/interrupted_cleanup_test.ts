import { assert, assertEquals, assertRejects } from "@std/assert";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { acquire, LeaseLost } from "../../stores/engine/leases.ts";
import { Interrupted } from "../../stores/engine/pacer.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as unfinishedDeletions from "../../stores/unfinished_deletions.ts";
import { aProvider } from "../support/provider.ts";

const timers = { sleep: () => Promise.resolve() };

/** A provider that has much to clean up, and does something when the cleanup lists a family. */
async function aFullProvider(family: string) {
  const stopping = new AbortController();
  let meanwhile: () => Promise<void> = () => Promise.resolve();
  const provider = await aProvider({
    timers,
    stopping: stopping.signal,
    wrap: (backend) => ({
      ...backend,
      async list(selector, options) {
        const page = await backend.list(selector, options);
        const [listed] = "prefix" in selector ? selector.prefix : selector.start;
        if (listed === family) await meanwhile();
        return page;
      },
    }),
  });
  const { clock, deps } = provider;
  for (let n = 0; n < 4; n++) {
    await deps.kv.step(systemOrigin, (tx) => {
      for (let n = 0; n < 90; n++) auditEvents.append(tx, { type: "signed_in" });
    });
  }
  await deps.kv.step(systemOrigin, (tx) => unfinishedDeletions.begin(tx, "gone", ["gone"]));
  clock.advance(91 * 86_400);
  const left = async (collection: Parameters<typeof deps.kv.list>[0]["collection"]) =>
    (await deps.kv.list({ collection, limit: 500, asOf: 0 })).entries.length;
  return {
    ...{ provider, stopping },
    whenListed: (work: () => Promise<void>) => void (meanwhile = work),
    events: () => left(auditEvents.byTime),
    deletions: () => left(unfinishedDeletions.all),
  };
}

Deno.test("a cleanup ends before its next commit when the process is to stop, and leaves the rest to the next one", async () => {
  const full = await aFullProvider("audit_events_by_time");
  await using provider = full.provider;
  const before = await full.events();
  let pages = 0;
  full.whenListed(() => Promise.resolve(void (++pages === 2 && full.stopping.abort())));
  await assertRejects(() => cleanUp(provider.deps), Interrupted);
  assertEquals(before - await full.events(), 100);
  const { deps } = provider.restart();
  await cleanUp({ ...deps, stopping: new AbortController().signal });
  assertEquals([await full.events(), await full.deletions()], [0, 0]);
});

Deno.test("a cleanup that rests ends at once when the process is to stop", async () => {
  const full = await aFullProvider("audit_events_by_time");
  await using provider = full.provider;
  const { deps, clock } = provider;
  const ended = assertRejects(() => cleanUp({ ...deps, timers: clock.timers }), Interrupted);
  await clock.sleepers(1);
  full.stopping.abort();
  await ended;
});

Deno.test("a cleanup that is to stop, or has lost its lease, finishes no deletion", async () => {
  for (const reason of [Interrupted, LeaseLost]) {
    const full = await aFullProvider("unfinished_deletions");
    await using provider = full.provider;
    full.whenListed(async () => {
      if (reason === Interrupted) return full.stopping.abort();
      full.whenListed(() => Promise.resolve());
      provider.clock.advance(61);
      const other = { name: "cleanup", holder: "another", lifetime: 60 };
      await acquire(provider.restart().deps.kv, other, { timers });
    });
    const error = await assertRejects(() => cleanUp(provider.deps));
    assert(error instanceof reason, String(error));
    assertEquals([await full.events(), await full.deletions()], [0, 1], reason.name);
  }
});
