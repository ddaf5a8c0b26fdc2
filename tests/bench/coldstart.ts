import { aBuiltServer } from "../support/built_server.ts";
import { anInstallation, freePort } from "../support/server_process.ts";
import { readOptions } from "./options.ts";
import { quantile, table } from "./table.ts";

const kinds = ["bare", "first", "again", "built"] as const;
type Kind = (typeof kinds)[number];

/** Prints how long it takes from the start of a process to its first answer. */
async function main() {
  const starts = Number(readOptions(Deno.args, { starts: "15" }).starts);
  const times = { bare: [], first: [], again: [], built: [] } as Record<Kind, number[]>;
  await using built = await aBuiltServer();
  // Once more than asked for: the first starts fill Deno's caches and do not count.
  for (let n = 0; n <= starts; n++) {
    await using installation = await anInstallation();
    const url = `${installation.issuer}/.well-known/openid-configuration`;
    // In turn, so that a busy moment of the machine is everybody's.
    const measured = { bare: await bareStart(), first: 0, again: 0, built: 0 };
    for (const kind of ["first", "again", "built"] as const) {
      const begun = performance.now();
      const server = installation.spawn({ built: kind === "built" ? built.folder : null });
      measured[kind] = await firstAnswer(url, begun);
      await server.kill();
    }
    if (n > 0) { for (const kind of kinds) times[kind].push(measured[kind]); }
  }
  const bare = median(times.bare);
  const row = (name: string, measured: number[]) => [
    name,
    ...[median(measured), Math.min(...measured), Math.max(...measured)].map(milliseconds),
    (median(measured) / bare).toFixed(1),
  ];
  console.log(`Deno ${Deno.version.deno}, ${starts} starts each, to the first answer:\n`);
  console.log(table(["", "median", "fastest", "slowest", "ratio"], [
    row("a bare Deno.serve", times.bare),
    row("Latchkey, built: discovery", times.built),
    row("Latchkey: discovery", times.again),
    row("Latchkey: discovery, on an empty store", times.first),
  ]));
}

async function bareStart(): Promise<number> {
  const port = freePort();
  const file = new URL("bare_server.ts", import.meta.url).pathname;
  const begun = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-net", file, String(port)],
    stdout: "null",
  }).spawn();
  const time = await firstAnswer(`http://127.0.0.1:${port}/`, begun);
  child.kill("SIGKILL");
  await child.status;
  return time;
}

/** Asks until there is an answer. @returns milliseconds since `begun` */
async function firstAnswer(url: string, begun: number): Promise<number> {
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return performance.now() - begun;
    if (performance.now() - begun > 60_000) throw new Error(`no answer from ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function median(measured: readonly number[]): number {
  return quantile(measured.toSorted((a, b) => a - b), 0.5);
}

function milliseconds(time: number): string {
  return `${time.toFixed(0)} ms`;
}

if (import.meta.main) await main();
