import { assert } from "@std/assert";
import { memoryProgram } from "../support/memory_program.ts";

// A thousand bodies may wait, and slow senders can let many thousands come and go within a second. Each async
// function between the server and the body would take half a kilobyte of each.
Deno.test("a request that waits for its body takes little beside itself", async () => {
  const { printed, errors } = await memoryProgram("waiting_bodies.ts");
  const bytes = parseInt(printed);
  assert(bytes < 3500, `${bytes} bytes ${errors}`);
});
