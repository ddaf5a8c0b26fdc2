import { assert } from "@std/assert";
import { memoryProgram } from "../support/memory_program.ts";

// Stored records are remembered by their size. If one kept the body that its values were cut from, a few
// thousand large requests would take gigabytes.
Deno.test("a value that is kept does not keep the body that it came in", async () => {
  const { printed, errors } = await memoryProgram("kept_values.ts");
  const mebibytes = parseInt(printed);
  assert(mebibytes < 30, `80 MiB were sent, ${mebibytes} kept ${errors}`);
});
