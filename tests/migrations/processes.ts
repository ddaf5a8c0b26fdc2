import { utf8 } from "../../src/crypto/encoding.ts";
import { collection } from "../../stores/engine/collection.ts";
import type { KvBackend, KvMutation } from "../../stores/engine/kv.ts";
import type { RawEntry } from "../../stores/engine/raw_entry.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { createKv, type Kv } from "../../stores/engine/step.ts";
import { eachRecord } from "../../migrations/each_record.ts";
import { migrations } from "../../migrations/index.ts";
import { listMigrations, type Migration } from "../../migrations/migration.ts";
import { type MigrationRunner, runMigrations } from "../../migrations/runner.ts";
import { seededRandom } from "../support/random.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { z } from "zod";

/** A migration with the text of its file, which is what its checksum is made of. */
export interface WrittenMigration extends Partial<Migration> {
  readonly source?: string;
}
export type Release = Readonly<Record<string, WrittenMigration>>;

export interface Processes extends AsyncDisposable {
  readonly clock: TestClock;
  readonly kv: Kv;
  readonly logged: string[];
  /** Boots one more process of a release: it runs, or waits for, the migrations. */
  boot(release: Release): Promise<string[]>;
  runner(release: Release): MigrationRunner;
  /** Everything that is stored. */
  entries(): Promise<RawEntry[]>;
}

/**
 * Several processes on one store in memory, with one clock.
 *
 * @param connect what there is between the processes and the store
 */
export async function processes(
  connect: (store: KvBackend) => KvBackend = (store) => store,
): Promise<Processes> {
  const backend = connect(await openMemory());
  const clock = testClock();
  const logged: string[] = [];
  let seed = 0;
  const open = () =>
    createKv(backend, {
      clock,
      timers: clock.timers,
      random: seededRandom(++seed),
      // `whileTimePasses` moves the time on while a slow machine is still writing.
      stepDeadline: Infinity,
    });
  const runner = (release: Release): MigrationRunner => {
    const { migrations, readSource } = written(release);
    return {
      kv: open(),
      clock,
      timers: clock.timers,
      random: seededRandom(++seed),
      migrations,
      readSource,
      log: (message) => logged.push(message),
    };
  };
  return {
    clock,
    kv: open(),
    logged,
    runner,
    boot: (release) => runMigrations(runner(release)),
    entries: async () => (await backend.list({ prefix: [] }, { limit: 500 })).entries,
    [Symbol.asyncDispose]: () => Promise.resolve(backend.close()),
  };
}

/**
 * A store as the release before a migration left it, and what boots a process that has it.
 *
 * @param connect what there is between the processes and the store
 */
export async function aStoreOfTheReleaseBefore(
  migration: string,
  mutations: readonly KvMutation[],
  connect?: (store: KvBackend) => KvBackend,
) {
  const before = migrations.findIndex(({ name }) => name === migration);
  let backend: KvBackend | undefined;
  const store = await processes((memory) => backend = connect?.(memory) ?? memory);
  const runner = (listed: typeof migrations) =>
    runMigrations({ ...store.runner({}), migrations: listed, readSource: Deno.readFile });
  await runner(migrations.slice(0, before));
  await backend?.commit({ checks: [], mutations });
  return { store, boot: () => runner(migrations.slice(0, before + 1)) };
}

function written(release: Release) {
  const modules = Object.entries(release).map(([name, { source: _, ...migration }]) => {
    const whole = { description: name, worksFrom: 1, run: async () => {}, ...migration };
    return [name, () => Promise.resolve({ migration: whole })] as const;
  });
  const readSource = ({ pathname }: URL) => {
    const name = pathname.slice(1).replace(/\.ts$/, "");
    return Promise.resolve(utf8(release[name]?.source ?? name));
  };
  return {
    migrations: listMigrations(Object.fromEntries(modules), "file:///index.ts"),
    readSource,
  };
}

/** As KV Connect is on a bad day: every third commit is stored, and answered as if it were not. */
export function losingReplies(store: KvBackend): KvBackend {
  let commits = 0;
  return {
    ...store,
    remote: true,
    async commit(batch) {
      const versionstamp = await store.commit(batch);
      return versionstamp !== null && ++commits % 3 !== 0 ? versionstamp : null;
    },
  };
}

/** Records that count how often a migration has visited them. */
export const pages = collection({
  family: "pages",
  version: 1,
  schema: z.object({ visits: z.int() }),
});

/** Visits each of these records once. */
export const visitAll: WrittenMigration = {
  run: (context) =>
    eachRecord(context, {
      collection: pages,
      visit: (tx, page) => tx.replace(page, { visits: page.value.visits + 1 }),
    }),
};

/** Writes `count` records that nothing has visited. */
export function writePages(kv: Kv, count: number): Promise<void> {
  return kv.step(systemOrigin, (tx) => {
    for (let n = 0; n < count; n++) {
      tx.add(pages.ref(String(n).padStart(4, "0")), { visits: 0 });
    }
  });
}

/** How often each record was visited, in the order of their keys. */
export async function visitsOf(kv: Kv): Promise<number[]> {
  const page = await kv.list({ collection: pages, limit: 500 });
  return page.entries.map((entry) => entry.value.visits);
}

/** Moves the time on, a second at once, until something is done. */
export async function whileTimePasses<T>(clock: TestClock, work: Promise<T>): Promise<T> {
  let done = false;
  const settled = () => void (done = true);
  work.then(settled, settled);
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    clock.advance(1);
  }
  return await work;
}
