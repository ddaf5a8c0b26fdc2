import { readConfig } from "../src/config/read_config.ts";
import { systemRandom } from "../src/crypto/random.ts";
import { systemClock, systemTimers } from "../stores/engine/kv.ts";
import { endThoseInFile } from "../stores/engine/leases.ts";
import { StoreInUse } from "../stores/engine/local_file.ts";
import { history } from "../stores/migrations.ts";
import { openStore, type StoreLocation, storeName } from "../stores/engine/open.ts";
import { createKv, type Kv } from "../stores/engine/step.ts";
import { createMigration } from "./create.ts";
import { migrations } from "./index.ts";
import { type ListedMigration, migrationName } from "./migration.ts";
import { runMigrations } from "./runner.ts";
import { type MigrationStatus, migrationStatus } from "./status.ts";
import { statusTable } from "./table.ts";

export interface CommandLine {
  /** The value of LATCHKEY_KV, if it is set. */
  readonly latchkeyKv: string | undefined;
  readonly migrations: readonly ListedMigration[];
  /** The folder of the migrations and their index, with a slash at its end. */
  readonly folder: URL;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

const usage = `migrate:create NAME   makes the file of the next migration
migrate:status        prints what has been applied, and when
migrate:validate      fails if an applied migration was changed or is missing
migrate:run           runs what is pending, as a boot of the server does`;

/** The `migrate:` tasks. @returns the exit code */
export async function migrateCommand(
  args: readonly string[],
  line: CommandLine,
): Promise<number> {
  const [command, name, ...rest] = args;
  try {
    if (command === "create" && name !== undefined && rest.length === 0) {
      return await create(name, line);
    }
    if (name === undefined) {
      if (command === "status") return await status(line);
      if (command === "validate") return await validate(line);
      if (command === "run") return await run(line);
    }
    line.complain(usage);
    return 2;
  } catch (error) {
    line.complain(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function create(name: string, { folder, migrations, print }: CommandLine) {
  const index = new URL("index.ts", folder);
  const created = await createMigration(name, migrations, {
    readIndex: () => Deno.readTextFile(index),
    writeIndex: (text) => Deno.writeTextFile(index, text),
    createFile: (name, text) =>
      Deno.writeTextFile(new URL(`${name}.ts`, folder), text, { createNew: true }),
  });
  print(`migrations/${created}.ts is yours to write; migrations/index.ts lists it`);
  return 0;
}

async function status(line: CommandLine) {
  const { location, statuses } = await lookAtStore("migrate:status", line);
  line.print(`The store is ${storeName(location)}.`);
  line.print(statusTable(statuses));
  for (const { problem } of statuses) if (problem !== null) line.complain(problem);
  return 0;
}

async function validate(line: CommandLine) {
  const { location, statuses } = await lookAtStore("migrate:validate", line);
  const problems = statuses.map(({ problem }) => problem).filter((problem) => problem !== null);
  problems.push(...await unlistedFiles(line));
  for (const problem of problems) line.complain(problem);
  if (problems.length > 0) return 1;
  const applied = statuses.filter(({ state }) => state === "applied").length;
  line.print(`${storeName(location)}: ${applied} of ${line.migrations.length} migrations applied, \
and their files as they were`);
  return 0;
}

/** A file that is not listed would never run, although it looks like a migration. */
async function unlistedFiles({ folder, migrations }: CommandLine): Promise<string[]> {
  const problems: string[] = [];
  for await (const { name: file } of Deno.readDir(folder)) {
    const name = file.replace(/\.ts$/, "");
    if (name === file || !migrationName.test(name)) continue;
    if (migrations.some((migration) => migration.name === name)) continue;
    problems.push(`migrations/${file} is not listed in migrations/index.ts: list or remove it`);
  }
  return problems.sort();
}

async function run(line: CommandLine) {
  const location = storeLocation(line);
  const ran = await withStore("migrate:run", location, async (kv) => {
    await endThoseInFile(kv);
    return await runMigrations({
      kv,
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      migrations: line.migrations,
      readSource: Deno.readFile,
      log: line.print,
    });
  });
  line.print(`${storeName(location)}: ${ran.length === 0 ? "nothing was pending" : "up to date"}`);
  return 0;
}

async function lookAtStore(
  task: string,
  line: CommandLine,
): Promise<{ location: StoreLocation; statuses: MigrationStatus[] }> {
  const location = storeLocation(line);
  // Looking at a store must not create it.
  const records = await isYetToBeMade(location) ? [] : await withStore(task, location, history);
  return { location, statuses: await migrationStatus(line.migrations, records, Deno.readFile) };
}

/** A task needs only the location of the store, no other setting and no key. */
function storeLocation({ latchkeyKv }: CommandLine): StoreLocation {
  const noFiles = () => {
    throw new Error("a migration reads no file of the configuration");
  };
  return readConfig({ LATCHKEY_ENV: "development", LATCHKEY_KV: latchkeyKv }, noFiles).kv;
}

async function isYetToBeMade(location: StoreLocation): Promise<boolean> {
  if (location.kind !== "file") return false;
  return await Deno.stat(location.path).then(() => false, (error) => {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  });
}

async function withStore<T>(
  task: string,
  location: StoreLocation,
  work: (kv: Kv) => Promise<T>,
): Promise<T> {
  const kv = createKv(await open(task, location), {
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
  });
  try {
    return await work(kv);
  } finally {
    await kv.close();
  }
}

async function open(task: string, location: StoreLocation) {
  try {
    return await openStore(location, systemTimers);
  } catch (cause) {
    if (!(cause instanceof StoreInUse)) throw cause;
    throw new Error(
      `${
        storeName(location)
      } is in use, so a server is running on it: stop the server for ${task}. \
It ran the pending migrations when it booted, and its log names them.`,
      { cause },
    );
  }
}

if (import.meta.main) {
  Deno.exitCode = await migrateCommand(Deno.args, {
    latchkeyKv: Deno.env.get("LATCHKEY_KV"),
    migrations,
    folder: new URL("./", import.meta.url),
    print: (line) => console.log("%s", line),
    complain: (line) => console.error("%s", line),
  });
}
