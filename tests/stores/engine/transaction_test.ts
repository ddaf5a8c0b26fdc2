import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Entry, isPresent, wasPresent } from "../../../stores/engine/collection.ts";
import { StoreLimitExceeded } from "../../../stores/engine/store_errors.ts";
import {
  RecordExists,
  systemOrigin,
  type Transaction,
} from "../../../stores/engine/transaction.ts";
import { aStore, noted, notes, type TestStore, whileTimePasses } from "../../support/store.ts";

Deno.test("a step reruns if a record that it read changed before its commit", async () => {
  await using store = aStore();
  await write(store, "ours", "old");

  await store.kv.step(systemOrigin, async (tx) => {
    const { ours } = await tx.read({ ours: notes.ref("ours") });
    await onlyOnce(store, () => write(store, "ours", "theirs"));
    tx.add(notes.ref("result"), { text: `read ${ours.value?.text}` });
  });

  assertEquals(await noted(store.store, "result"), "read theirs");
});

Deno.test("a step reruns if a record that it found absent exists at its commit", async () => {
  await using store = aStore();

  await store.kv.step(systemOrigin, async (tx) => {
    const { ours } = await tx.read({ ours: notes.ref("ours") });
    await onlyOnce(store, () => write(store, "ours", "theirs"));
    tx.add(notes.ref("result"), { text: `read ${ours.value?.text}` });
  });

  assertEquals(await noted(store.store, "result"), "read theirs");
});

Deno.test("a record that a step only peeked at may change before its commit", async () => {
  await using store = aStore();
  await write(store, "ours", "old");

  await store.kv.step(systemOrigin, async (tx) => {
    const { ours } = await tx.peek({ ours: notes.ref("ours") }, "only_shown");
    await onlyOnce(store, () => write(store, "ours", "theirs"));
    tx.add(notes.ref("result"), { text: `read ${ours.value?.text}` });
  });

  assertEquals(await noted(store.store, "result"), "read old");
  assertEquals(store.observed, []);
});

Deno.test("a step that peeks at a record and then reads it checks the version first seen", async () => {
  await using store = aStore();
  await write(store, "ours", "old");

  await store.kv.step(systemOrigin, async (tx) => {
    const { ours } = await tx.peek({ ours: notes.ref("ours") }, "only_shown");
    await onlyOnce(store, () => write(store, "ours", "theirs"));
    await tx.read({ ours: notes.ref("ours") });
    tx.add(notes.ref("result"), { text: `read ${ours.value?.text}` });
  });

  assertEquals(await noted(store.store, "result"), "read theirs");
});

Deno.test("writes and decisions do not accept a peeked record", async () => {
  await using store = aStore();
  await write(store, "ours", "old");
  const decide = (entry: Entry<{ text: string }>) => isPresent(entry);

  await store.kv.step(systemOrigin, async (tx) => {
    const { ours } = await tx.peek({ ours: notes.ref("ours") }, "only_shown");
    assert(wasPresent(ours));
    assertEquals(Object.keys(ours), ["ref", "value"]);
    const refused = () => {
      // @ts-expect-error it has no versionstamp that could be checked
      tx.replace(ours, { text: "replaced" });
      // @ts-expect-error the same
      tx.delete(ours);
      // @ts-expect-error the decision would not hold at the commit
      decide(ours);
      // @ts-expect-error a step that peeks says why it may
      tx.peek({ ours: notes.ref("ours") });
    };
    assertEquals(typeof refused, "function"); // for the type checker alone
  });
});

Deno.test("a prefetched record is read and checked without a second call", async () => {
  await using store = aStore();
  await write(store, "ours", "old");

  await store.kv.step(systemOrigin, async (tx) => {
    await tx.prefetch([notes.ref("ours"), null]);
    await onlyOnce(store, () => write(store, "ours", "theirs"));
    const { ours } = await tx.read({ ours: notes.ref("ours") });
    tx.add(notes.ref("result"), { text: `read ${ours.value?.text}` });
  });

  assertEquals(await noted(store.store, "result"), "read theirs");
  const commit = store.calls.findIndex(({ kind }) => kind === "commit");
  assertEquals(store.calls.slice(0, commit).map(({ kind }) => kind), ["getMany"]);
});

