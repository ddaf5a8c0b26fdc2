import { assert } from "@std/assert";

// A thousand bodies may wait, and slow senders can let many thousands come and go within a second. Each async
// function between the server and the body would take half a kilobyte of each.
Deno.test("a request that waits for its body takes little beside itself", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", "--lock=tests/deno.lock"],
      ...["--v8-flags=--expose-gc", "-A", "tests/support/waiting_bodies.ts"],
    ],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const bytes = parseInt(new TextDecoder().decode(stdout));
  assert(bytes < 3500, `${bytes} bytes ${new TextDecoder().decode(stderr)}`);
});
