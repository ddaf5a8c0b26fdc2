/**
 * Builds a folder with the server as bundled files: `deno task build`. It starts faster than the sources
 * and needs no npm packages. The migrations' sources are copied, because their checksums guard the store;
 * programs and workers are entries of their own.
 */

const root = new URL("../", import.meta.url);

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

/**
 * Builds into a folder, which is replaced.
 * @param folder a path from the root of the repository, or an absolute one
 * @throws {Error} if a worker or a migration would be missing
 */
export async function build(folder: string): Promise<void> {
  const out = new URL(folder.endsWith("/") ? folder : `${folder}/`, root);
  await Deno.remove(out, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await bundle(out);
  await nameWorkers(out);
  await copyMigrations(out);
  await Deno.writeTextFile(new URL("deno.json", out), await configuration());
}

async function bundle(out: URL) {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--frozen", "--platform=deno", "--code-splitting", "--minify"],
      ...[`--outdir=${out.pathname}`, ...programs, ...workers],
    ],
    cwd: root,
  }).output();
  if (!success) throw new Error(`deno bundle failed: ${new TextDecoder().decode(stderr)}`);
}

/** Makes `new URL("./a_worker.ts", import.meta.url)` name the bundled worker. */
async function nameWorkers(out: URL) {
  const named = new Set<string>();
  for (const { name, isFile } of Deno.readDirSync(out)) {
    if (!isFile) continue;
    const file = new URL(name, out);
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
async function copyMigrations(out: URL) {
  const from = new URL("migrations/", root);
  for await (const { name } of Deno.readDir(from)) {
    if (/^\d{4}_\w+\.ts$/.test(name)) await Deno.copyFile(new URL(name, from), new URL(name, out));
  }
}

/** The configuration of the folder: it has no packages and no lock. */
async function configuration(): Promise<string> {
  const { unstable, tasks: all } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", root)),
  );
  const kept = tasks.map((name) => {
    let command = String(all[name]).replaceAll(" --frozen", "");
    for (const program of programs) {
      command = command.replaceAll(` ${program}`, ` ${built(program)}`);
    }
    if (/\.ts\b/.test(command)) throw new Error(`the task ${name} runs what is not built`);
    return [name, command];
  });
  return `${JSON.stringify({ unstable, tasks: Object.fromEntries(kept) }, null, 2)}\n`;
}

function built(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

if (import.meta.main) await build(Deno.args[0] ?? "dist");
