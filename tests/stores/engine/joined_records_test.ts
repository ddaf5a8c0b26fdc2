import { assert, assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { collection } from "../../../stores/engine/collection.ts";
import { type CommitBatch, systemTimers } from "../../../stores/engine/kv.ts";
import { cacheReads } from "../../../stores/engine/read_cache.ts";
import { createKv } from "../../../stores/engine/step.ts";
import { id, systemOrigin } from "../../../stores/engine/transaction.ts";
import { systemRandom } from "../../../src/crypto/random.ts";
import { testClock } from "../../support/clock.ts";
import { memoryKv } from "../../support/memory_kv.ts";
import { slowCommits } from "../../support/slow_commits.ts";

const notes = collection({
  family: "notes",
  version: 1,
  schema: z.object({ texts: z.array(z.string()), expiresAt: z.int().optional() }),
  isRarelyRead: true,
  joining: {
    most: 4,
    nameOf: ([, topic], { texts: [text = ""] }) => text.startsWith("alone") ? null : String(topic),
    join: (values) => ({
      version: 1,
      record: { texts: values.flatMap((value) => (value as Stored).record.texts) },
    }),
  },
});
interface Stored {
  readonly record: { readonly texts: readonly string[] };
}
const counters = collection({ family: "counters", version: 1, schema: z.object({ n: z.int() }) });

/** A store whose commits wait for each other, with what was committed to it. */
function aStore({ remote = false } = {}) {
  const clock = testClock();
  const store = memoryKv({ clock });
  const commits: CommitBatch[] = [];
  const slow = slowCommits({
    ...store,
    commit(batch) {
      commits.push(batch);
      return store.commit(batch);
    },
  }, () => new Promise((resolve) => setTimeout(resolve)));
  const backend = cacheReads(slow, { clock, bytes: 100_000 });
  const kv = createKv(
    remote ? { ...slow, remote } : backend,
    { clock, timers: systemTimers, random: systemRandom },
  );
  const note = (topic: string, text: string) =>
    kv.step(systemOrigin, (tx) => tx.add(notes.ref(topic, text), { texts: [text] }));
  const stored = async () => {
    const { entries } = await store.list({ prefix: ["notes"] }, { limit: 100 });
    return entries.map(({ value }) => (value as Stored).record.texts);
  };
  return { kv, store, backend, commits, note, stored };
}

Deno.test("added records with one name become one, in their order, at most so many", async () => {
  const { note, stored, commits, backend } = aStore();
  const texts = ["first", "a", "b", "c", "alone d", "e", "f", "g"];
  await Promise.all([...texts.map((text) => note("one", text)), note("other", "h")]);
  assertEquals(commits.length, 2);
  // The first was on its way when the others came, so its commit is as it always was.
  assertEquals(
    await stored(),
    [
      ["a", "b", "c", "e"],
      ["alone d"],
      ["f", "g"],
      ["first"],
      ["h"],
    ].sort(),
  );
  const written = commits.flatMap(({ mutations }) => mutations.map(({ key }) => id(key)));
  assertEquals(written.length, 5);
  for (const text of [...texts, "h"]) {
    const key = notes.ref(text === "h" ? "other" : "one", text).key;
    assertEquals(backend.recall?.([id(key)]), null, "nothing is remembered of it");
    const [entry] = await backend.getMany([key]);
    assertEquals(entry?.versionstamp !== null, written.includes(id(key)), text);
  }
});

Deno.test("if their common commit fails, each record is stored as if it had been alone", async () => {
  const { kv, note, stored } = aStore();
  await kv.step(systemOrigin, (tx) => tx.add(counters.ref("one"), { n: 1 }));
  const results = await Promise.all([
    note("one", "first"),
    note("one", "a"),
    kv.step(systemOrigin, (tx) => {
      tx.add(notes.ref("one", "b"), { texts: ["b"] });
      tx.add(counters.ref("x".repeat(3000)), { n: 1 }); // no store takes such a key
    }).catch(() => "refused"),
    note("one", "c"),
  ]);
  assertEquals(results[2], "refused");
  assertEquals(await stored(), [["a"], ["c"], ["first"]]);
});

Deno.test("only what is added to a local file, has no end and is hardly read is joined", async () => {
  const shared = aStore({ remote: true });
  await Promise.all(["a", "b", "c"].map((text) => shared.note("one", text)));
  assertEquals(await shared.stored(), [["a"], ["b"], ["c"]]);

  const { kv, note, stored } = aStore();
  await Promise.all(["a", "b", "c"].map((text) =>
    kv.step(systemOrigin, async (tx) => {
      const { found } = await tx.read({ found: notes.ref("one", text) });
      assert(found.value === null);
      tx.create(found.ref, { texts: [text] });
    })
  ));
  await note("one", "d");
  const expiresAt = 4_000_000_000;
  await Promise.all(
    ["e", "f", "g"].map((text) =>
      kv.step(systemOrigin, (tx) => tx.add(notes.ref("one", text), { texts: [text], expiresAt }))
    ),
  );
  assertEquals(await stored(), [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]);

  const joining = { most: 2, nameOf: () => "all", join: (values: readonly unknown[]) => values };
  const schema = z.object({});
  assertThrows(() => collection({ family: "read", version: 1, schema, joining }), RangeError);
});
