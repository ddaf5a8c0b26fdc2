import { assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { collection } from "../../../stores/engine/collection.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import { aCachingProcess, type CachingOptions, notes } from "../../support/store.ts";

/** A process that shows what it remembers. */
function aProcess(options: CachingOptions = {}) {
  const process = aCachingProcess(options);
  const { kv } = process;
  return {
    ...process,
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

Deno.test("a spent record takes no room in memory until it is used again", async () => {
  const schema = z.object({ spentBy: z.string().nullable() });
  const voucher = collection({ family: "vouchers", version: 1, schema }).ref("one");
  const { kv } = aProcess();
  const spentBy = () => kv.glance([voucher])?.map(({ value }) => value?.spentBy) ?? null;

  await kv.step(systemOrigin, (tx) => Promise.resolve(tx.add(voucher, { spentBy: null })));
  assertEquals(spentBy(), [null]);
  await kv.step(systemOrigin, async (tx) => {
    const { unspent } = await tx.read({ unspent: voucher });
    if (unspent.value !== null) tx.replace(unspent, { spentBy: "alice" });
  });
  assertEquals(spentBy(), null);
  await kv.step(systemOrigin, (tx) => tx.read({ spent: voucher }));
  assertEquals(spentBy(), ["alice"]);
});

Deno.test("a glance shows nothing of a record whose commit is under way", async () => {
  const { write, glance, holdCommit } = aProcess();
  await write("one", "first");
  const { reached, answer } = holdCommit();
  const writing = write("one", "second");
  await reached;
  assertEquals(glance("one"), null);
  answer();
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
