import { assertEquals } from "@std/assert";
import { hasSlowTest, slowTests, unexplained } from "../support/slow_tests.ts";

const root = new URL("../../tests/", import.meta.url);

Deno.test("each entry of the list of slow tests begins the name of a test and has a reason", async () => {
  const sources: string[] = [];
  for await (const path of testFiles(root)) sources.push(await Deno.readTextFile(path));
  const gone = Object.keys(slowTests).filter((name) =>
    !sources.some((text) => hasSlowTest(text, [name]))
  );
  assertEquals(gone, []);
  assertEquals(Object.values(slowTests).filter((reason) => reason.length < 20), []);
});

Deno.test("a test that takes long among all tests is reported unless it is listed", () => {
  const output = (times: number) =>
    [
      ...Array.from({ length: 989 }, (_, n) => `test ${n} ... ok (${times}s)`),
      `./tests/a_test.ts => one that is as quick as most ... ok (${times * 1000}ms)`,
      `./tests/a_test.ts => a slow one ... a step of it ... ok (${times * 8}s)`,
      `./tests/a_test.ts => a slow one ... ok (${times * 8}s)`,
      `./tests/b/c_test.tsx => a very slow one ... ok (${times}m${times * 2}s)`,
      `a slow one that is known ... ok (${times * 59}s)`,
      `a slow one that failed ... FAILED (${times * 9}s)`,
    ].join("\n");
  // Whatever the speed of the machine: only the share counts.
  for (const times of [1, 3, 20]) {
    assertEquals(
      unexplained(output(times), { "a slow one that is": "it waits for a real clock" }),
      [
        { name: "a slow one", seconds: times * 8, tooLong: false },
        { name: "a very slow one", seconds: times * 62, tooLong: true },
      ],
    );
  }
});

Deno.test("a long test fails the check of an output, and one that is only slow does not", async () => {
  const check = async (slowest: string) => {
    const path = await Deno.makeTempFile();
    try {
      const others = Array.from({ length: 1000 }, (_, n) => `test ${n} ... ok (1s)`);
      await Deno.writeTextFile(path, [...others, `slowest ... ok (${slowest})`].join("\n"));
      const { code, stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-read", "tests/support/slow_tests.ts", path],
        cwd: new URL("../", root),
      }).output();
      return { code, said: new TextDecoder().decode(stdout).split("\n")[0] };
    } finally {
      await Deno.remove(path);
    }
  };
  assertEquals(await check("4s"), { code: 0, said: "" });
  assertEquals(await check("13s"), { code: 0, said: "13 s, long without a reason: slowest" });
  assertEquals(await check("45s"), { code: 1, said: "45 s, TOO LONG without a reason: slowest" });
});

async function* testFiles(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* testFiles(new URL(`${name}/`, folder));
    else if (/_test\.tsx?$/.test(name)) yield new URL(name, folder);
  }
}
