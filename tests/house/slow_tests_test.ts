import { assertEquals } from "@std/assert";
import { slowTests, unexplained } from "../support/slow_tests.ts";

const root = new URL("../../tests/", import.meta.url);

Deno.test("each entry of the list of slow tests matches a test and has a reason", async () => {
  const sources: string[] = [];
  for await (const path of testFiles(root)) sources.push(await Deno.readTextFile(path));
  const gone = Object.keys(slowTests).filter((name) =>
    !sources.some((text) => text.includes(name))
  );
  assertEquals(gone, []);
  assertEquals(Object.values(slowTests).filter((reason) => reason.length < 20), []);
});

Deno.test("a test that takes more than five seconds is reported unless it is listed", () => {
  const output = [
    "a quick one ... ok (5s)",
    "another quick one ... ok (812ms)",
    "./tests/a_test.ts => a slow one ... ok (6s)",
    "./tests/b/c_test.tsx => a very slow one ... ok (2m1s)",
    "a slow one that is known ... ok (9s)",
    "a slow one that failed ... FAILED (9s)",
  ].join("\n");
  assertEquals(unexplained(output, { "a slow one that is": "it waits for a real clock" }), [
    { name: "a slow one", seconds: 6 },
    { name: "a very slow one", seconds: 121 },
  ]);
});

async function* testFiles(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* testFiles(new URL(`${name}/`, folder));
    else if (/_test\.tsx?$/.test(name)) yield new URL(name, folder);
  }
}
