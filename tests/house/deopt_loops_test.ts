import { assert, assertEquals } from "@std/assert";

/** V8 may learn a few times that a function is called otherwise than it believed. */
const most = 10;

Deno.test("V8 compiles no function of the hot path again and again", async () => {
  const root = new URL("../../", import.meta.url);
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--lock=tests/deno.lock", "-A"],
      ...["--v8-flags=--trace-deopt", "tests/support/hot_path.ts"],
    ],
    cwd: root,
    stderr: "inherit",
  }).output();
  assert(success, "the requests failed");
  const output = new TextDecoder().decode(stdout);
  const thrownAway = new Map<string, number>();
  for (const [, name = ""] of output.matchAll(/\[bailout \(.*?begin.*?<JSFunction ([^ (>]*)/g)) {
    thrownAway.set(name, (thrownAway.get(name) ?? 0) + 1);
  }
  assert(thrownAway.size > 0, "V8 prints it otherwise now");
  assertEquals([...thrownAway].filter(([, times]) => times > most), []);
});
