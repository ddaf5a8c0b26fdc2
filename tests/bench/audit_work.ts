import { newDeps } from "../../src/boot/new_deps.ts";
import { storedAmong } from "../../src/audit/events_in_order.ts";
import { sealingLease, sealUnder, settleTime } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import { randomId, systemRandom } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { paceOfVerifying } from "../../src/maintenance/jobs.ts";
import { systemClock, systemTimers } from "../../stores/engine/kv.ts";
import { acquire, release } from "../../stores/engine/leases.ts";
import { openLocalFile } from "../../stores/engine/local_file.ts";
import { pacer } from "../../stores/engine/pacer.ts";
import { unbranded } from "../support/brand.ts";
import { defaultConfig, testMasterKey } from "../support/config.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { cpuTime, memory, resetPeak } from "./process_usage.ts";

/** What a process needed for its work. */
export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** MiB above what it had before; null: not measured. */
  readonly memory: number | null;
}

export type AuditWork = keyof typeof works;
const works = { seal, verify };

/**
 * Seals or verifies the events of a file, in a process that does nothing else, and prints what that needed.
 * Only the wait for commits that are under way, of which there are none, is left out.
 */
async function main([work, file = "", events]: readonly string[]) {
  if (work !== "seal" && work !== "verify") throw new Error(`there is no work ${work}`);
  const deps = newDeps({
    backend: await openLocalFile(file),
    clock: systemClock,
    timers: {
      sleep: (ms, signal) => systemTimers.sleep(ms === settleTime ? 0 : ms, signal),
    },
    random: systemRandom,
    masterKey: await masterKey(testMasterKey, null, systemRandom),
    config: defaultConfig,
    brand: unbranded,
    logger: silentLogger,
    mailer: { send: () => Promise.resolve() },
    passwordHasher: noPasswords,
  });
  const measured = await measuredWork(() => works[work](deps, Number(events)));
  await deps.kv.close();
  console.log(JSON.stringify(measured));
}

async function measuredWork(run: () => Promise<void>): Promise<Measured> {
  await systemTimers.sleep(500);
  // As a server does when it is idle: garbage of the start must not hide what the work takes.
  (globalThis as { gc?: () => void }).gc?.();
  const { resident } = await memory(Deno.pid);
  await resetPeak(Deno.pid);
  const [began, cpu] = [performance.now(), await cpuTime(Deno.pid) ?? 0];
  await run();
  return {
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: ((await cpuTime(Deno.pid) ?? 0) - cpu) / 1000,
    memory: Math.max(0, (await memory(Deno.pid)).peak - resident),
  };
}

async function seal(deps: Deps, events: number) {
  const request = { ...sealingLease, holder: randomId(systemRandom) };
  const lease = await acquire(deps.kv, request, deps);
  const report = await sealUnder(deps, lease);
  await release(deps.kv, lease);
  if (report.events !== events) throw new Error(`${report.events} events were sealed`);
}

async function verify(deps: Deps, events: number) {
  const found = await verifyTrail(() => auditTrail(deps), {
    keptSince: 0,
    storedAmong: (places) => storedAmong(deps, places),
    giveWay: pacer(deps, paceOfVerifying),
  });
  if (found.state !== "intact" || found.sealedEvents !== events) {
    throw new Error(`the trail is ${found.state}: ${found.problems[0]}`);
  }
}

const noPasswords = {
  hash: () => Promise.reject(new Error("there are no passwords")),
  verify: () => Promise.resolve(false),
  verifyDecoy: () => Promise.resolve(false),
  needsRehash: () => false,
};

if (import.meta.main) await main(Deno.args);
