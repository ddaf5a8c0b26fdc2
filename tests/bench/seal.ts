import { flagsOfServer, taskNamed } from "../support/tasks.ts";
import { fill, type Filling } from "./audit_filling.ts";
import type { AuditWork, Measured } from "./audit_work.ts";
import { readOptions } from "./options.ts";
import { cpuTime } from "./process_usage.ts";
import { table } from "./table.ts";

/**
 * Prints how long sealing and verifying many audit events takes, and its memory. Each is the work of a
 * process of its own, which was started as a server is and serves nobody. By default each event has an entry
 * of its own, which is the most work; `--joined 1` writes those that share entries. With `--verify no`
 * nothing is verified, which takes the longest.
 */
async function main() {
  const options = readOptions(Deno.args, {
    events: "200000",
    joined: "0",
    verify: "yes",
    json: "",
  });
  const [events, joined] = [Number(options.events), Number(options.joined)];
  if (!(events > 0)) throw new Error("--events must be a number above 0");
  if (!(joined >= 0 && joined <= 1)) throw new Error("--joined must be from 0 to 1");
  const directory = await Deno.makeTempDir({ prefix: "latchkey-seal-" });
  const file = `${directory}/kv.sqlite`;
  const results: Record<string, Measured> = {};
  try {
    results.write = await measuredFilling(file, { events, joined });
    console.error(`written after ${results.write.seconds.toFixed(0)} s`);
    results.seal = await inProcess("seal", file, events);
    console.error(`sealed after another ${results.seal.seconds.toFixed(0)} s`);
    const { size } = await Deno.stat(file);
    if (options.verify === "yes") results.verify = await inProcess("verify", file, events);
    console.log(
      `${events} events, ${Math.round(size / events)} bytes of the file each, leaves included\n`,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  console.log(asTable(results, events));
  if (options.json !== "") await Deno.writeTextFile(options.json, JSON.stringify(results));
}

async function measuredFilling(file: string, filling: Filling): Promise<Measured> {
  const [began, cpu] = [performance.now(), await cpuTime(Deno.pid) ?? 0];
  await fill(file, filling);
  const cpuSeconds = ((await cpuTime(Deno.pid) ?? 0) - cpu) / 1000;
  return { seconds: (performance.now() - began) / 1000, cpuSeconds, memory: null };
}

const root = new URL("../../", import.meta.url);

/** Has a process do the work that was started with the flags of a server. */
async function inProcess(work: AuditWork, file: string, events: number): Promise<Measured> {
  const task = await taskNamed("start");
  // This program is none of the server's files, and reads what is measured.
  const flags = flagsOfServer(task).filter((flag) => !/^--(allow|deny)-/.test(flag));
  const program = ["-A", "tests/bench/audit_work.ts", work, file, String(events)];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...flags, ...program],
    cwd: root,
    env: { MALLOC_MMAP_THRESHOLD_: "1048576" }, // as the task sets it
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`the process that was to ${work} has failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function asTable(results: Readonly<Record<string, Measured>>, events: number): string {
  const rows = Object.entries(results).map(([work, { seconds, cpuSeconds, memory }]) => [
    work,
    seconds.toFixed(1),
    cpuSeconds.toFixed(1),
    (cpuSeconds / events * 1e6).toFixed(0),
    memory === null ? "" : String(memory),
  ]);
  return table(["", "seconds", "CPU seconds", "CPU us an event", "MiB more"], rows);
}

if (import.meta.main) await main();
