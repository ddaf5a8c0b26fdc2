import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { serialize } from "node:v8";
import { z } from "zod";
import { joinedEvents, placedEventPacking, usualActor } from "../../../stores/audit_event.ts";
import { type Collection, collection } from "../../../stores/engine/collection.ts";
import { UnreadableRecord } from "../../../stores/engine/record_reader.ts";
import { inPlaces } from "../../../stores/engine/packing.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import { aProvider } from "../../support/provider.ts";
import { snapshot } from "../../support/records.ts";

const schema = z.object({
  name: z.string(),
  tags: z.array(z.string()).optional(),
  note: z.string().nullable(),
  expiresAt: z.int(),
});
const family = "notes_in_places";
const packing = inPlaces<z.infer<typeof schema>>({ expiresAt: 1, name: 2, tags: 4, note: 3 });
const notes = collection({ family, version: 1, schema, packing });
/** A later release, which has one member more. */
const laterSchema = schema.extend({ colour: z.string(), size: z.int().default(7) });
const laterNotes = collection({
  family,
  version: 2,
  schema: laterSchema,
  packing: inPlaces<z.infer<typeof laterSchema>>({
    expiresAt: 1,
    name: 2,
    tags: 4,
    note: 3,
    colour: 5,
    size: 6,
  }),
  upgrades: { 1: (record) => ({ ...z.looseObject({}).parse(record), colour: "none" }) },
});
/** The same family in a release that knows no lists. */
const named = collection({ family, version: 1, schema });
const expiresAt = 2 ** 40;

Deno.test("a local file holds a record as a list, a shared store with names, and all read both", async () => {
  const records = [
    { name: "a", note: null, expiresAt },
    { name: "b", tags: ["x"], note: "n", expiresAt },
    { name: "c", tags: [], note: "", expiresAt },
  ];
  for (const remote of [false, true]) {
    await using provider = await aProvider({ wrap: (backend) => ({ ...backend, remote }) });
    const { kv } = provider.deps;
    const read = async <T>(from: Collection<T>) =>
      await kv.step(systemOrigin, async (tx) => {
        const refs = Object.fromEntries(records.map(({ name }) => [name, from.ref(name)]));
        return Object.values(await tx.read(refs)).map((entry) => entry?.value);
      });
    await kv.step(systemOrigin, (tx) => {
      for (const record of records) tx.add(notes.ref(record.name), record);
    });
    for (const [key, value] of await snapshot(provider.backend)) {
      if (JSON.parse(key)[0] === family) assertEquals(Array.isArray(value), !remote);
    }
    assertEquals(await read(notes), records);
    assertEquals(
      await read(laterNotes),
      records.map((record) => ({ ...record, colour: "none", size: 7 })),
    );
    if (remote) assertEquals(await read(named), records);
    else await assertRejects(() => read(named), UnreadableRecord);
  }
});

Deno.test("a stored list takes no bytes for the numbers of its places", () => {
  const members = 40;
  const many = Object.fromEntries(
    Array.from({ length: members }, (_, n) => [`member${n}`, n + 2]),
  );
  const manyPlaces = inPlaces<Record<string, unknown>>(many);
  for (const member of [1, "text", null, ["x"], { name: [] }]) {
    for (const [name, place] of Object.entries(many)) {
      const packed = manyPlaces.pack(1, { [name]: member }, []);
      const others = serialize(member).length + members;
      assertEquals(packed?.[place], member);
      assert(serialize(packed).length < others + 12, `${name}: ${serialize(packed).length}`);
    }
  }
});

Deno.test("a record with a member that has no place keeps its names", () => {
  const more = { name: "a", note: null, expiresAt, more: 1 };
  assertEquals(packing.pack(1, more, []), null);
  assertEquals(notes.encode(notes.ref("a"), more, true), { version: 1, record: more });
});

Deno.test("two members cannot have one place, nor a member that of the version or of the end", () => {
  const wrong: [places: Record<string, number>, member: string][] = [
    [{ expiresAt: 1, name: 2, note: 2 }, "note"],
    [{ expiresAt: 2, name: 3 }, "expiresAt"],
    [{ expiresAt: 1, name: 1 }, "name"],
    [{ name: 1 }, "name"],
    [{ name: 0 }, "name"],
    [{ name: -2 }, "name"],
    [{ name: 2.5 }, "name"],
    [{ name: NaN }, "name"],
  ];
  for (const [places, member] of wrong) {
    assertThrows(() => inPlaces<Record<string, unknown>>(places), RangeError, `${member} must`);
  }
});

Deno.test("the list of an audit event holds all of it", () => {
  const text = fc.option(fc.string(), { nil: null });
  const event = fc.record({
    type: fc.string(),
    time: fc.nat(),
    actor: fc.constantFrom("usual", "system", "admin", "client:x", ""),
    outcome: fc.constantFrom("success" as const, "failure" as const),
    reason: text,
    clientId: text,
    userId: text,
    grantId: text,
    sessionId: text,
    about: text,
    address: text,
    sealedAddress: text,
    requestId: text,
  });
  fc.assert(fc.property(event, ({ actor, ...rest }) => {
    const whole = { ...rest, actor: actor === "usual" ? usualActor(rest) : actor };
    const key = ["audit_events_by_time", whole.time, "id"];
    const packed = placedEventPacking.pack(3, { events: [whole] }, key);
    assertEquals(placedEventPacking.unpack(structuredClone(packed) ?? [], key), { event: whole });
    const list = structuredClone(joinedEvents([packed, packed]));
    assertEquals(placedEventPacking.unpack(list, key), { events: [whole, whole] });
    assertEquals(
      placedEventPacking.pack(3, { events: [whole] }, ["f", whole.time + 1, "id"]),
      null,
    );
  }));
});
