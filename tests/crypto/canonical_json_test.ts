import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { canonicalJson } from "../../src/crypto/canonical_json.ts";
import { auditEventSchema } from "../../stores/audit_event.ts";

/** The text of RFC 8785, for values without numbers that it writes in another way. */
function reference(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(reference).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${reference(member)}`)}}`;
}

/** Names that JavaScript does not take for places in a list, which it always puts first. */
const name = fc.string().filter((text) => !/^\d+$/.test(text));
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 5 }),
  ),
}));

Deno.test("property: the text of a value has all of its members in order, however they were written", () => {
  fc.assert(fc.property(json, (value) => assertEquals(canonicalJson(value), reference(value))));
});

Deno.test("an audit event is read with its members in order, so that sealing need not sort them", () => {
  const names = Object.keys(auditEventSchema.shape);
  assertEquals(names, names.toSorted());
});
