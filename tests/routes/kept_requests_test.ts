import { assert, assertEquals } from "@std/assert";

// Records are remembered by their size. If one kept the header that its values were cut from, a few thousand
// requests with large headers would take hundreds of megabytes.
Deno.test("what is remembered of a request does not keep its headers and parameters", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", "--lock=tests/deno.lock"],
      ...["--v8-flags=--expose-gc", "-A", "tests/support/kept_requests.ts"],
    ],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  const kept = lines.map((line) => parseInt(line.split(": ")[1] ?? ""));
  assertEquals(kept.length, 3, new TextDecoder().decode(stderr));
  // Each place got 200 requests with 40 KB or more.
  assert(kept.every((mebibytes) => mebibytes <= 4), lines.join(", "));
});
