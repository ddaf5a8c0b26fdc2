import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildRefused, replaceFolder } from "./build_folder.ts";

/**
 * Builds a folder with the server as bundled files: `deno task build`. It starts faster than the sources
 * and needs no npm packages. The migrations' sources are copied, because their checksums guard the store;
 * programs and workers are entries of their own.
 */

const root = fileURLToPath(new URL("../", import.meta.url));

/** The programs of the tasks below. */
const programs = [
  "main.ts",
  "migrations/cli.ts",
  "tools/audit_verify.ts",
  "tools/backup.ts",
  "tools/check_environment.ts",
  "tools/stats.ts",
];
/** What a file names by `new URL`, which a bundler does not follow. */
const workers = [
  "src/authn/passwords/argon2_worker.ts",
  "stores/engine/sqlite_worker.ts",
];
/** The tasks of deno.json that operators run. */
const tasks = [
  "start",
  "start:native",
  "backup",
  "stats",
  "audit:verify",
  "migrate:status",
  "migrate:validate",
  "migrate:run",
];

/** A bundle has no lock, and names the files that Deno is to read later. */
export const flagsOfSources: readonly string[] = ["--frozen", "--unstable-lazy-dynamic-imports"];

/** Bundles programs and workers into a folder that exists. */
export type Bundle = (folder: string) => Promise<void>;

/**
 * Builds into a new folder beside the given one, which then takes its place.
 * @param folder a path from the root of the repository, or an absolute one
 * @throws {BuildRefused} if the folder holds anything else, or this Deno has no bundler
 * @throws {Error} if a worker or a migration would be missing
 */
export async function build(folder: string, bundle: Bundle = denoBundle): Promise<void> {
  await replaceFolder(resolve(root, folder), root, async (fresh) => {
    await bundle(fresh);
    await nameWorkers(fresh);
    await readFilesLater(fresh);
    await copyMigrations(fresh);
    await Deno.writeTextFile(join(fresh, "deno.json"), await configuration());
  });
}

/** @throws {BuildRefused} if this Deno has no bundler */
export async function denoBundle(folder: string, version = Deno.version.deno): Promise<void> {
  if (/^2\.[0-5]\./.test(version)) {
    throw new BuildRefused(`A build needs the bundler of Deno 2.6 or later; this is ${version}.`);
  }
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--frozen", "--platform=deno", "--code-splitting", "--minify"],
      ...[`--outdir=${folder}`, ...programs, ...workers],
    ],
    cwd: root,
  }).output();
  if (!success) throw new Error(`deno bundle failed: ${new TextDecoder().decode(stderr)}`);
}

/** Makes `new URL("./a_worker.ts", import.meta.url)` name the bundled worker. */
async function nameWorkers(folder: string) {
  const named = new Set<string>();
  await rewriteFiles(
    folder,
    /new URL\("\.\/(\w+\.ts)",\s*import\.meta\.url\)/g,
    (_, script: string) => {
      const worker = workers.find((path) => path.endsWith(`/${script}`));
      if (worker === undefined) throw new Error(`${script} is not among the workers: add it`);
      named.add(worker);
      return `new URL("./${built(worker)}",import.meta.url)`;
    },
  );
  const unnamed = workers.filter((worker) => !named.has(worker));
  if (unnamed.length > 0) throw new Error(`nothing starts ${unnamed}: is it still a worker?`);
}

/**
 * Deno reads all files at the start that an `import("...")` names, however late it is called. So no import
 * names its file in this form any more, and the file that is made of all_files.ts names all of them.
 */
async function readFilesLater(folder: string) {
  const names = new Set<string>();
  const files = await rewriteFiles(
    folder,
    /\bimport\("(\.\/[^"]+\.js)"\)/g,
    (_, later: string) => {
      names.add(later);
      return `import((0,"${later}"))`;
    },
  );
  const list = files.find((name) => /^all_files-\w+\.js$/.test(name));
  if (list === undefined) {
    throw new Error("all_files.ts is not bundled: is it still imported later?");
  }
  names.delete(`./${list}`);
  const imports = [...names].sort().map((name) => `import("${name}")`);
  // Nobody calls the second function: Deno reads what it names when it reads the file.
  const text = `export const readAllFiles=async()=>{};export const allFiles=()=>[${imports}];\n`;
  await Deno.writeTextFile(join(folder, list), text);
}

/** Replaces what matches in each file of a folder. @returns the names of all its files */
async function rewriteFiles(
  folder: string,
  pattern: RegExp,
  replacement: (match: string, group: string) => string,
): Promise<string[]> {
  const files = [...Deno.readDirSync(folder)].flatMap(({ name, isFile }) => isFile ? [name] : []);
  for (const name of files) {
    const file = join(folder, name);
    const code = await Deno.readTextFile(file);
    const rewritten = code.replaceAll(pattern, replacement);
    if (rewritten !== code) await Deno.writeTextFile(file, rewritten);
  }
  return files;
}

/** Beside the chunk that lists them, which takes their checksums: all chunks are in the folder itself. */
async function copyMigrations(folder: string) {
  const from = join(root, "migrations");
  for await (const { name } of Deno.readDir(from)) {
    if (/^\d{4}_\w+\.ts$/.test(name)) await Deno.copyFile(join(from, name), join(folder, name));
  }
}

/** The configuration of the folder: it has no packages and no lock. */
async function configuration(): Promise<string> {
  const { unstable, tasks: all } = JSON.parse(
    await Deno.readTextFile(join(root, "deno.json")),
  );
  const kept = tasks.map((name) => {
    let command = String(all[name]);
    for (const flag of flagsOfSources) command = command.replaceAll(` ${flag}`, "");
    for (const program of programs) {
      command = command.replaceAll(` ${program}`, ` ${built(program)}`);
    }
    if (/\.ts\b/.test(command)) throw new Error(`the task ${name} runs what is not built`);
    return [name, command];
  });
  return `${JSON.stringify({ unstable, lock: false, tasks: Object.fromEntries(kept) }, null, 2)}\n`;
}

function built(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

if (import.meta.main) {
  try {
    await build(Deno.args[0] ?? "dist");
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      console.error(`${error.message}. \`deno task build\` may write \`dist\` alone.`);
    } else if (error instanceof BuildRefused) console.error(error.message);
    else throw error;
    Deno.exit(1);
  }
}
