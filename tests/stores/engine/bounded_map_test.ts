import { assert, assertEquals } from "@std/assert";
import { boundedMap } from "../../../stores/engine/bounded_map.ts";

Deno.test("an entry in use stays, whatever is added, and the oldest of the others is dropped", () => {
  const map = boundedMap<number>(100);
  map.set("used", 0, 10);
  for (let n = 1; n <= 1000; n++) {
    map.set(`${n}`, n, 10);
    assertEquals(map.get("used"), 0);
  }
  const kept = Array.from({ length: 1000 }, (_, n) => n + 1).filter((n) => map.get(`${n}`) === n);
  assertEquals(kept, [992, 993, 994, 995, 996, 997, 998, 999, 1000]);
});

Deno.test("an entry that was used for a while and no longer is dropped in its turn", () => {
  const map = boundedMap<number>(100);
  map.set("used", 0, 10);
  assertEquals(map.get("used"), 0);
  for (let n = 1; n <= 30; n++) map.set(`${n}`, n, 10);
  assertEquals(map.get("used"), undefined);
});

Deno.test("the sizes of all entries together stay within the limit, also after replacing and deleting", () => {
  const map = boundedMap<string>(100);
  map.set("one", "before", 60);
  map.set("one", "after", 20); // 20 are used
  map.set("two", "", 80);
  assertEquals([map.get("one"), map.get("two")], ["after", ""]);
  map.delete("two");
  map.delete("never there");
  map.set("three", "", 80);
  assertEquals([map.get("one"), map.get("three")], ["after", ""]);
  map.set("too large", "", 101);
  assertEquals(map.get("too large"), undefined);
  map.set("four", "before", 100);
  assertEquals(map.get("four"), "before");
  map.set("four", "too large", 101);
  assertEquals(map.get("four"), undefined, "what it replaces is outdated");
});

Deno.test("using one entry takes as long after a hundred thousand uses as before", () => {
  const map = boundedMap<number>(50_000);
  for (let n = 0; n < 50_000; n++) map.set(`${n}`, n, 1);
  const began = performance.now();
  for (let n = 0; n < 100_000; n++) assert(map.get("7") === 7);
  // Some 20 ms. If each use moved the entry to the end of a Map, it would be 6 s.
  assert(performance.now() - began < 2000);
});

Deno.test("some calls of prune pass all entries, drop the useless ones and free their space", () => {
  const map = boundedMap<number>(1000);
  for (let n = 0; n < 100; n++) map.set(`${n}`, n, 10);
  const present = () =>
    Array.from({ length: 101 }, (_, n) => n).filter((n) => map.get(`${n}`) === n);
  for (let call = 0; call < 20; call++) map.prune((n) => n % 4 !== 0, { dropped: 20, passed: 5 });
  assertEquals(present(), Array.from({ length: 25 }, (_, n) => 4 * n));
  map.set("large", 101, 750); // fits only into the space that was freed
  assertEquals(present().length, 25);
  for (let call = 0; call < 20; call++) map.prune(() => true, { dropped: 20, passed: 5 });
  assertEquals(present(), []);
});

Deno.test("one call of prune drops and passes no more entries than it may", () => {
  const map = boundedMap<number>(1000);
  for (let n = 0; n < 100; n++) map.set(`${n}`, n, 1);
  const present = () =>
    Array.from({ length: 100 }, (_, n) => n).filter((n) => map.get(`${n}`) === n);
  const asked: number[] = [];
  const prune = (isUseless: (n: number) => boolean) =>
    map.prune((n) => asked.push(n) > 0 && isUseless(n), { dropped: 30, passed: 4 });
  prune((n) => n < 90);
  assertEquals([present().length, asked.length], [70, 30]);
  prune((n) => n < 35);
  assertEquals([present()[0], asked.at(-1)], [35, 38]);
});

Deno.test("one call of prune goes on from the beginning when it comes to the end", () => {
  const map = boundedMap<number>(1000);
  for (let n = 0; n < 10; n++) map.set(`${n}`, n, 1);
  const asked: number[] = [];
  const prune = (isUseless: (n: number) => boolean, passed: number) =>
    map.prune((n) => asked.push(n) > 0 && isUseless(n), { dropped: 10, passed });
  prune(() => false, 7);
  asked.length = 0;
  prune((n) => n < 2, 5);
  assertEquals(asked, [7, 8, 9, 0, 1, 2, 3]);
  assertEquals([map.get("0"), map.get("1"), map.get("2")], [undefined, undefined, 2]);
});

Deno.test("cleared entries are gone, and their space is free for new ones", () => {
  const map = boundedMap<number>(100);
  const fill = (first: number) => {
    for (let n = first; n < first + 30; n++) map.set(`${n}`, n, 10);
    map.prune(() => false, { dropped: 5, passed: 5 });
  };
  const kept = () => Array.from({ length: 90 }, (_, n) => n).filter((n) => map.get(`${n}`) === n);
  fill(0);
  map.clear();
  assertEquals(kept(), []);
  fill(30);
  assertEquals(kept(), Array.from({ length: 10 }, (_, n) => 50 + n));
  map.clear();
  map.set("large", 0, 100);
  assertEquals(map.get("large"), 0);
});

Deno.test("the map does not hold what was dropped, deleted or cleared, even if it is never pruned or full again", async () => {
  const map = JSON.stringify(import.meta.resolve("../../../stores/engine/bounded_map.ts"));
  const script = `
    const { boundedMap } = await import(${map});
    const [full, neverFull, pruned, cleared] = [100, 1e9, 1e9, 1e5].map((bytes) => boundedMap(bytes));
    for (const name of ["large", "larger", "largest"]) neverFull.set(name, {}, 1e9); // it was full once
    neverFull.delete("largest");
    const refs = { full: [], neverFull: [], pruned: [], cleared: [] };
    for (let n = 0; n < 20_000; n++) {
      for (const [name, map] of Object.entries({ full, neverFull, pruned, cleared })) {
        const value = { n };
        refs[name].push(new WeakRef(value));
        map.set(String(n), value, 10);
      }
      neverFull.delete(String(n - 10));
      pruned.prune((value) => value.n < n - 10, { dropped: 10, passed: 2 });
    }
    cleared.prune(() => false, { dropped: 10, passed: 2 });
    cleared.clear();
    await new Promise((resolve) => setTimeout(resolve)); // until then WeakRefs hold their values
    gc();
    const held = (name) => refs[name].filter((ref) => ref.deref() !== undefined).length;
    console.log(JSON.stringify(Object.keys(refs).map(held)));
    full.get(""), neverFull.get(""), pruned.get(""), cleared.get("");
  `;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--v8-flags=--expose-gc", script],
  });
  const { stdout, stderr } = await command.output();
  const held: number[] = JSON.parse(
    new TextDecoder().decode(stdout) || new TextDecoder().decode(stderr),
  );
  assert(held.length === 4 && held.every((count) => count < 100), `held: ${held.join(", ")}`);
});