Deno.test("two concurrent reads of one record see the same state", async () => {
  let reads = 0;
  await using store = aStore({
    fault: ({ kind }) =>
      kind === "getMany" ? { kind: "slow", before: reads++ * 100, after: 0 } : null,
  });
  await write(store, "ours", "old");

  const stepped = store.kv.step(systemOrigin, async (tx) => {
    const [first, second] = await Promise.all([
      tx.read({ note: notes.ref("ours") }),
      tx.read({ note: notes.ref("ours") }),
    ]);
    tx.add(notes.ref("result"), { text: `${first.note.value?.text} ${second.note.value?.text}` });
  });
  await store.clock.sleepers(2);
  store.clock.advance(0);
  await new Promise((resolve) => setTimeout(resolve, 0)); // the first of them reads
  await write(store, "ours", "theirs");
  await whileTimePasses(store.clock, stepped);

  assertEquals(await noted(store.store, "result"), "theirs theirs");
});

Deno.test("a record fetched along with a read can be peeked at, unchecked and without a second call", async () => {
  await using store = aStore();
  await write(store, "ours", "old");

  await store.kv.step(systemOrigin, async (tx) => {
    await tx.read({ other: notes.ref("other") }, [notes.ref("ours")]);
    await onlyOnce(store, () => write(store, "ours", "theirs"));
    const { ours } = await tx.peek({ ours: notes.ref("ours") }, "only_shown");
    tx.add(notes.ref("result"), { text: `read ${ours.value?.text}` });
  });

  assertEquals(await noted(store.store, "result"), "read old");
  assertEquals(store.calls.map(({ kind }) => kind), ["getMany", "commit"]);
});

Deno.test("an expired record is absent, although it is still stored", async () => {
  await using store = aStore();
  const find = () =>
    store.kv.step(systemOrigin, async (tx) => (await tx.read({ note: notes.ref("n") })).note);
  await write(store, "n", "brief", store.clock.seconds() + 60);
  store.clock.advance(59.9);
  assertEquals((await find()).value?.text, "brief");

  store.clock.advance(0.1);

  assertEquals((await find()).value, null);
  assertEquals((await store.kv.list({ collection: notes, limit: 9 })).entries, []);
  assertEquals(await noted(store.store, "n"), "brief");
});

for (const look of ["read", "peek", "never"] as const) {
  const seen = { read: "that was read", peek: "that was peeked at", never: "unseen" }[look];
  const createAt = (store: TestStore) =>
    store.kv.step(systemOrigin, async (tx) => {
      if (look === "read") await tx.read({ note: notes.ref("n") });
      if (look === "peek") await tx.peek({ note: notes.ref("n") }, "only_shown");
      tx.create(notes.ref("n"), { text: "created" });
    });

  Deno.test(`create overwrites an expired record ${seen}`, async () => {
    await using store = aStore();
    await write(store, "n", "old", store.clock.seconds() + 60);
    store.clock.advance(60);

    await createAt(store);

    assertEquals(await noted(store.store, "n"), "created");
  });

  Deno.test(`create throws over a live record ${seen}, and writes nothing`, async () => {
    await using store = aStore();
    await write(store, "n", "old");

    await assertRejects(() => createAt(store), RecordExists);

    assertEquals(await noted(store.store, "n"), "old");
  });
}

Deno.test("if two steps create one record, the second gets RecordExists", async () => {
  await using store = aStore();
  const create = (text: string) =>
    store.kv.step(systemOrigin, (tx) => tx.create(notes.ref("n"), { text }));

  const outcomes = await Promise.allSettled([create("first"), create("second")]);

  assertEquals(outcomes.map(({ status }) => status), ["fulfilled", "rejected"]);
  assertEquals(await noted(store.store, "n"), "first");
});

