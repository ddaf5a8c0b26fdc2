import { assertEquals, assertStringIncludes } from "@std/assert";
import { groupsOf, testFiles } from "../support/together.ts";
import { allTasks } from "../support/tasks.ts";

const root = new URL("../../", import.meta.url);

Deno.test("each test file is in one group, however many there are, and some are alone", () => {
  for (const count of [1, 2, 7, 96, 371]) {
    const files = Array.from({ length: count }, (_, n) => ({
      n,
      alone: n % 50 === 3,
      slow: n % 20 === 3,
    }));
    for (const jobs of [1, 2, 3, 16]) {
      const groups = groupsOf(files, jobs);
      assertEquals(groups.flat().toSorted((a, b) => a.n - b.n), files);
      for (const group of groups) {
        assertEquals(group.length > 0 && group.length <= 10, true);
        if (group.some(({ alone }) => alone)) assertEquals(group.length, 1);
      }
      // Whoever runs a slow one last is waited for.
      const shared = groups.flat().filter(({ alone }) => !alone).map(({ slow }) => slow);
      assertEquals(shared, shared.toSorted((a, b) => Number(b) - Number(a)));
    }
  }
});

Deno.test("the tests run together are those that deno test finds, but for what is ignored", async () => {
  const found = (await testFiles(["tests/stores", "tests/house/"], ["tests/stores/engine"]))
    .map(({ path }) => path);
  const listed = await filesBelow("tests/stores");
  assertEquals(found.includes("tests/house/together_test.ts"), true);
  assertEquals(
    found.filter((path) => path.startsWith("tests/stores/")),
    listed.filter((path) => !path.startsWith("tests/stores/engine/")).sort(),
  );
});

Deno.test("a file whose tests leave something running shares its isolate with no other", async () => {
  const leaving: string[] = [];
  const files = await testFiles(["tests"], ["tests/house"]);
  for (const { path, alone } of files) {
    const text = await Deno.readTextFile(new URL(path, root));
    if (!alone && /sanitizeOps: false/.test(text)) leaving.push(path);
  }
  assertEquals(leaving, []);
});

Deno.test("a file with a test that takes long is known, and comes first", async () => {
  const files = await testFiles(["tests/properties", "tests/simulation"]);
  const slow = files.filter((file) => file.slow).map(({ path }) => path);
  assertEquals(slow.includes("tests/simulation/mutants_test.ts"), true);
  assertEquals(slow.includes("tests/properties/bad_input_pages_test.ts"), true);
  assertEquals(slow.includes("tests/properties/claims_requests_test.ts"), false);
});

Deno.test("tests that run together all run, and end as deno test does", async () => {
  const files = ["tests/crypto/canonical_json_test.ts", "tests/crypto/aes_gcm_test.ts"];
  const alone = await run(...files, "tests/crypto/early_digest_test.ts");
  assertEquals(alone.code, 0, alone.text);
  assertStringIncludes(alone.text, "3 test files in 3 isolates"); // two for the two jobs
  for (
    const name of ["an audit event is read with", "a digest is SHA-256", "are answered before"]
  ) {
    assertStringIncludes(alone.text, name);
  }
  assertEquals((await run("tests/crypto/no_such_test.ts")).code, 1);
  assertEquals((await run(...files, "--ignore=tests/crypto/no_such_test.ts")).code, 1);
  assertEquals((await run("tests/support")).code, 1, "no test is no success");
});

Deno.test("every task that runs tests beside each other runs them together", async () => {
  for (const [name, task] of Object.entries(await allTasks())) {
    assertEquals(/deno test .*--parallel/.test(task), false, name);
  }
});

async function run(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--lock=tests/deno.lock",
      "-A",
      "tests/support/together.ts",
      ...args,
    ],
    cwd: root,
    env: { DENO_JOBS: "2" },
  }).output();
  return { code, text: [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("") };
}

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) found.push(...await filesBelow(`${folder}/${name}`));
    else if (/_test\.tsx?$/.test(name)) found.push(`${folder}/${name}`);
  }
  return found;
}
