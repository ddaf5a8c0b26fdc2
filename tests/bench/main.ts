import type { Browser } from "../support/browser.ts";
import { anInstallation } from "../support/server_process.ts";
import { asJson, type Load, load } from "./load.ts";
import { benchClients, type Operation, operations, person, signedIn } from "./operations.ts";
import type { Target } from "./operations.ts";
import { readOptions } from "./options.ts";
import { cpuTime, peakMemory } from "./process_usage.ts";
import { type RoundTrips, roundTrips } from "./round_trips.ts";
import { table } from "./table.ts";

interface Result extends Load, RoundTrips {
  readonly operation: string;
  readonly idToken: string | null;
  readonly connections: number;
  /** Milliseconds of the server's processor time for one operation. */
  readonly cpu: number | null;
}

/** Puts load on a server process, and prints what it takes. */
async function main() {
  const { seconds, connections, json } = measuredAs();
  const trips = await roundTrips(operations);
  await using installation = await anInstallation({
    clients: benchClients,
    users: [person],
    env: { LATCHKEY_LOG_LEVEL: "warn" },
  });
  const server = await installation.start();
  const target: Target = {
    issuer: installation.issuer,
    now: () => Math.floor(Date.now() / 1000),
    send: (path, init) => fetch(server.url + path, init),
    browser: server.browser,
  };
  const people: Browser[] = [];
  while (people.length < Math.max(...connections)) people.push(await signedIn(target));

  const results: Result[] = [];
  for (const [index, operation] of operations.entries()) {
    const { reads, commits } = trips[index] ?? { reads: NaN, commits: NaN };
    for (const count of connections) {
      const measured = await measure(
        server.pid,
        target,
        operation,
        people.slice(0, count),
        seconds,
      );
      const { name, idToken } = operation;
      results.push({ operation: name, idToken, connections: count, ...measured, reads, commits });
    }
  }
  const about = {
    deno: Deno.version.deno,
    system: `${Deno.build.os} ${Deno.build.arch}`,
    processors: navigator.hardwareConcurrency,
    seconds,
    peakMemory: await peakMemory(server.pid),
  };
  console.log(`Deno ${about.deno}, ${about.system}, ${about.processors} processors, which the load \
shares; ${seconds} s each; a SQLite file\n`);
  console.log(asTable(results));
  if (about.peakMemory !== null) console.log(`\npeak memory: ${about.peakMemory} MiB`);
  if (json !== "") {
    await Deno.writeTextFile(json, asJson({ ...about, results }) + "\n");
  }
}

function measuredAs() {
  const options = readOptions(Deno.args, { seconds: "5", connections: "1,16,64", json: "" });
  const seconds = Number(options.seconds);
  const connections = options.connections.split(",").map(Number);
  if (!(seconds > 0)) throw new Error("--seconds must be more than nothing");
  if (!connections.every((count) => Number.isInteger(count) && count > 0)) {
    throw new Error("--connections must be whole numbers with commas between them");
  }
  return { seconds, connections, json: options.json };
}

async function measure(
  pid: number,
  target: Target,
  operation: Operation,
  people: readonly Browser[],
  seconds: number,
): Promise<Load & { cpu: number | null }> {
  const connections = await Promise.all(people.map((own) => operation.prepare(target, own)));
  await load(connections, seconds / 10); // until it is warm
  const before = await cpuTime(pid);
  const measured = await load(connections, seconds);
  const after = await cpuTime(pid);
  const cpu = before === null || after === null ? null : (after - before) / measured.count;
  return { ...measured, cpu };
}

function asTable(results: readonly Result[]): string {
  const head = ["", "ID token", "connections", "per second", "p50 ms", "p95 ms", "p99 ms"];
  const rows = results.map((result) => [
    result.operation,
    result.idToken ?? "none",
    String(result.connections),
    result.perSecond.toFixed(0),
    ...[result.p50, result.p95, result.p99].map((time) => time.toFixed(1)),
    result.cpu === null ? "" : result.cpu.toFixed(2),
    String(result.reads),
    String(result.commits),
  ]);
  return table([...head, "CPU ms", "reads", "commits"], rows);
}

if (import.meta.main) await main();
