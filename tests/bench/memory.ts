import { connect } from "node:net";
import { type Browser, formOf } from "../support/browser.ts";
import { anInstallation, type ServerProcess } from "../support/server_process.ts";
import { load } from "./load.ts";
import {
  benchClients,
  benchResources,
  operations,
  operator,
  person,
  signedIn,
} from "./operations.ts";
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
  /** Before the load, in MiB. */
  readonly before: number;
  readonly bound: Bound;
  readonly isExceeded: boolean;
}

/** Prints how much memory the server takes under several loads. Exits with 1 if a bound is exceeded. */
async function main(): Promise<boolean> {
  const options = readOptions(Deno.args, {
    "sign-ins": "60",
    creates: "100",
    senders: "1000",
    seconds: "20",
    idle: "20",
    json: "",
  });
  const number = (name: keyof typeof options) => Number(options[name]);
  // V8 gives its pages back when it has been idle for some seconds.
  const idle = number("idle") >= 20 ? { idle: 150 } : {};
  const results: Result[] = [];
  const scenarios: Record<string, (work: Work) => Promise<void>> = {
    async passwords({ server, measured }) {
      const count = number("sign-ins") + number("creates");
      await measured(`${count} password hashes, 16 at once`, { peak: 256 }, async () => {
        await signIns(server, number("sign-ins"));
        await creates(server, number("creates"));
      });
    },
    async "slow bodies"({ server, measured }) {
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
        `PAR, 64 connections, ${number("seconds")} s`,
        { peak: 250, ...idle },
        () => mixedLoad(target, 64, number("seconds"), /^PAR/),
      );
    },
  };
  for (const scenario of Object.values(scenarios)) {
    await using installation = await anInstallation({
      clients: [...benchClients, operator],
      resources: benchResources,
      users: [person],
      env: { LATCHKEY_LOG_LEVEL: "error", LATCHKEY_TRUST_PROXY: "1" },
    });
    const server = await installation.start();
    const target = targetOf(installation.issuer, server);
    await scenario({
      server,
      target,
      async measured(name, bound, work) {
        const before = await memory(server.pid);
        await resetPeak(server.pid);
        await work();
        const { peak } = await memory(server.pid);
        await new Promise((resolve) => setTimeout(resolve, number("idle") * 1000));
        const after = await memory(server.pid);
        const result = { ...after, peak, name, before: before.resident, bound };
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

/** Runs tasks, so many at a time. */
async function atOnce(count: number, limit: number, task: (n: number) => Promise<void>) {
  let next = 0;
  const worker = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

/** Wrong passwords of unknown users, each from an address of its own. */
async function signIns(server: ServerProcess, count: number) {
  await atOnce(count, 16, async (n) => {
    const headers = { "x-forwarded-for": `198.51.${n >> 8}.${n & 255}` };
    const browser = server.browser();
    const page = await browser.open("/account", { headers });
    const { action, hidden } = formOf(page.body);
    const body = new URLSearchParams({
      ...hidden,
      username: `user${n}`,
      password: "a wrong guess",
    });
    const answer = await browser.send(action, { method: "POST", body, headers });
    await answer.body?.cancel();
    if (answer.status !== 303) throw new Error(`a sign-in was answered ${answer.status}`);
  });
}

/** Users with passwords, as an import by the admin API creates them. */
async function creates(server: ServerProcess, count: number) {
  const { client_id, client_secret = "" } = operator;
  const response = await fetch(`${server.url}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      scope: "latchkey:admin",
      resource: `${server.url}/api/v1`,
      client_id,
      client_secret,
    }),
  });
  const { access_token } = await response.json();
  await atOnce(count, 16, async (n) => {
    const created = await fetch(`${server.url}/api/v1/users`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      body: JSON.stringify({ username: `created${n}`, password: `a long password ${n}` }),
    });
    await created.body?.cancel();
    if (created.status !== 201) throw new Error(`a create was answered ${created.status}`);
  });
}

/** Clients that send a byte of their body a second. */
async function slowBodies(server: ServerProcess, count: number, seconds: number) {
  const { hostname, port } = new URL(server.url);
  const head = "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n" +
    "Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type=";
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(Number(port), hostname, () => socket.write(head));
    socket.on("error", () => {});
    socket.on("data", () => {});
    return socket;
  });
  for (let second = 0; second < seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const socket of sockets) if (socket.writable) socket.write("a");
  }
  for (const socket of sockets) socket.destroy();
}

async function mixedLoad(target: Target, connections: number, seconds: number, only = /./) {
  const chosen = operations.filter(({ name }) => only.test(name));
  const browsers: Browser[] = [];
  for (let n = 0; n < Math.min(connections, 16); n++) browsers.push(await signedIn(target));
  const loops = await Promise.all(Array.from({ length: connections }, async (_, n) => {
    const browser = browsers[n % browsers.length] ?? target.browser();
    const acts = await Promise.all(chosen.map((operation) => operation.prepare(target, browser)));
    let turn = n;
    return async () => await acts[turn++ % acts.length]?.();
  }));
  await load(loops, seconds);
}

function asTable(results: readonly Result[]): string {
  const head = ["MiB", "before", "peak", "idle after", "heap of C", "bound", ""];
  const rows = results.map(({ name, before, peak, resident, heap, bound, isExceeded }) => [
    name,
    ...[before, peak, resident, heap].map(String),
    Object.entries(bound).map(([what, most]) => `${what} ${most}`).join(", "),
    isExceeded ? "EXCEEDED" : "",
  ]);
  return table(head, rows);
}

if (import.meta.main) Deno.exitCode = await main() ? 0 : 1;
