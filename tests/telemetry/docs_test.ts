import { assert, assertEquals } from "@std/assert";
import { type AuditEventKind, auditEventTypes } from "../../stores/audit_event_types.ts";
import { grantTypes } from "../../stores/grant_types.ts";
import { counters } from "../../src/telemetry/counters.ts";

const text = await Deno.readTextFile(new URL("../../docs/operating.md", import.meta.url));

Deno.test("docs/operating.md lists every counter, and no other", () => {
  // After a slash it is a file.
  const told = new Set(text.match(/(?<!\/)latchkey\.(?!request_id|json)[a-z_.]*[a-z]/g));
  assertEquals([...told].sort(), Object.keys(counters).sort());
});

Deno.test("docs/operating.md lists every audit event under its kind, and each grant type", () => {
  const kinds: Record<string, AuditEventKind> = {
    SIGN_INS: "signIns",
    TOKENS: "tokens",
    ADMINISTRATION: "administration",
  };
  const rows = text.matchAll(/^\| [^|]+ \| `([A-Z_]+)` \| ([^|]+) \|$/gm);
  const listed = [...rows].flatMap(([, kind = "", types = ""]) =>
    [...types.matchAll(/`([a-z_]+)`/g)].map(([, type = ""]) => [type, kinds[kind] ?? kind] as const)
  );
  assertEquals(listed.sort(), Object.entries(auditEventTypes).sort());

  const tokens = /^\| `latchkey\.tokens` .*$/m.exec(text)?.[0] ?? "";
  for (const grantType of grantTypes) {
    const last = grantType.split(":").at(-1)?.replaceAll("-", "_");
    assert(tokens.includes(`\`${last}\``), grantType);
  }
});

Deno.test("docs/operating.md tells a collector to drop exactly the attributes with a query", () => {
  for (const key of ["url.full", "url.query"]) {
    assert(text.includes(`{ key: ${key}, action: delete }`), key);
  }
});
