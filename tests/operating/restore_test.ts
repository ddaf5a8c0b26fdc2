import { assertEquals } from "@std/assert";
import { sealingLease } from "../../src/audit/seal.ts";
import { systemClock, systemTimers } from "../../stores/engine/kv.ts";
import { tryAcquire } from "../../stores/engine/leases.ts";
import { openLocalFile } from "../../stores/engine/local_file.ts";
import { createKv } from "../../stores/engine/step.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { anInstallation } from "../support/server_process.ts";
import { assertRestoreIsSafe, settings } from "./restore.ts";

Deno.test("a file that was set back to a hot backup makes no used credential valid again", async () => {
  await using installation = await anInstallation(settings);
  const file = `${installation.directory}/kv.sqlite`;
  await assertRestoreIsSafe(installation, file, (work) => work());
});

Deno.test("a lease in a file that nobody has open is not in the way of the next process", async () => {
  await using installation = await anInstallation();
  const surroundings = { clock: systemClock, timers: systemTimers, random: systemRandom };
  /** Takes leases as a process does. */
  const take = async (holder: string) => {
    const kv = createKv(await openLocalFile(`${installation.directory}/kv.sqlite`), surroundings);
    const leases = await Promise.all([
      tryAcquire(kv, { ...sealingLease, holder }),
      tryAcquire(kv, { name: "migrations", lifetime: 300, holder }),
    ]);
    await kv.close();
    return leases.filter((lease) => lease !== null).length;
  };
  assertEquals([await take("killed"), await take("other")], [2, 0]);

  const server = await installation.start(); // it would wait for the lease of the migrations
  await server.kill();

  assertEquals(await take("next"), 2);
});
