import { assertEquals } from "@std/assert";
import { assertHeld, tryAcquire } from "../../stores/engine/leases.ts";
import type { StoreFile } from "../../stores/engine/kv.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { backupJob } from "../../src/maintenance/backup.ts";
import { aProvider } from "../support/provider.ts";

Deno.test("a backup keeps its lease for as long as it copies", async () => {
  await using provider = await aProvider();
  const { clock } = provider;
  const deps = { ...provider.deps, timers: clock.timers };
  const copied = Promise.withResolvers<number>();
  const file: StoreFile = {
    copy: () => copied.promise,
    assertCanCopyInto: () => Promise.resolve(),
    problems: () => Promise.resolve([]),
    isInPlace: () => Promise.resolve(true),
  };
  const job = backupJob(file, "/backups", "one.sqlite");
  const lease = await tryAcquire(deps.kv, { ...job.lease, holder: "one" });
  if (lease === null) throw new Error("the lease is not free");
  const running = job.run(deps, lease, async () => {
    await deps.kv.step(systemOrigin, (tx) => assertHeld(tx, lease));
  });
  for (let seconds = 0; seconds < 3 * lease.lifetime; seconds++) {
    await clock.sleepers(1);
    clock.advance(1);
  }
  await clock.sleepers(1);
  assertEquals(await tryAcquire(deps.kv, { ...job.lease, holder: "another" }), null);
  copied.resolve(7);
  assertEquals(await running, { file: "one.sqlite", bytes: 7 });
});
