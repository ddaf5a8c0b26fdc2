import { assert } from "@std/assert";
import { memoryProgram } from "../../support/memory_program.ts";

// A process may grow by 1.5 bytes for each that is estimated, with garbage and gaps. So well below one may be alive.
Deno.test("a remembered record takes less memory than its estimate", async () => {
  const { printed, errors } = await memoryProgram("remembered_records.ts");
  const alive = parseFloat(printed);
  assert(alive < 0.87, `${alive} for each byte ${errors}`);
});

// A read that stayed would hold the name of each key that is written after it.
Deno.test("a read that is over, answered or failed, takes no memory", async () => {
  const { printed, errors } = await memoryProgram("finished_reads.ts");
  const mebibytes = parseFloat(printed);
  assert(mebibytes < 4, `${mebibytes} MiB ${errors}`);
});
