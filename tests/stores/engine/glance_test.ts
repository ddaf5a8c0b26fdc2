import { assertEquals, assertRejects } from "@std/assert";
import { createKv } from "../../../stores/engine/step.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import { testClock } from "../../support/clock.ts";
import { memoryKv } from "../../support/memory_kv.ts";
import { seededRandom } from "../../support/random.ts";
import { notes } from "../../support/store.ts";

/** A process that remembers what it reads, unless the store is remote. */
function aProcess({ remote = false } = {}) {
  const clock = testClock();
  const store = memoryKv({ clock, remote });
  const gates: { reached: PromiseWithResolvers<void>; open: PromiseWithResolvers<void> }[] = [];
  const kv = createKv({
    ...store,
    async commit(batch) {
      const gate = gates.shift();
      gate?.reached.resolve();
      await gate?.open.promise;
      return await store.commit(batch);
    },
  }, { clock, timers: clock.timers, random: seededRandom(1), cacheBytes: 1_000_000 });
  return {
    clock,
    kv,
    /** Holds up the next commit, until the gate is opened. */
    gate() {
      const gate = { reached: Promise.withResolvers<void>(), open: Promise.withResolvers<void>() };
      gates.push(gate);
      return gate;
    },
    write: (id: string, text: string, expiresAt?: number) =>
      kv.step(systemOrigin, async (tx) => {
        const { note } = await tx.read({ note: notes.ref(id) });
        const value = expiresAt === undefined ? { text } : { text, expiresAt };
        if (note.value === null) tx.create(note.ref, value);
        else tx.replace(note, value);
      }),
    read: (...ids: string[]) =>
      kv.step(systemOrigin, (tx) => Promise.all(ids.map((id) => tx.read({ note: notes.ref(id) })))),
    glance: (...ids: string[]) =>
      kv.glance(ids.map((id) => notes.ref(id)))?.map(({ value }) => value?.text ?? null) ?? null,
  };
}

Deno.test("a glance shows the remembered records of a moment, and absences; it is null if any is unknown", async () => {
  const { clock, write, read, glance } = aProcess();
  assertEquals(glance("one"), null, "nobody has read it");
  await write("one", "first");
  await read("none");
  assertEquals(glance("one", "none"), ["first", null]);
  assertEquals(glance("one", "unknown"), null);
  await write("one", "second");
  assertEquals(glance("one"), ["second"]);
  await write("short", "lived", clock.seconds() + 10);
  assertEquals(glance("short"), ["lived"]);
  clock.advance(11);
  assertEquals(glance("short"), null, "the store may have deleted it");
});

Deno.test("a glance shows nothing of a record whose commit is under way", async () => {
  const { write, glance, gate } = aProcess();
  await write("one", "first");
  const { reached, open } = gate();
  const writing = write("one", "second");
  await reached.promise;
  assertEquals(glance("one"), null);
  open.resolve();
  await writing;
  assertEquals(glance("one"), ["second"]);
});

Deno.test("there is no glance at a store that other processes write to", async () => {
  const { write, read, glance } = aProcess({ remote: true });
  await write("one", "first");
  await read("one");
  assertEquals(glance("one"), null);
});

Deno.test("a fetched record is checked at the commit like one that was read", async () => {
  const { kv, write, read } = aProcess();
  await write("one", "first");
  let runs = 0;
  await kv.step(systemOrigin, async (tx) => {
    await tx.prefetch([notes.ref("one")]);
    const { value } = tx.fetched(notes.ref("one"));
    if (++runs === 1) await write("one", "second");
    tx.add(notes.ref("copy"), { text: value?.text ?? "" });
  });
  const [copy] = await read("copy");
  assertEquals([runs, copy?.note.value?.text], [2, "second"]);
});

Deno.test("a record that nothing has fetched cannot be taken for an absent one", async () => {
  const { kv } = aProcess();
  await assertRejects(
    () => kv.step(systemOrigin, (tx) => tx.fetched(notes.ref("one"))),
    Error,
    "not fetched",
  );
});
