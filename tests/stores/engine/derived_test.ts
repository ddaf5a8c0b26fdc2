import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Derivation } from "../../../stores/engine/derived.ts";
import { systemOrigin, type Transaction } from "../../../stores/engine/transaction.ts";
import { aCachingProcess, type CachingOptions, notes } from "../../support/store.ts";

const joined: Derivation<string> = { kind: "joined" };

/** A process that derives texts, and counts how often it has to. */
function aProcess(options: CachingOptions = {}) {
  const process = aCachingProcess(options);
  const { kv } = process;
  let derivations = 0;
  /** All texts of the notes, each read in a batch of its own. */
  const join = async (tx: Transaction, ids: readonly string[]) => {
    derivations++;
    let text = "";
    for (const id of ids) text += (await tx.read({ note: notes.ref(id) })).note.value?.text ?? "-";
    tx.remember(joined, ids.join(), text);
    return text;
  };
  return {
    ...process,
    join,
    derivations: () => derivations,
    text: async (...ids: string[]) =>
      kv.derived(joined, ids.join()) ?? await kv.step(systemOrigin, (tx) => join(tx, ids)),
    now: (...ids: string[]) => kv.derived(joined, ids.join()),
  };
}

Deno.test("a value is derived once, until a record that it follows from changes, ends, begins or expires", async () => {
  const { clock, write, text, now, derivations } = aProcess();
  await write("a", "1");
  await write("b", "2", clock.seconds() + 60);
  assertEquals(now("a", "b", "none"), null, "nobody has derived it");
  for (let n = 0; n < 3; n++) assertEquals(await text("a", "b", "none"), "12-");
  assertEquals([now("a", "b", "none"), derivations()], ["12-", 1]);

  const changes: [() => Promise<unknown>, string][] = [
    [() => write("a", "3"), "32-"],
    [() => write("none", "4"), "324"],
    [() => write("none", null), "32-"],
    [() => Promise.resolve(clock.advance(60)), "3--"],
  ];
  for (const [change, expected] of changes) {
    const before = derivations();
    await change();
    assertEquals(now("a", "b", "none"), null);
    for (let n = 0; n < 2; n++) assertEquals(await text("a", "b", "none"), expected);
    assertEquals(
      derivations(),
      before + (expected === "3--" ? 2 : 1),
      "what has expired is asked for",
    );
  }
});

Deno.test("a value is not taken from memory while a record that it follows from is being written", async () => {
  const { write, text, now, holdCommit } = aProcess();
  await write("a", "1");
  assertEquals(await text("a"), "1");
  const { reached, answer } = holdCommit();
  const written = write("a", "2");
  await reached;
  assertEquals(now("a"), null);
  answer();
  await written;
  assertEquals([now("a"), await text("a")], [null, "2"]);
});

Deno.test("a remembered value is frozen with all that it holds, because many requests hold it", async () => {
  const { kv, write } = aProcess();
  await write("a", "1");
  const kind: Derivation<{ readonly texts: string[] }> = { kind: "list" };
  const made = await kv.step(systemOrigin, async (tx) => {
    const { note } = await tx.read({ note: notes.ref("a") });
    const value = { texts: [note.value?.text ?? "-"] };
    tx.remember(kind, "a", value);
    return value;
  });
  for (const value of [made, kv.derived(kind, "a")]) {
    assertThrows(() => value?.texts.push("2"), TypeError);
  }
});

Deno.test("all that a step has read before counts as a source", async () => {
  const { kv, write, now, join } = aProcess();
  await write("a", "1");
  await write("b", "2");
  const both = () =>
    kv.step(systemOrigin, async (tx) => {
      await tx.peek({ note: notes.ref("b") }, "only_shown");
      return await join(tx, ["a"]);
    });
  assertEquals([await both(), now("a")], ["1", "1"]);
  await write("b", "3");
  assertEquals(now("a"), null);
});

Deno.test("nothing is remembered of a store that other processes write to, nor beyond the cache's size", async () => {
  for (const options of [{ remote: true }, { cacheBytes: 0 }, { cacheBytes: 2000 }]) {
    const { write, text, now, derivations } = aProcess(options);
    await write("a", "1");
    assertEquals([await text("a"), await text("a"), now("a"), derivations()], ["1", "1", null, 2]);
  }
});

Deno.test("a remembered value is what the records say, whatever steps write", async () => {
  const id = fc.constantFrom("a", "b", "c");
  const action = fc.oneof(
    fc.record({ write: id, text: fc.option(fc.constantFrom("1", "2", "3")) }),
    fc.record({ read: fc.array(id, { minLength: 1, maxLength: 3 }) }),
    fc.record({ pass: fc.integer({ min: 1, max: 40 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 60 }), async (actions) => {
      const { clock, kv, write, text } = aProcess();
      for (const act of actions) {
        if ("pass" in act) clock.advance(act.pass);
        else if ("write" in act) await write(act.write, act.text, clock.seconds() + 30);
        else {
          const raw = await kv.step(systemOrigin, async (tx) => {
            const read = act.read.map((one) => tx.read({ note: notes.ref(one) }));
            return (await Promise.all(read)).map(({ note }) => note.value?.text ?? "-").join("");
          });
          assertEquals(await text(...act.read), raw);
        }
      }
    }),
    { numRuns: 60 },
  );
});
