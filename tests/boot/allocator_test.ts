import { assert, assertEquals } from "@std/assert";
import { allocatorWarning } from "../../src/boot/allocator.ts";

Deno.test("a process on glibc without an allocator threshold logs a warning at the start", () => {
  const glibc = { os: "linux", libc: "gnu", threshold: undefined, onDeploy: false };
  const rows: [string, Parameters<typeof allocatorWarning>[0], boolean][] = [
    ["glibc, not set", glibc, true],
    ["glibc, empty", { ...glibc, threshold: "" }, true],
    ["glibc, no number", { ...glibc, threshold: "1M" }, true],
    ["glibc, larger than the block of a hash", { ...glibc, threshold: "33554432" }, true],
    ["glibc, as the task sets it", { ...glibc, threshold: "1048576" }, false],
    ["musl", { ...glibc, libc: "musl" }, false],
    ["macOS", { ...glibc, os: "darwin", libc: undefined }, false],
    ["Deno Deploy", { ...glibc, onDeploy: true }, false],
  ];
  for (const [what, surroundings, warned] of rows) {
    assertEquals(allocatorWarning(surroundings) !== null, warned, what);
  }
});

Deno.test("the tasks that start the server set the threshold, bound V8's garbage, and let it compile early", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
  const { tasks } = JSON.parse(await read("deno.json"));
  const flags = [
    ...["--max-semi-space-size=4", "--heap-growing-percent=25", "--expose-gc"],
    "--concurrent-recompilation-queue-length=64",
    ...["--invocation-count-for-turbofan=800", "--minimum-invocations-after-ic-update=100"],
  ].join(",");
  for (const task of ["dev", "start", "start:native"]) {
    const server = tasks[task].split(" && ").at(-1);
    assertEquals(server.startsWith("MALLOC_MMAP_THRESHOLD_=1048576 "), true, task);
    assert(server.includes(` --v8-flags=${flags} `), task);
  }
  // Who starts the server without a task copies them from there.
  const text = await read("docs/operating.md");
  const named = [...text.matchAll(/--v8-flags=([^\s`]+)/g)].map(([, all]) => all);
  assertEquals(named, [flags]);
});
