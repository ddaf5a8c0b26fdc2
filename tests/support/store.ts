import { z } from "zod";
import { collection } from "../../stores/engine/collection.ts";
import { createKv, type Kv } from "../../stores/engine/step.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { type TestClock, testClock } from "./clock.ts";
import { type Call, faultyKv, type FaultyOptions } from "./faulty_kv.ts";
import { heldKv } from "./held_kv.ts";
import { type MemoryKv, memoryKv } from "./memory_kv.ts";
import { seededRandom } from "./random.ts";

/** One process's `Kv` on a store in memory that others may share. */
export interface TestStore extends AsyncDisposable {
  readonly clock: TestClock;
  readonly kv: Kv;
  readonly store: MemoryKv;
  /** The calls that reached the store, or a fault on their way to it. */
  readonly calls: Call[];
  /** The events that the observer received, in order. */
  readonly observed: string[];
  /** How many commits were sent, whatever became of them. */
  sentCommits(): number;
}

export interface StoreOptions {
  readonly remote?: boolean;
  readonly fault?: FaultyOptions["fault"];
  /** Another process of the same installation, with its clock. */
  readonly beside?: TestStore;
}

/** A process with a store; a call that hangs is given up after 3 seconds. */
export function aStore(
  { remote = false, fault = () => null, beside }: StoreOptions = {},
): TestStore {
  const clock = beside?.clock ?? testClock();
  const store = beside?.store ?? memoryKv({ clock, remote });
  const calls: Call[] = [];
  const observed: string[] = [];
  const backend = faultyKv(store, {
    timers: clock.timers,
    callDeadline: 3000,
    fault(call) {
      calls.push(call);
      return fault(call);
    },
  });
  const kv = createKv(backend, {
    clock,
    timers: clock.timers,
    random: seededRandom(beside ? 2 : 1),
    observer: {
      stepRerun: (reason) => observed.push(`rerun: ${reason}`),
      outcomeUnknown: () => observed.push("outcome unknown"),
      undelivered: () => observed.push("undelivered"),
      settlingFailed: (error) => observed.push(`settling failed: ${error.message}`),
    },
  });
  return {
    clock,
    kv,
    store,
    calls,
    observed,
    sentCommits: () => calls.filter(({ kind }) => kind === "commit").length,
    [Symbol.asyncDispose]: () => whileTimePasses(clock, kv.close()),
  };
}

export interface CachingOptions {
  readonly remote?: boolean;
  readonly cacheBytes?: number;
}

/** A process that remembers what it reads of the notes, unless its store is remote. */
export function aCachingProcess({ remote = false, cacheBytes = 1_000_000 }: CachingOptions = {}) {
  const clock = testClock();
  const { backend, hold } = heldKv(memoryKv({ clock, remote }));
  const kv = createKv(backend, {
    clock,
    timers: clock.timers,
    random: seededRandom(1),
    cacheBytes,
  });
  return {
    clock,
    kv,
    /** Holds up the next commit before it takes effect. */
    holdCommit: () => hold("commit", "before"),
    /** Writes a note; with the text null, deletes it. @param expiresAt epoch seconds */
    write: (id: string, text: string | null, expiresAt?: number) =>
      kv.step(systemOrigin, async (tx) => {
        const { note } = await tx.read({ note: notes.ref(id) });
        const value = { text: text ?? "", ...(expiresAt === undefined ? {} : { expiresAt }) };
        if (note.value === null) tx.create(note.ref, value);
        else if (text === null) tx.delete(note);
        else tx.replace(note, value);
      }),
  };
}

/** Moves the time on, so many seconds at once, until something is done. */
export async function whileTimePasses<T>(
  clock: TestClock,
  work: Promise<T>,
  seconds = 0.1,
): Promise<T> {
  let isDone = false;
  const done = () => void (isDone = true);
  work.then(done, done);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (isDone) return await work;
    clock.advance(seconds);
  }
}

const noteSchema = z.object({ text: z.string(), expiresAt: z.int().optional() });
export type Note = z.infer<typeof noteSchema>;
/** Records that a test can recognise; they never expire unless it says so. */
export const notes = collection({ family: "notes", version: 1, schema: noteSchema });

/** The stored record of an id, expired or not; undefined: none. */
export async function noted(store: MemoryKv, noteId: string): Promise<string | undefined> {
  const [raw] = await store.getMany([notes.ref(noteId).key]);
  const envelope = raw?.value as { record: { text: string } } | null;
  return envelope?.record.text;
}
