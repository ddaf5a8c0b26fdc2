import type { Browser } from "../support/browser.ts";
import { anInstallation } from "../support/server_process.ts";
import { fillStore } from "./aged_store.ts";
import { asJson, type Duration, joined, type Load, pacedLoad } from "./load.ts";
import { maintained } from "./maintained.ts";
import {
  benchClients,
  benchResources,
  operations,
  operator,
  person,
  signedIn,
} from "./operations.ts";
import { readOptions } from "./options.ts";
import { table } from "./table.ts";
import { targetOf } from "./target.ts";

/** Connections for each operation: enough that no operation waits for the answer of another. */
const connections = 16;

interface Result {
  readonly operation: string;
  readonly without: Load;
  readonly during: Load;
}

interface Run {
  /** Live records, none of which the cleanup removes. */
  readonly live: number;
  /** The removed records that the cleanup reported. */
  readonly removed: Readonly<Record<string, number>>;
  readonly sweepSeconds: number;
  readonly results: readonly Result[];
}

/** Prints how much slower the token endpoint is during a cleanup, with few and with many live records. */
async function main() {
  const options = readOptions(Deno.args, {
    live: "1000,1000000",
    due: "5000",
    seconds: "10",
    rate: "60",
    json: "",
  });
  const lives = options.live.split(",").map(Number);
  const [due, seconds, rate] = [Number(options.due), Number(options.seconds), Number(options.rate)];
  if (![due, seconds, rate, ...lives].every((number) => number > 0)) {
    throw new Error("--live, --due, --seconds and --rate must be numbers above 0");
  }
  const runs: Run[] = [];
  for (const live of lives) runs.push(await measure({ live, due, seconds, rate }));

  const about = {
    deno: Deno.version.deno,
    system: `${Deno.build.os} ${Deno.build.arch}`,
    processors: navigator.hardwareConcurrency,
    seconds,
    due,
    rate,
  };
  console.log(`Deno ${about.deno}, ${about.system}, ${about.processors} processors, which the load \
shares; a SQLite file; both operations at once, each ${rate} times a second; ${due} audit events to \
remove\n`);
  console.log(asTable(runs));
  for (const { live, sweepSeconds } of runs) {
    console.log(`\nwith ${live} live records the cleanup took ${sweepSeconds.toFixed(1)} s`);
  }
  if (options.json !== "") {
    await Deno.writeTextFile(options.json, asJson({ ...about, runs }) + "\n");
  }
}

interface Measured {
  readonly live: number;
  readonly due: number;
  readonly seconds: number;
  readonly rate: number;
}

/** One server process on a store of its own: load alone, load and a cleanup, load alone again. */
async function measure({ live, due, seconds, rate }: Measured): Promise<Run> {
  await using installation = await anInstallation({
    clients: [...benchClients, operator],
    resources: benchResources,
    users: [person],
    env: { LATCHKEY_LOG_LEVEL: "warn" },
  });
  const first = await installation.start(); // it makes the keys and the people
  await first.kill("SIGTERM");
  await fillStore(`${installation.directory}/kv.sqlite`, { live, due });

  const server = await installation.start();
  const target = targetOf(installation.issuer, server);
  const people: Browser[] = [];
  while (people.length < connections) people.push(await signedIn(target));
  const measured = operations.filter(({ name, signature }) =>
    name === "client_credentials" || (name === "refresh" && signature === "ES256")
  );
  const loops = await Promise.all(
    measured.map((operation) =>
      Promise.all(people.map((browser) => operation.prepare(target, browser)))
    ),
  );
  const all = (long: Duration) => Promise.all(loops.map((loop) => pacedLoad(loop, long, rate)));

  await all(seconds / 5); // until it is warm
  const before = await all(seconds);
  const begun = performance.now();
  const sweep = maintained(target, "cleanup").then(({ removed }) => removed);
  const during = await all(sweep);
  const sweepSeconds = (performance.now() - begun) / 1000;
  const after = await all(seconds);
  const results = measured.map(({ name }, n): Result => ({
    operation: name,
    // Before and after, so that a machine that gets busier meanwhile does not count as slow because of the
    // cleanup.
    without: joined([loadAt(before, n), loadAt(after, n)]),
    during: loadAt(during, n),
  }));
  return { live, removed: await sweep, sweepSeconds, results };
}

function loadAt(loads: readonly Load[], n: number): Load {
  const found = loads[n];
  if (!found) throw new Error("an operation was not measured");
  return found;
}

function asTable(runs: readonly Run[]): string {
  const head = ["", "live records", "cleanup", "p50 ms", "p95 ms", "p99 ms"];
  const rows = runs.flatMap(({ live, results }) =>
    results.flatMap(({ operation, without, during }) => [
      [operation, String(live), "none", ...figures(without)],
      [operation, String(live), "under way", ...figures(during)],
      [operation, String(live), "ratio", ...ratios(without, during)],
    ])
  );
  return table(head, rows);
}

const measures = ["p50", "p95", "p99"] as const;

function figures(measured: Load): string[] {
  return measures.map((name) => measured[name].toFixed(1));
}

function ratios(without: Load, during: Load): string[] {
  return measures.map((name) => (during[name] / without[name]).toFixed(2));
}

if (import.meta.main) await main();
