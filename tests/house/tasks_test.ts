import { assert, assertEquals } from "@std/assert";
import { allocatorVariable } from "../../src/boot/allocator.ts";
import { configVariables } from "../../src/config/variables.ts";
import { allTasks, flagsOfServer, taskNamed } from "../support/tasks.ts";

const root = new URL("../../", import.meta.url);

/** What the server reads of the environment beside its configuration. */
const otherVariables: Readonly<Record<string, string>> = {
  [allocatorVariable]: "the server warns where it is missing",
  DENO_KV_ACCESS_TOKEN: "Deno reads it when it opens a KV Connect store",
};

/** The one file that the native task may load; if the variable is empty, Deno refuses to start. */
const nativeLibrary = "--allow-ffi=$LATCHKEY_NATIVE_CRYPTO";

Deno.test("no task prompts for a missing permission", async () => {
  for (const [name, task] of Object.entries(await allTasks())) {
    for (const command of task.split(" && ")) {
      if (!/\bdeno (run|test)\b/.test(command)) continue;
      assert(/\bdeno (run|test) (--frozen )?--no-prompt /.test(command), `${name}: ${command}`);
    }
  }
});

Deno.test("the server's task allows exactly the server's variables", async () => {
  const needed = [...configVariables, ...Object.keys(otherVariables)];
  for (const name of ["dev", "start", "start:native"]) {
    const patterns = namesIn(flagsOfServer(await taskNamed(name)), "--allow-env");
    const matches = (pattern: string, variable: string) =>
      pattern === variable || (pattern.endsWith("*") && variable.startsWith(pattern.slice(0, -1)));
    const hidden = needed.filter((variable) => !patterns.some((one) => matches(one, variable)));
    assertEquals(hidden, [], `${name} hides variables that the server reads`);
    const idle = patterns.filter((one) => !needed.some((variable) => matches(one, variable)));
    assertEquals(idle, [], `${name} allows variables that nothing reads`);
    assertEquals(patterns.filter((one) => one.endsWith("*")), ["LATCHKEY_*"], name);
  }
});

Deno.test("the server runs without permissions that it does not need", async () => {
  for (const name of ["dev", "start", "start:native"]) {
    const flags = flagsOfServer(await taskNamed(name))
      .filter((flag) => name !== "start:native" || flag !== nativeLibrary);
    const allowed = flags.filter((flag) => /^--(allow|unstable)-/.test(flag))
      .map((flag) => flag.replace(/=.*/, ""));
    assertEquals(allowed, [
      "--unstable-lazy-dynamic-imports", // no permission: it reads less before it listens
      "--allow-net", // whom it talks to, the configuration says: mail, KV Connect, who opens it
      "--allow-env",
      "--allow-read",
      "--allow-write",
    ], name);
    for (const flag of ["--allow-env=", "--allow-read=", "--allow-write="]) {
      assert(flags.some((one) => one.startsWith(flag)), `${name}: ${flag} names what is allowed`);
    }
    assert(flags.includes("--no-remote"), `${name} loads no code by URL`);
    assert(
      flags.includes("--deny-net=169.254.169.254"),
      `${name}: a cloud's metadata is not asked`,
    );
  }
  const start = await taskNamed("start");
  assertEquals(start.match(/\bdeno run --frozen /g)?.length, start.split("deno run ").length - 1);
});

Deno.test("deno task start:native allows one library, also if its path has blanks", async () => {
  const [, flag = ""] = / (\S*--allow-ffi=\S+) /.exec(await taskNamed("start:native")) ?? [];
  const directory = await Deno.makeTempDir({ prefix: "a path with blanks " });
  await Deno.writeTextFile(
    `${directory}/program.ts`,
    `const path = Deno.env.get("LATCHKEY_NATIVE_CRYPTO");
    for (const one of [path, "/other"]) {
      console.log(Deno.permissions.querySync({ name: "ffi", path: one }).state === "granted");
    }`,
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--eval", `deno run --no-prompt --allow-env ${flag} program.ts`],
    cwd: directory,
    env: { LATCHKEY_NATIVE_CRYPTO: `${directory}/libcrypto.so.3` },
  }).output();
  const [said, problem] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(said, "true\nfalse\n", problem);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a task that starts the server downloads no test dependencies", async () => {
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", root)));
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const ofTests = await packagesOfTests();
  assert(ofTests.length > 5, `only ${ofTests} were found`);
  // A task fetches whatever deno.json and deno.lock name, before it runs its command.
  const named = [...Object.values(imports), ...Object.keys(lock.specifiers)].map(String);
  const found = ofTests.filter((one) => named.some((name) => name.startsWith(`npm:${one}@`)));
  assertEquals(found, [], "run tests with deno task test, or with --lock=tests/deno.lock");
  for (const [name, task] of Object.entries(await allTasks())) {
    if (!/ tests\b/.test(task)) continue;
    const commands = task.split(" && ").filter((command) => / tests\b/.test(command));
    for (const command of commands) {
      if (!command.startsWith("deno task ")) {
        assert(command.includes(" --lock=tests/deno.lock "), name);
      }
    }
  }
});

/** What the files of tests/packages stand for. */
async function packagesOfTests(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(new URL("tests/packages/", root))) {
    const text = await Deno.readTextFile(new URL(`tests/packages/${name}`, root));
    found.push(...[...text.matchAll(/"npm:(.+)@\^/g)].map(([, one = ""]) => one));
  }
  return [...new Set(found)];
}

function namesIn(flags: readonly string[], flag: string): string[] {
  const [value = ""] = flags.filter((one) => one.startsWith(`${flag}=`));
  return value.slice(flag.length + 1).split(",");
}
