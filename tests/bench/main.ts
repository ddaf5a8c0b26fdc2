import type { Browser } from "../support/browser.ts";
import { anInstallation } from "../support/server_process.ts";
import { asJson, type Load, load } from "./load.ts";
import { aCeiling } from "./ceiling.ts";
import { benchClients, benchLimits, benchResources, type Operation } from "./operations.ts";
import { operations, person, signedIn } from "./operations.ts";
import { readOptions } from "./options.ts";
import { cpuTime, peakMemory } from "./process_usage.ts";
import { type RoundTrips, roundTrips } from "./round_trips.ts";
import { table } from "./table.ts";
import { type Target, targetOf } from "./target.ts";

interface Result extends Load, RoundTrips {
  readonly operation: string;
  readonly signature: string | null;
  readonly connections: number;
  /** Milliseconds of the server's processor time for one operation. */
  readonly cpu: number | null;
  /** What a server that does nothing but the signature and the commit reaches. */
  readonly ceiling: number;
}

/** Puts load on a server process, and prints what it takes. */
async function main() {
  const { seconds, connections, json, format } = measuredAs();
  const trips = await roundTrips(operations);
  await using installation = await anInstallation({
    clients: benchClients,
    users: [person],
    resources: benchResources,
    env: { LATCHKEY_LOG_LEVEL: "warn", ...benchLimits },
  });
  const server = await installation.start();
  const target = targetOf(installation.issuer, server);
  const people: Browser[] = [];
  while (people.length < Math.max(...connections)) people.push(await signedIn(target));

  await using ceiling = await aCeiling();
  const results: Result[] = [];
  for (const [index, operation] of operations.entries()) {
    const { reads, commits, keys } = trips[index] ?? { reads: NaN, commits: NaN, keys: 0 };
    for (const count of connections) {
      const measured = await measure(
        server.pid,
        target,
        operation,
        people.slice(0, count),
        seconds,
      );
      const { name, signature } = operation;
      const { perSecond } = await ceiling.measure({ signature, keys }, count, seconds);
      results.push({
        ...{ operation: name, signature, connections: count },
        ...measured,
        ...{ reads, commits, keys, ceiling: perSecond },
      });
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
shares; ${seconds} s each; a SQLite file; rate limits on. The ceiling is Deno.serve with the same \
signature and a commit of as many keys, shared by all requests in flight\n`);
  console.log(format === "markdown" ? asMarkdown(results) : asTable(results));
  if (about.peakMemory !== null) console.log(`\npeak memory: ${about.peakMemory} MiB`);
  if (json !== "") {
    await Deno.writeTextFile(json, asJson({ ...about, results }) + "\n");
  }
}

function measuredAs() {
  const options = readOptions(Deno.args, {
    seconds: "5",
    connections: "1,16,64",
    json: "",
    format: "table",
  });
  const seconds = Number(options.seconds);
  const connections = options.connections.split(",").map(Number);
  if (!(seconds > 0)) throw new Error("--seconds must be more than nothing");
  if (!connections.every((count) => Number.isInteger(count) && count > 0)) {
    throw new Error("--connections must be whole numbers with commas between them");
  }
  return { seconds, connections, json: options.json, format: options.format };
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
  const head = ["", "signature", "connections", "per second", "ceiling", "share"];
  const times = ["p50 ms", "p95 ms", "p99 ms", "CPU ms", "reads", "commits", "keys"];
  const rows = results.map((result) => [
    result.operation,
    result.signature ?? "none",
    String(result.connections),
    result.perSecond.toFixed(0),
    result.ceiling.toFixed(0),
    (result.perSecond / result.ceiling).toFixed(2),
    ...[result.p50, result.p95, result.p99].map((time) => time.toFixed(1)),
    result.cpu === null ? "" : result.cpu.toFixed(2),
    String(result.reads),
    String(result.commits),
    String(result.keys),
  ]);
  return table([...head, ...times], rows);
}

/** The table of docs/proofs.md. */
function asMarkdown(results: readonly Result[]): string {
  const head = ["operation", "signature", "connections", "a second", "ceiling", "of it"];
  const rows = results.map((result) => [
    result.operation,
    result.signature ?? "none",
    String(result.connections),
    result.perSecond.toFixed(0),
    result.ceiling.toFixed(0),
    (result.perSecond / result.ceiling).toFixed(2),
    result.p50.toFixed(1),
    result.p99.toFixed(1),
    result.cpu?.toFixed(2) ?? "",
    `${result.reads}, ${result.commits}, ${result.keys}`,
  ]);
  const columns = [...head, "p50 ms", "p99 ms", "CPU ms", "reads, commits, keys"];
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [line(columns), line(columns.map((_, n) => n < 2 ? "---" : "---:")), ...rows.map(line)]
    .join("\n");
}

if (import.meta.main) await main();
