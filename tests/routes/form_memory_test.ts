import { assert } from "@std/assert";

// Stored records are remembered by their size. If one kept the body that its values were cut from, a few
// thousand large requests would take gigabytes.
Deno.test("a value that is kept does not keep the body that it came in", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", "--lock=tests/deno.lock"],
      ...["--v8-flags=--expose-gc", "-A", "tests/support/kept_values.ts"],
    ],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const mebibytes = parseInt(new TextDecoder().decode(stdout));
  assert(mebibytes < 30, `80 MiB were sent, ${mebibytes} kept ${new TextDecoder().decode(stderr)}`);
});
