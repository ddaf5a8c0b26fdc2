import { assert } from "@std/assert";

// A process may grow by 1.5 bytes for each that is estimated, with garbage and gaps. So well below one may be alive.
Deno.test("a remembered record takes less memory than its estimate", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", "--lock=tests/deno.lock"],
      ...["--v8-flags=--expose-gc", "-A", "tests/support/remembered_records.ts"],
    ],
    cwd: new URL("../../../", import.meta.url),
  }).output();
  const alive = parseFloat(new TextDecoder().decode(stdout));
  assert(alive < 0.87, `${alive} for each byte ${new TextDecoder().decode(stderr)}`);
});
