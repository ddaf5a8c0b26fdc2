import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

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

/** Names the files that a build has made, so that the next one deletes no other file. */
const marker = "latchkey_build.json";

/** What stops a build. The folder is as it was before. */
export class BuildRefused extends Error {
  override readonly name = "BuildRefused";
}

/** Bundles programs and workers into a folder that exists. */
export type Bundle = (folder: string) => Promise<void>;

/**
 * Builds into a new folder beside the given one, which then takes its place. Only an earlier build is
 * replaced, and only if nothing else is in its folder.
 * @param folder a path from the root of the repository, or an absolute one
 * @throws {BuildRefused} if the folder holds anything else, or this Deno has no bundler
 * @throws {Error} if a worker or a migration would be missing
 */
export async function build(folder: string, bundle: Bundle = denoBundle): Promise<void> {
  const target = resolve(root, folder);
  await assertReplaceable(target);
  const fresh = `${target}.new`;
  await makeFolder(fresh);
  try {
    await bundle(fresh);
    await nameWorkers(fresh);
    await copyMigrations(fresh);
    await Deno.writeTextFile(join(fresh, "deno.json"), await configuration());
    const files = [...await contents(fresh), marker].sort();
    await Deno.writeTextFile(join(fresh, marker), `${JSON.stringify({ files }, null, 2)}\n`);
    await replace(target, fresh);
  } catch (error) {
    await Deno.remove(fresh, { recursive: true });
    throw error;
  }
}

async function makeFolder(path: string) {
  if (await typeOf(dirname(path)) === null) await Deno.mkdir(dirname(path), { recursive: true });
  try {
    await Deno.mkdir(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new BuildRefused(
      `${path} exists: another build is running, or one was interrupted. If none runs, remove it.`,
    );
  }
}

/** Renames, so that at any time the folder is a whole build; the former one is deleted afterwards. */
async function replace(target: string, fresh: string) {
  if (await typeOf(target) === null) return await Deno.rename(fresh, target);
  const former = `${target}.old`;
  if (await typeOf(former) !== null) {
    throw new BuildRefused(`${former} exists: look what it holds, and remove it.`);
  }
  await Deno.rename(target, former);
  try {
    // Once more: meanwhile a server may have been started there, with a store in the folder.
    await assertReplaceable(former);
    await Deno.rename(fresh, target);
  } catch (error) {
    await Deno.rename(former, target);
    throw error;
  }
  await Deno.remove(former, { recursive: true });
}

/** @throws {BuildRefused} if the path is anything else than free, an empty folder or an earlier build */
async function assertReplaceable(target: string) {
  const type = await typeOf(target);
  if (isWithin(root, target)) {
    throw new BuildRefused(`${target} holds the sources: name a folder that a build may replace.`);
  }
  if (type === null) return;
  if (type !== "folder") throw new BuildRefused(`${target} is no folder: name another path.`);
  if (isWithin(await Deno.realPath(root), await Deno.realPath(target))) {
    throw new BuildRefused(`${target} holds the sources: name a folder that a build may replace.`);
  }
  const made = await builtFiles(target);
  const other = (await contents(target)).filter((path) => !made.has(path));
  if (other.length === 0) return;
  throw new BuildRefused(
    made.size === 0
      ? `${target} is not empty and has no ${marker}, so it may be no earlier build: move it away, or \
name another folder.`
      : `${target} holds ${
        other[0]
      }, which no build has made: move it to a place of its own first.`,
  );
}

/** The paths that the marker of an earlier build names; none: it is no build. */
async function builtFiles(folder: string): Promise<ReadonlySet<string>> {
  try {
    const { files } = JSON.parse(await Deno.readTextFile(join(folder, marker)));
    return new Set(files);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Set();
    throw new BuildRefused(`${join(folder, marker)} cannot be read: move the folder away.`);
  }
}

/** All paths in a folder, from it; the name of an empty folder ends with a slash. */
async function contents(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const inside = isDirectory ? await contents(join(folder, name)) : null;
    if (inside === null) found.push(name);
    else if (inside.length === 0) found.push(`${name}/`);
    else found.push(...inside.map((path) => `${name}/${path}`));
  }
  return found;
}

/** Null: nothing is there. A link is no folder, whatever it names. */
async function typeOf(path: string): Promise<"folder" | "other" | null> {
  try {
    return (await Deno.lstat(path)).isDirectory ? "folder" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
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
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    if (!isFile) continue;
    const file = join(folder, name);
    const code = await Deno.readTextFile(file);
    const rewritten = code.replaceAll(
      /new URL\("\.\/(\w+\.ts)",\s*import\.meta\.url\)/g,
      (_, script: string) => {
        const worker = workers.find((path) => path.endsWith(`/${script}`));
        if (worker === undefined) throw new Error(`${script} is not among the workers: add it`);
        named.add(worker);
        return `new URL("./${built(worker)}",import.meta.url)`;
      },
    );
    if (rewritten !== code) await Deno.writeTextFile(file, rewritten);
  }
  const unnamed = workers.filter((worker) => !named.has(worker));
  if (unnamed.length > 0) throw new Error(`nothing starts ${unnamed}: is it still a worker?`);
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
    let command = String(all[name]).replaceAll(" --frozen", "");
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
