import { memoryGroup } from "../support/memory_group.ts";
import { anInstallation, type ServerProcess } from "../support/server_process.ts";
import { creates, mixedLoad, signIns, slowBodies } from "./memory_loads.ts";
import { benchClients, benchResources, operator, person } from "./operations.ts";
import { readOptions } from "./options.ts";
import { type Memory, memory, resetPeak } from "./process_usage.ts";
import { table } from "./table.ts";
import { type Target, targetOf } from "./target.ts";

/** What a load needs at most, in MiB: beyond that, something is wrong. */
interface Bound {
  readonly peak?: number;
  /** More than before the load. */
  readonly growth?: number;
  /** When it has been idle for a while. */
  readonly idle?: number;
}

interface Result extends Memory {
  readonly name: string;
  /** MiB that the kernel gave the process at most; null: it was not limited. */
  readonly limit: number | null;
  /** Before the load, in MiB. */
  readonly before: number;
  readonly bound: Bound;
  readonly isExceeded: boolean;
}

/**
 * Prints how much memory the server takes under several loads. Exits with 1 if a bound is exceeded. Where a
 * control group can be made, the kernel kills a server that wants more than the limit: then it fails too.
 */
async function main(): Promise<boolean> {
  const options = readOptions(Deno.args, {
    "sign-ins": "60",
    creates: "100",
    senders: "1000",
    seconds: "20",
    "par-seconds": "", // as long as `seconds`
    idle: "20",
    only: "",
    limit: "256",
    json: "",
  });
  const number = (name: keyof typeof options) => Number(options[name]);
  const rested = () => new Promise((resolve) => setTimeout(resolve, number("idle") * 1000));
  // What was remembered is forgotten then, and V8 gives its pages back.
  const isIdle = number("idle") >= 20;
  const idle = isIdle ? { idle: 150 } : {};
  const results: Result[] = [];
  const limit = Number(options.limit);
  const parSeconds = Number(options["par-seconds"] || options.seconds);
  const scenarios: Record<string, (work: Work) => Promise<void>> = {
    async passwords({ server, measured }) {
      const count = number("sign-ins") + number("creates");
      await measured(`${count} password hashes, 16 at once`, { peak: 256 }, async () => {
        await signIns(server, number("sign-ins"));
        await creates(server, number("creates"));
      });
    },
    async "slow bodies"({ server, target, measured }) {
      // A server that has answered requests has loaded all its modules, which no slow sender causes.
      await mixedLoad(target, 1, 1);
      await rested();
      await measured(
        `${number("senders")} clients that send a body byte by byte`,
        { growth: 150 },
        () => slowBodies(server, number("senders"), Math.min(12, number("seconds"))),
      );
    },
    async load({ target, measured }) {
      await measured(
        `mixed load, 16 connections, ${number("seconds")} s`,
        { peak: 250, ...idle },
        () => mixedLoad(target, 16, number("seconds")),
      );
      await measured(
        `PAR, 64 connections, ${parSeconds} s`,
        { peak: 250, ...idle },
        () => mixedLoad(target, 64, parSeconds, /^PAR/),
      );
    },
  };
  const chosen = Object.entries(scenarios).filter(([name]) => name.includes(options.only));
  if (chosen.length === 0) {
    throw new Error(`--only is none of ${Object.keys(scenarios).join(", ")}`);
  }
  for (const [name, scenario] of chosen) {
    // A file and many sockets are memory of the kernel, which would count too.
    await using group = name === "passwords" ? await memoryGroup(limit) : null;
    await using installation = await anInstallation({
      clients: [...benchClients, operator],
      resources: benchResources,
      users: [person],
      env: { LATCHKEY_LOG_LEVEL: "error", LATCHKEY_TRUST_PROXY: "1" },
    });
    const server = await installation.start({ group });
    const target = targetOf(installation.issuer, server);
    await scenario({
      server,
      target,
      async measured(name, bound, work) {
        const before = await memory(server.pid);
        await resetPeak(server.pid);
        await work();
        const { peak } = await memory(server.pid);
        await rested();
        const after = await memory(server.pid);
        if (await group?.kills()) throw new Error(`${name}: killed at ${limit} MiB`);
        const result = {
          ...after,
          peak,
          name,
          before: before.resident,
          bound,
          limit: group === null ? null : limit,
        };
        results.push({ ...result, isExceeded: exceeds(result) });
      },
    });
  }
  console.log(asTable(results));
  if (options.json !== "") {
    await Deno.writeTextFile(options.json, JSON.stringify(results, null, 2) + "\n");
  }
  return !results.some(({ isExceeded }) => isExceeded);
}

interface Work {
  readonly server: ServerProcess;
  readonly target: Target;
  measured(name: string, bound: Bound, work: () => Promise<void>): Promise<void>;
}

function exceeds({ peak, resident, before, bound }: Omit<Result, "isExceeded">): boolean {
  return peak > (bound.peak ?? Infinity) || peak - before > (bound.growth ?? Infinity) ||
    resident > (bound.idle ?? Infinity);
}

function asTable(results: readonly Result[]): string {
  const head = ["MiB", "before", "peak", "idle after", "heap of C", "limit", "bound", ""];
  const rows = results.map(({ name, before, peak, resident, heap, limit, bound, isExceeded }) => [
    name,
    ...[before, peak, resident, heap, limit ?? "none"].map(String),
    Object.entries(bound).map(([what, most]) => `${what} ${most}`).join(", "),
    isExceeded ? "EXCEEDED" : "",
  ]);
  return table(head, rows);
}

if (import.meta.main) Deno.exitCode = await main() ? 0 : 1;