Deno.test("refuse commits the step's writes from any call depth, then throws its error", async () => {
  await using store = aStore();
  const error = new Error("no");
  const deep = async (tx: Transaction): Promise<string> => {
    await Promise.resolve();
    return [1].map(() => tx.refuse(error)).join();
  };

  const thrown = await assertRejects(() =>
    store.kv.step(systemOrigin, async (tx) => {
      tx.add(notes.ref("event"), { text: "refused" });
      return await deep(tx);
    })
  );

  assertEquals(thrown, error);
  assertEquals(await noted(store.store, "event"), "refused");
});

Deno.test("the writes of a failed part of a step are not committed with the refusal that follows", async () => {
  await using store = aStore();
  await write(store, "was there", "old");
  await write(store, "is there", "old");
  const answer = store.kv.step(systemOrigin, async (tx) => {
    const { entry } = await tx.read({ entry: notes.ref("was there") });
    if (!isPresent(entry)) throw new Error("it is there");
    tx.add(notes.ref("before"), { text: "kept" });
    tx.add(notes.ref("both"), { text: "kept" });
    const part = tx.attempt(async () => {
      tx.add(notes.ref("inside"), { text: "lost" });
      tx.add(notes.ref("both"), { text: "lost" });
      tx.create(notes.ref("is there"), { text: "lost" }); // would make the commit fail for ever
      tx.replace(entry, { text: "lost" });
      tx.ifUndelivered(() => Promise.reject(new Error("lost")));
      await tx.attempt(() => Promise.resolve(tx.add(notes.ref("deeper"), { text: "lost" })));
      throw new RangeError("no");
    });
    await assertRejects(() => part, RangeError);
    return tx.refuse(new Error("refused"));
  });
  await assertRejects(() => answer, Error, "refused");
  const texts = await Promise.all(
    ["before", "both", "inside", "deeper", "is there", "was there"].map((one) =>
      noted(store.store, one)
    ),
  );
  assertEquals(texts, ["kept", "kept", undefined, undefined, "old", "old"]);
  assertEquals(store.calls.at(-1)?.batch?.checks.length, 1);

  // A part that refuses, and one that returns, keep what they wrote.
  const refusal = store.kv.step(systemOrigin, (tx) =>
    tx.attempt(async () => {
      tx.add(notes.ref("inside"), { text: await Promise.resolve("kept") });
      return tx.refuse(new Error("refused inside"));
    }));
  await assertRejects(() => refusal, Error, "refused inside");
  await store.kv.step(
    systemOrigin,
    (tx) =>
      tx.attempt(async () => tx.add(notes.ref("deeper"), { text: await Promise.resolve("kept") })),
  );
  assertEquals(await noted(store.store, "inside"), "kept");
  assertEquals(await noted(store.store, "deeper"), "kept");
});

Deno.test("a refusal is decided again if a record that it depends on has changed", async () => {
  await using store = aStore();

  const answer = await store.kv.step(systemOrigin, async (tx) => {
    const { note } = await tx.read({ note: notes.ref("n") });
    await onlyOnce(store, () => write(store, "n", "now it is there"));
    tx.add(notes.ref("event"), { text: note.value ? "accepted" : "refused" });
    return note.value ? "accepted" : tx.refuse(new Error("no"));
  });

  assertEquals(answer, "accepted");
  assertEquals(await noted(store.store, "event"), "accepted");
});

Deno.test("a step that throws writes nothing", async () => {
  await using store = aStore();

  await assertRejects(
    () =>
      store.kv.step(systemOrigin, (tx) => {
        tx.add(notes.ref("n"), { text: "lost" });
        throw new RangeError("no");
      }),
    RangeError,
  );

  assertEquals(store.sentCommits(), 0);
  assertEquals(await noted(store.store, "n"), undefined);
});

Deno.test("a step that only reads, or refuses without consequences, commits nothing", async () => {
  await using store = aStore();

  await store.kv.step(systemOrigin, (tx) => tx.read({ note: notes.ref("n") }));
  await assertRejects(() =>
    store.kv.step(systemOrigin, async (tx) => {
      await tx.read({ note: notes.ref("n") });
      tx.refuse(new Error("no"));
    })
  );

  assertEquals(store.sentCommits(), 0);
});

