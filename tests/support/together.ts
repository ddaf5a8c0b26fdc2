/**
 * Runs tests, several files in one isolate: loading and warming up the server takes longer than the tests of
 * most files. Each file still runs alone by `deno test FILE`.
 *
 *     deno run -A tests/support/together.ts [--ignore=PATH,PATH] [OPTION=VALUE of deno test...] PATH...
 *
 * Paths are files and folders, from the root of the repository. It ends as `deno test` ends.
 */
import { hasSlowTest } from "./slow_tests.ts";

const root = new URL("../../", import.meta.url);

/** More than that save hardly anything. */
const mostTogether = 10;
const slowTogether = 3;
/** Groups for each job: with fewer, a processor would have nothing to do while the last ones run. */
const groupsPerJob = 8;
/** A test that looks at what is loaded says so, with the reason behind it. */
const aloneMark = "// No other test shares its isolate:";

export interface TestFile {
  /** From the root. */
  readonly path: string;
  /** Its tests need an isolate of their own. */
  readonly alone: boolean;
  /** It has a test that takes long. */
  readonly slow: boolean;
}

/**
 * Divides files among groups of about the same size, in their order; behind these, those that are alone.
 * Slow ones come first, in smaller groups: the last group that runs is waited for by all others.
 */
export function groupsOf<T extends Pick<TestFile, "alone" | "slow">>(
  files: readonly T[],
  jobs: number,
): (readonly T[])[] {
  const alone = files.filter((file) => file.alone);
  const slow = files.filter((file) => !file.alone && file.slow);
  const others = files.filter((file) => !file.alone && !file.slow);
  const most = Math.min(mostTogether, Math.ceil(others.length / (groupsPerJob * jobs)));
  return [
    ...divided(slow, Math.min(slowTogether, most)),
    ...divided(others, most),
    ...divided(alone, 1),
  ];
}

function divided<T>(files: readonly T[], most: number): (readonly T[])[] {
  const count = Math.ceil(files.length / Math.max(1, most));
  return Array.from({ length: count }, (_, n) => {
    const [from, to] = [n, n + 1].map((at) => Math.round(at * files.length / count));
    return files.slice(from, to);
  });
}

/** The test files among some paths, in their order, without those that are ignored. */
export async function testFiles(
  paths: readonly string[],
  ignored: readonly string[] = [],
): Promise<TestFile[]> {
  const found: TestFile[] = [];
  for (const path of paths.map((path) => path.replace(/\/$/, ""))) {
    if (ignored.includes(path)) continue;
    const { isDirectory } = await Deno.stat(new URL(path, root));
    if (isDirectory) {
      found.push(...await testFiles(await testsIn(path), ignored));
    } else {
      const text = await Deno.readTextFile(new URL(path, root));
      found.push({
        path,
        alone: text.split("\n").some((line) => line.startsWith(aloneMark)),
        slow: hasSlowTest(text),
      });
    }
  }
  return found;
}

async function testsIn(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { isDirectory, name } of Deno.readDir(new URL(`${folder}/`, root))) {
    if (isDirectory || isTest(name)) paths.push(`${folder}/${name}`);
  }
  return paths.sort();
}

/** As `deno test` finds them. */
const isTest = (name: string) => /(^|[_.])test\.[cm]?[jt]sx?$/.test(name);

async function main(args: readonly string[]): Promise<number> {
  const ignoring = "--ignore=";
  const ignored = args.filter((arg) => arg.startsWith(ignoring))
    .flatMap((arg) => arg.slice(ignoring.length).split(","));
  for (const path of ignored) await Deno.stat(new URL(path, root)); // a misspelt one would run
  const options = args.filter((arg) => arg.startsWith("-") && !arg.startsWith(ignoring));
  const files = await testFiles(args.filter((arg) => !arg.startsWith("-")), ignored);
  if (files.length === 0) throw new Error("there are no test files among the paths");
  const jobs = Number(Deno.env.get("DENO_JOBS") || navigator.hardwareConcurrency);
  const directory = await Deno.makeTempDir({ prefix: "latchkey-tests-" });
  try {
    const programs = await Promise.all(
      groupsOf(files, jobs).map((group, n) => programOf(group, `${directory}/${n + 1}`)),
    );
    console.log(`${files.length} test files in ${programs.length} isolates`);
    const flags = ["--no-prompt", "--no-check", "-A", "--parallel"];
    const found = ["--config=deno.json", "--lock=tests/deno.lock"]; // the programs stand elsewhere
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", ...flags, ...found, ...options, ...programs],
      cwd: root,
    }).spawn().status;
    return code;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Writes a program that has the tests of some files. Its name has those of their folders. */
async function programOf(files: readonly TestFile[], start: string): Promise<string> {
  const folders = new Set(files.map(({ path }) => path.split("/").at(-2) ?? ""));
  const program = `${start}_${[...folders].join("_")}_test.ts`;
  const imports = files.map(({ path }) => `import ${JSON.stringify(new URL(path, root).href)};\n`);
  await Deno.writeTextFile(program, imports.join(""));
  return program;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
