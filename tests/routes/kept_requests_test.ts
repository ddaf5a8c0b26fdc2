import { assert, assertEquals } from "@std/assert";
import { memoryProgram } from "../support/memory_program.ts";

// Records are remembered by their size. If one kept the header that its values were cut from, a few thousand
// requests with large headers would take hundreds of megabytes.
Deno.test("what is remembered of a request does not keep its headers and parameters", async () => {
  const { printed, errors } = await memoryProgram("kept_requests.ts");
  const lines = printed.trim().split("\n");
  const kept = lines.map((line) => parseInt(line.split(": ")[1] ?? ""));
  assertEquals(kept.length, 3, errors);
  // Each place got 200 requests with 40 KB or more.
  assert(kept.every((mebibytes) => mebibytes <= 4), lines.join(", "));
});
