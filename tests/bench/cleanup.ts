import type { Browser } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { anInstallation } from "../support/server_process.ts";
import { fillWithExpired } from "./aged_store.ts";
import { asJson, type Duration, joined, type Load, pacedLoad } from "./load.ts";
import { benchClients, operations, person, signedIn, type Target } from "./operations.ts";
import { readOptions } from "./options.ts";
import { table } from "./table.ts";

/** Connections for each operation: enough that no operation waits for the answer of another. */
const connections = 16;

const operator = aClient("operator", {
  redirect_uris: [],
  grant_types: ["client_credentials"],
  scope: "latchkey:admin",
});

interface Result {
  readonly operation: string;
  /** Requests a second of this operation. The other operation has the same rate. */
  readonly perSecond: number;
  readonly without: Load;
  readonly during: Load;
}

interface Run {
  /** The expired records before the cleanup, by family. */
  readonly expired: Readonly<Record<string, number>>;
  /** The removed records that the cleanup reported. */
  readonly removed: Readonly<Record<string, number>>;
  readonly sweepSeconds: number;
  readonly results: readonly Result[];
}

/** Prints how much slower the token endpoint is while a cleanup goes through the store. */
async function main() {
  const options = readOptions(Deno.args, {
    records: "200000",
    seconds: "10",
    rates: "20,60",
    json: "",
  });
  const [records, seconds] = [Number(options.records), Number(options.seconds)];
  const rates = options.rates.split(",").map(Number);
  if (![records, seconds, ...rates].every((number) => number > 0)) {
    throw new Error("--records, --seconds and --rates must be numbers above 0");
  }
  const runs: Run[] = [];
  for (const rate of rates) runs.push(await measure(records, seconds, rate));

  const about = {
    deno: Deno.version.deno,
    system: `${Deno.build.os} ${Deno.build.arch}`,
    processors: navigator.hardwareConcurrency,
    seconds,
  };
  console.log(`Deno ${about.deno}, ${about.system}, ${about.processors} processors, which the load \
shares; a SQLite file; both operations at once, each so often a second\n`);
  console.log(asTable(runs.flatMap(({ results }) => results)));
  for (const { expired, sweepSeconds, results } of runs) {
    const all = Object.values(expired).reduce((sum, count) => sum + count, 0);
    console.log(`\nat 2 x ${results[0]?.perSecond} a second: ${all} records of \
${Object.keys(expired).length} families removed in ${sweepSeconds.toFixed(1)} s`);
  }
  if (options.json !== "") {
    await Deno.writeTextFile(options.json, asJson({ ...about, runs }) + "\n");
  }
}

/** One server process on a store of its own: load alone, load and a sweep, load alone again. */
async function measure(records: number, seconds: number, rate: number): Promise<Run> {
  await using installation = await anInstallation({
    clients: [...benchClients, operator],
    users: [person],
    env: { LATCHKEY_LOG_LEVEL: "warn" },
  });
  const first = await installation.start(); // it makes the keys and the people
  await first.kill("SIGTERM");
  const expired = await fillWithExpired(`${installation.directory}/kv.sqlite`, records);

  const server = await installation.start();
  const target: Target = {
    issuer: installation.issuer,
    now: () => Math.floor(Date.now() / 1000),
    send: (path, init) => fetch(server.url + path, init),
    browser: server.browser,
  };
  const people: Browser[] = [];
  while (people.length < connections) people.push(await signedIn(target));
  const measured = operations.filter(({ name, idToken }) =>
    name === "client_credentials" || (name === "refresh" && idToken === "ES256")
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
  const sweep = cleanUp(target);
  const during = await all(sweep);
  const sweepSeconds = (performance.now() - begun) / 1000;
  const after = await all(seconds);
  const results = measured.map(({ name }, n): Result => ({
    operation: name,
    perSecond: rate,
    // Before and after, so that a machine that gets busier meanwhile is no fault of the sweep's.
    without: joined([loadAt(before, n), loadAt(after, n)]),
    during: loadAt(during, n),
  }));
  return { expired, removed: await sweep, sweepSeconds, results };
}

function loadAt(loads: readonly Load[], n: number): Load {
  const found = loads[n];
  if (!found) throw new Error("an operation was not measured");
  return found;
}

/** Asks for a cleanup, which is answered when it is done. @returns what it removed */
async function cleanUp({ issuer, send }: Target): Promise<Record<string, number>> {
  const { client_id, client_secret = "" } = operator;
  const resource = `${issuer}/api/v1`;
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    scope: "latchkey:admin",
    resource,
    client_id,
    client_secret,
  });
  const { access_token } = await answered(await send("/token", { method: "POST", body }));
  const headers = { authorization: `Bearer ${access_token}` };
  const started = await send("/api/v1/maintenance/cleanup", { method: "POST", headers });
  const place = started.headers.get("location") ?? "";
  const { removed } = await answered(started);
  if (removed !== undefined) return removed;
  for (;;) {
    const { state, result } = await answered(await send(place, { headers }));
    if (state === "done") return result.removed;
    if (state !== "running") throw new Error(`the cleanup ended as ${state}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function answered(response: Response) {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text);
}

function asTable(results: readonly Result[]): string {
  const head = ["", "per second", "sweep", "p50 ms", "p95 ms", "p99 ms"];
  const rows = results.flatMap(({ operation, perSecond, without, during }) => [
    [operation, String(perSecond), "none", ...figures(without)],
    [operation, String(perSecond), "under way", ...figures(during)],
    [operation, String(perSecond), "ratio", ...ratios(without, during)],
  ]);
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