Deno.test("add and end check nothing, so that no concurrent change can stop them", async () => {
  await using store = aStore();
  await write(store, "n", "old");

  await store.kv.step(systemOrigin, (tx) => {
    tx.end(notes.ref("n"));
    tx.end(notes.ref("never there"));
    tx.add(notes.ref("event"), { text: "ended" });
  });

  assertEquals(store.calls.at(-1)?.batch?.checks, []);
  assertEquals(await noted(store.store, "n"), undefined);
});

Deno.test("a step within the limits of a KV Connect server commits there", async () => {
  await using store = aStore({ remote: true });

  await store.kv.step(systemOrigin, async (tx) => {
    await tx.read(refs(9));
    for (let n = 0; n < 999; n++) tx.add(notes.ref("many", n), { text: "" });
  });

  assertEquals(store.calls.at(-1)?.batch?.checks.length, 10); // its marker's is the tenth
  assertEquals(store.calls.at(-1)?.batch?.mutations.length, 1000);
});

const tooMuch: Record<string, { says: string; work: (tx: Transaction) => unknown }> = {
  "checks 10 records": {
    says: "checks 10 keys",
    async work(tx) {
      await tx.read(refs(10));
      tx.add(notes.ref("n"), { text: "" });
    },
  },
  "reads 11 records at once": {
    says: "reads 11 keys",
    work: (tx) => tx.peek(refs(11), "only_shown"),
  },
  "writes 1000 records": {
    says: "writes 1000 keys",
    work(tx) {
      for (let n = 0; n < 1000; n++) tx.add(notes.ref("many", n), { text: "" });
    },
  },
  "writes a value of more than 64 KB": {
    says: "Value too large",
    work: (tx) => tx.add(notes.ref("n"), { text: "v".repeat(65_536) }),
  },
  "writes more than 800 KB": {
    says: "mutation size too large",
    work(tx) {
      for (let n = 0; n < 13; n++) tx.add(notes.ref("many", n), { text: "v".repeat(65_000) });
    },
  },
  "writes under a key of more than 2 KB": {
    says: "Key too large for write",
    work: (tx) => tx.add(notes.ref("k".repeat(2048)), { text: "" }),
  },
  "reads under a key of more than 2 KB": {
    says: "Key too large for read",
    work: (tx) => tx.read({ note: notes.ref("k".repeat(2048)) }),
  },
};
for (const [name, { says, work }] of Object.entries(tooMuch)) {
  Deno.test(`a step that ${name} fails at once with an error that names the limit`, async () => {
    for (const remote of [false, true]) {
      await using store = aStore({ remote });
      await assertRejects(() => store.kv.step(systemOrigin, work), StoreLimitExceeded, says);
      assertEquals(store.store.commits, 0);
      assertEquals(store.observed, []);
    }
  });
}

Deno.test("a step that writes the same record from two reads fails with an error that says so", async () => {
  await using store = aStore();
  await write(store, "n", "old");
  const read = () =>
    store.kv.step(systemOrigin, async (tx) => (await tx.read({ n: notes.ref("n") })).n);
  const before = await read();
  await write(store, "n", "new");

  await store.kv.step(systemOrigin, async (tx) => {
    await tx.read({ n: notes.ref("n") });
    assertThrows(
      () => before.value && tx.replace(before, { text: "from the old" }),
      Error,
      "two different reads",
    );
  });
});

function refs(count: number) {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, notes.ref("r", n)]));
}

/** Writes as another process would, unseen by the store's own steps. */
async function write(
  { store, clock }: TestStore,
  noteId: string,
  text: string,
  expiresAt?: number,
) {
  const record = expiresAt === undefined ? { text } : { text, expiresAt };
  const expireIn = notes.expireIn(record, clock.seconds());
  const set = {
    type: "set" as const,
    key: notes.ref(noteId).key,
    value: notes.encode(notes.ref(noteId), record, true),
  };
  const mutation = expireIn === undefined ? set : { ...set, expireIn };
  await store.commit({ checks: [], mutations: [mutation] });
}

const interrupted = new WeakSet<TestStore>();
/** Does something in the midst of the first run of a step. */
async function onlyOnce(store: TestStore, work: () => Promise<void>) {
  if (interrupted.has(store)) return;
  interrupted.add(store);
  await work();
}
