import { orderedCrypto } from "./crypto.ts";
import { anInstallation } from "./installation.ts";
import { add, emptyTotal } from "./report.ts";
import { runSeed } from "./run.ts";

/** The seeds of one job, both included. */
export interface Job {
  readonly first: number;
  readonly last: number;
}

// A twentieth of the work: most errors are answers. Who looks at a failing seed runs it in the main thread.
Error.stackTraceLimit = 0;

const worker = self as unknown as Worker;
const surroundings = { crypto: orderedCrypto(), installation: await anInstallation() };

worker.onmessage = async ({ data: { first, last } }: MessageEvent<Job>) => {
  const total = emptyTotal();
  for (let seed = first; seed <= last; seed++) add(total, await runSeed(seed, surroundings));
  worker.postMessage(total);
};
worker.postMessage("ready"); // a job that comes before this finds nobody who listens
