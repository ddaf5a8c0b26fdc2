import { assert, assertEquals } from "@std/assert";
import { counters } from "../../src/telemetry/counters.ts";

const text = await Deno.readTextFile(new URL("../../docs/operating.md", import.meta.url));

Deno.test("docs/operating.md lists every counter, and no other", () => {
  // After a slash it is a file.
  const told = new Set(text.match(/(?<!\/)latchkey\.(?!request_id|json)[a-z_.]*[a-z]/g));
  assertEquals([...told].sort(), Object.keys(counters).sort());
});

Deno.test("docs/operating.md tells a collector to drop exactly the attributes with a query", () => {
  for (const key of ["url.full", "url.query"]) {
    assert(text.includes(`{ key: ${key}, action: delete }`), key);
  }
});
