import { sealingLease, sealUnder } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { storedAmong } from "../../src/audit/events_in_order.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import { randomId, systemRandom } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { paceOfVerifying } from "../../src/maintenance/jobs.ts";
import { systemClock, systemTimers } from "../../stores/engine/kv.ts";
import { acquire, release } from "../../stores/engine/leases.ts";
import { openLocalFile } from "../../stores/engine/local_file.ts";
import { createKv } from "../../stores/engine/step.ts";
import { pacer } from "../../stores/engine/pacer.ts";
import { depsOf } from "../simulation/installation.ts";
import { readOptions } from "./options.ts";
import { cpuTime, memory, resetPeak } from "./process_usage.ts";
import { table } from "./table.ts";

interface Measured {
  readonly work: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** MiB above what the process had before. */
  readonly memory: number;
}

/**
 * Prints how long sealing and verifying many audit events takes, and its memory. The work is that of a
 * server that serves nobody, on a file; only the wait for commits under way is left out. With `--verify no`
 * nothing is verified, which takes the longest.
 */
async function main() {
  const options = readOptions(Deno.args, { events: "200000", verify: "yes", json: "" });
  const events = Number(options.events);
  if (!(events > 0)) throw new Error("--events must be a number above 0");
  const directory = await Deno.makeTempDir({ prefix: "latchkey-seal-" });
  const results: Measured[] = [];
  try {
    const backend = await openLocalFile(`${directory}/kv.sqlite`);
    const surroundings = {
      clock: systemClock,
      timers: {
        sleep: (ms: number, signal?: AbortSignal) =>
          systemTimers.sleep(ms === 15_000 ? 0 : ms, signal),
      },
      random: systemRandom,
    };
    const given = depsOf({
      ...surroundings,
      backend,
      masterKey: await masterKey(new Uint8Array(32).fill(7), null, systemRandom),
      observer: {},
    });
    // Without the cache: what the writing fills it with is not the memory of sealing.
    const deps: Deps = { ...given, kv: createKv(backend, surroundings) };
    results.push(await measured("write", () => fill(deps, events)));
    results.push(await measured("seal", () => seal(deps, events)));
    const { size } = await Deno.stat(`${directory}/kv.sqlite`);
    if (options.verify === "yes") {
      results.push(await measured("verify", () => verify(deps, events)));
    }
    await deps.kv.close();
    console.log(
      `${events} events, ${Math.round(size / events)} bytes of the file each, leaves included\n`,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  console.log(asTable(results, events));
  if (options.json !== "") await Deno.writeTextFile(options.json, JSON.stringify(results));
}

async function measured(work: string, run: () => Promise<void>): Promise<Measured> {
  const before = (await memory(Deno.pid)).resident;
  await resetPeak(Deno.pid);
  const [began, cpu] = [performance.now(), await cpuTime(Deno.pid) ?? 0];
  await run();
  return {
    work,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: ((await cpuTime(Deno.pid) ?? 0) - cpu) / 1000,
    memory: Math.max(0, (await memory(Deno.pid)).peak - before),
  };
}

/** Writes events of refreshes, as many in one commit as fit. */
export async function fill({ kv }: Pick<Deps, "kv">, events: number) {
  const origin = { address: "203.0.113.7", requestId: randomId(systemRandom) };
  for (let written = 0; written < events; written += 300) {
    await kv.step(origin, (tx) => {
      for (let n = 0; n < Math.min(300, events - written); n++) {
        auditEvents.append(tx, {
          type: "refresh_token_used",
          clientId: "shop",
          userId: randomId(tx.random),
          grantId: randomId(tx.random),
        });
      }
    });
  }
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

function asTable(results: readonly Measured[], events: number): string {
  const rows = results.map(({ work, seconds, cpuSeconds, memory }) => [
    work,
    seconds.toFixed(1),
    cpuSeconds.toFixed(1),
    (cpuSeconds / events * 1e6).toFixed(0),
    String(memory),
  ]);
  return table(["", "seconds", "CPU seconds", "CPU us an event", "MiB more"], rows);
}

if (import.meta.main) await main();
