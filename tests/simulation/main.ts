/**
 * Proves the guarantees by simulation: the whole app on a store in memory, in virtual time, with faults.
 *
 *   deno task prove:simulation --seeds 10000   runs so many seeds, from 1 on or from --from N, in as
 *                                              many threads as there are cores or --jobs N says
 *   deno task prove:simulation --seed 4711     runs one, and shows each call to the store
 */
import { orderedCrypto } from "./crypto.ts";
import { anInstallation } from "./installation.ts";
import { add, emptyTotal, failureText, merge, table, type Total } from "./report.ts";
import { runSeed } from "./run.ts";
import type { Job } from "./worker.ts";

const options = readOptions(Deno.args);
const began = performance.now();
const total = options.seed === null ? await runAll(options) : await show(options.seed);
const [first] = total.failures;
if (first && options.seed === null) await show(first.seed);
for (const { seed, findings } of total.failures.slice(0, 20)) {
  console.log(`seed ${seed}: ${findings.join("; ")}`);
}
console.log(table(total, (performance.now() - began) / 1000));
if (first) Deno.exit(1);

/** Spreads the seeds over threads, a few at a time. */
async function runAll({ from, seeds, jobs }: ReturnType<typeof readOptions>): Promise<Total> {
  const total = emptyTotal();
  const size = 50;
  const end = from + seeds;
  let next = from;
  await Promise.all(Array.from({ length: jobs }, async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    await answer(worker);
    while (next < end) {
      const job: Job = { first: next, last: Math.min(next + size, end) - 1 };
      next += size;
      worker.postMessage(job);
      merge(total, await answer(worker) as Total);
      if (total.seeds % 1000 < size) console.error(`${total.seeds} seeds`);
    }
    worker.terminate();
  }));
  total.failures.sort((a, b) => a.seed - b.seed);
  return total;
}

function answer(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

/** Runs one seed and tells all that its processes asked of the store. */
async function show(seed: number): Promise<Total> {
  using crypto = orderedCrypto();
  const trace: string[] = [];
  const run = await runSeed(seed, { crypto, installation: await anInstallation(), trace });
  const total = emptyTotal();
  add(total, run);
  console.log(run.findings.length > 0 ? failureText(run, trace) : trace.join("\n"));
  return total;
}

function readOptions(args: readonly string[]) {
  const numbers = new Map<string, number>();
  for (let i = 0; i < args.length; i += 2) {
    const [name = "", value = ""] = args.slice(i, i + 2);
    const isNumber = /^[1-9]\d{0,9}$/.test(value);
    if (!/^--(seeds|seed|from|jobs)$/.test(name) || !isNumber) {
      console.error("options: --seeds N, --from N, --jobs N; or --seed N");
      Deno.exit(2);
    }
    numbers.set(name, Number(value));
  }
  return {
    from: numbers.get("--from") ?? 1,
    seeds: numbers.get("--seeds") ?? 1000,
    seed: numbers.get("--seed") ?? null,
    jobs: numbers.get("--jobs") ?? navigator.hardwareConcurrency,
  };
}
