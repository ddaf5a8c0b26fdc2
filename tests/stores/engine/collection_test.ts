import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import type { consume as consumeCode } from "../../../stores/redeemable.ts";
import {
  type Collection,
  collection,
  type Fresh,
  isFresh,
  type Present,
} from "../../../stores/engine/collection.ts";
import { UnreadableRecord } from "../../../stores/engine/record_reader.ts";

const now = 1_780_000_000;

/** Releases of one family: a name, then a name of two parts, then those and a country, then no past. */
const first = collection({
  family: "people_1",
  version: 1,
  schema: z.object({ name: z.string() }),
});
const secondSchema = z.object({ given: z.string(), last: z.string() });
const second = collection({
  family: "people_2",
  version: 2,
  schema: secondSchema,
  upgrades: { 1: splitName },
  writes: { version: 1, downgrade: ({ given, last }) => ({ name: `${given} ${last}` }) },
});
const third = collection({
  family: "people_3",
  version: 3,
  schema: secondSchema.extend({ country: z.string() }),
  upgrades: { 1: splitName, 2: (value) => ({ ...secondSchema.parse(value), country: "?" }) },
});
const fourth = collection({
  family: "people_4",
  version: 3,
  schema: secondSchema.extend({ country: z.string() }),
  upgrades: { 2: (value) => ({ ...secondSchema.parse(value), country: "?" }) },
});

Deno.test("an old record is upgraded through all versions to the newest", () => {
  const stored = first.encode(first.ref("a"), { name: "Ann Lee" }, false);

  assertEquals(read(second, stored), { given: "Ann", last: "Lee" });
  assertEquals(read(third, stored), { given: "Ann", last: "Lee", country: "?" });
});

Deno.test("while two releases run side by side, the newer one writes what the older one can read", () => {
  const stored = second.encode(second.ref("a"), { given: "Ann", last: "Lee" }, false);

  assertEquals(read(first, stored), { name: "Ann Lee" });
  assertEquals(read(second, stored), { given: "Ann", last: "Lee" });
});

Deno.test("a record of a newer release, or of one too old, is an error", () => {
  const future = third.encode(third.ref("a"), { given: "Ann", last: "Lee", country: "FR" }, false);
  assertThrows(() => read(second, future), UnreadableRecord, "newer release");

  const past = first.encode(first.ref("a"), { name: "Ann Lee" }, false);
  assertThrows(() => read(fourth, past), UnreadableRecord, "no longer read");
});

Deno.test("a record with a wrong shape is an error that names paths but no values", () => {
  const stored = { version: 1, record: { name: 7, secret: "s3cret" } };
  const error = assertThrows(() => read(first, stored), UnreadableRecord, "name");
  assertEquals(error.message.includes("s3cret"), false);

  assertThrows(() => read(first, "bare"), UnreadableRecord, "versioned");
  assertThrows(() => read(first, null), UnreadableRecord, "versioned");
});

Deno.test("a record is absent from the second of its expiry, but keeps its versionstamp", () => {
  const brief = collection({
    family: "brief",
    version: 1,
    schema: z.object({ expiresAt: z.int() }),
  });
  const at = brief.ref("b");
  const raw = {
    key: at.key,
    value: brief.encode(brief.ref("a"), { expiresAt: now }, false),
    versionstamp: "01",
  };

  assertEquals(brief.decode(at, raw, now - 1).value, { expiresAt: now });
  assertEquals(brief.decode(at, raw, now), { ref: at, value: null, versionstamp: "01" });
});

Deno.test("the store may delete a record after its expiry and its linger time", () => {
  const schema = z.object({ expiresAt: z.int().optional() });
  const brief = collection({ family: "kept_briefly", version: 1, schema });
  const lingering = collection({ family: "kept_longer", version: 1, schema, linger: 60 });

  assertEquals(brief.expireIn({ expiresAt: now + 5 }, now), 5000);
  assertEquals(lingering.expireIn({ expiresAt: now + 5 }, now), 65_000);
  assertEquals(brief.expireIn({ expiresAt: now - 5 }, now), 1000); // the store takes none below 1
  assertEquals(brief.expireIn({}, now), undefined);
});

Deno.test("the numbers and texts of a key are different keys", () => {
  assertEquals(first.ref("a", 1).key, ["people_1", "a", 1]);
  assertEquals(first.ref("a", "1").key, ["people_1", "a", "1"]);
});

Deno.test("only a record that was read as unspent can be consumed", () => {
  const at = collection({
    family: "tickets",
    version: 1,
    schema: z.object({ spentBy: z.string().nullable() }),
  }).ref("t");
  type Ticket = Present<{ spentBy: string | null }>;
  const ticket: Ticket = { ref: at, value: { spentBy: null }, versionstamp: "01" };
  const tombstone: Ticket = { ref: at, value: { spentBy: "grant" }, versionstamp: "01" };

  assertEquals([isFresh(ticket), isFresh(tombstone)], [true, false]);
  // @ts-expect-error An entry that was not checked with `isFresh` cannot be consumed.
  ticket satisfies Fresh<{ spentBy: string | null }>;
  type Consumed = Parameters<typeof consumeCode>[1];
  // @ts-expect-error The same holds for the records that are consumed.
  const _consumable: (code: Present<Consumed["value"]>) => Consumed = (code) => code;
});

function splitName(value: unknown): z.infer<typeof secondSchema> {
  const [given = "", last = ""] = z.object({ name: z.string() }).parse(value).name.split(" ");
  return { given, last };
}

function read<T>(people: Collection<T>, value: unknown): T | null {
  const at = people.ref("ann");
  return people.decode(at, { key: at.key, value, versionstamp: "01" }, now).value;
}
