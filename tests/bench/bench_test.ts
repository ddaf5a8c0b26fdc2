import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { operations } from "./operations.ts";

Deno.test("the load bench measures every operation and writes its results", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const printed = await run(
      "main.ts",
      "--seconds",
      "0.1",
      "--connections",
      "1,3",
      "--json",
      file,
    );
    const { results } = JSON.parse(await Deno.readTextFile(file));
    assertEquals(results.length, 2 * operations.length);
    for (const { operation, perSecond, p99 } of results) {
      assert(perSecond > 0 && p99 > 0, operation);
      assertStringIncludes(printed, operation);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("the cleanup bench removes old events under load, and compares", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const options = ["--live", "400", "--due", "50", "--seconds", "0.2", "--rate", "20"];
    const printed = await run("cleanup.ts", ...options, "--json", file);
    assertStringIncludes(printed, "under way");
    const { runs: [{ removed, results }] } = JSON.parse(await Deno.readTextFile(file));
    assertEquals(removed, { audit_events: 50 });
    assertEquals(results.length, 2);
    for (const { without, during } of results) assert(without.p99 > 0 && during.p99 > 0);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test({
  name: "the memory bench stays within its bounds",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const small = ["--sign-ins", "20", "--creates", "20", "--senders", "400"];
    const printed = await run("memory.ts", ...small, "--seconds", "2", "--idle", "0");
    assertStringIncludes(printed, "400 clients that send a body byte by byte");
  },
});

Deno.test("the seal bench seals and verifies what it has written", async () => {
  assertStringIncludes(await run("seal.ts", "--events", "700"), "verify");
});

Deno.test("the cold start bench compares with a bare server", async () => {
  assertStringIncludes(await run("coldstart.ts", "--starts", "1"), "a bare Deno.serve");
});

/** Runs one of the benches. @returns what it prints */
async function run(file: string, ...options: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", file, ...options],
    cwd: new URL("./", import.meta.url),
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
