import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { anInstallation } from "../support/server_process.ts";
import { aClient } from "../support/clients.ts";
import { aSmallDisk } from "../support/small_disk.ts";
import { openLocalFile } from "../../stores/engine/local_file.ts";
import { watchStoreFile } from "../../src/maintenance/store_file.ts";

/** Error messages of SQLite, as Deno KV passes them on. */
const full = "database or disk is full";
const damaged = "database disk image is malformed";

Deno.test("readyz tests a write at most once in five seconds", async () => {
  let writes = 0;
  await using provider = await aProvider({
    wrap: (backend) => ({
      ...backend,
      commit(batch) {
        if (batch.mutations.some(({ key }) => key[0] === "store_probes")) writes++;
        return backend.commit(batch);
      },
    }),
  });
  const ask = () => Promise.all(Array.from({ length: 50 }, () => readiness(provider)));
  assertEquals(new Set(await ask()), new Set(["ready"]));
  assertEquals(writes, 1);
  provider.clock.advance(4);
  await ask();
  assertEquals(writes, 1);
  provider.clock.advance(1);
  await ask();
  assertEquals(writes, 2);
});

Deno.test("readyz is 503 while the store refuses writes, and ready a second after it accepts them", async () => {
  const store = aFailingStore();
  await using provider = await aProvider({ wrap: store.wrap, logger: store.logger });
  assertEquals(await readiness(provider), "ready");

  store.failCommits(full);
  const refused = await provider.exchange("a.b", {});
  await refused.body?.cancel();
  provider.clock.advance(5);
  assertEquals(await readiness(provider), "store_full");
  assertEquals(await readiness(provider), "store_full");
  assertEquals(store.errors.length, 1, "one line a minute");

  store.failCommits(null);
  provider.clock.advance(1);
  assertEquals(await readiness(provider), "ready");
});

Deno.test("the first write that a full disk refuses makes readyz 503 at once, and the first good one 200", async () => {
  const { store, provider, write } = await aFailingProvider();
  await using _ = provider;
  assertEquals(await readiness(provider), "ready");

  store.failCommits(full);
  assertEquals((await write()).status, 503);
  assertEquals(await readiness(provider), "store_full");
  store.failCommits(null);
  assertEquals(await readiness(provider), "store_full", "no test write at each request");
  assertEquals((await write()).status, 200);
  assertEquals(await readiness(provider), "ready");

  store.failCommits(full);
  provider.clock.advance(5);
  assertEquals(await readiness(provider), "store_full", "its own test write");
  store.failCommits(null);
  assertEquals((await write()).status, 200);
  assertEquals(await readiness(provider), "ready");
  assertEquals(store.errors.length, 1, "one line a minute");
});

Deno.test("no refused request, slow store or failing read makes readyz 503 as a full disk does", async () => {
  const { store, provider, write } = await aFailingProvider();
  await using _ = provider;
  assertEquals(await readiness(provider), "ready");
  store.failCommits("database is locked");
  assertEquals((await write()).status, 503);
  assertEquals(await readiness(provider), "ready");
  store.failCommits(null);
  assertEquals((await provider.exchange("a.b", {})).status, 400);
  assertEquals(await readiness(provider), "ready");
  store.failReads("disk I/O error");
  await (await provider.request(provider.authorizeUrl())).body?.cancel();
  store.failReads(null);
  assertEquals(await readiness(provider), "ready");
});

Deno.test("a damaged file is logged as an error once a minute, and the process stays unready", async () => {
  const store = aFailingStore();
  await using provider = await aProvider({ wrap: store.wrap, logger: store.logger });
  assertEquals(await readiness(provider), "ready");
  store.failReads(damaged);
  for (let n = 0; n < 3; n++) {
    await (await provider.request(provider.authorizeUrl())).body?.cancel();
  }
  store.failReads(null); // another page of the file may be as it was
  assertEquals(await readiness(provider), "store_damaged");
  assertEquals(store.errors.length, 1);
  assertStringIncludes(store.errors[0] ?? "", "damaged");
  assertStringIncludes(store.errors[0] ?? "", "restore a backup");
  provider.clock.advance(61);
  store.failReads(damaged);
  await (await provider.request(provider.authorizeUrl())).body?.cancel();
  assertEquals(store.errors.length, 2);
  assertEquals(await readiness(provider), "store_damaged");
});

Deno.test("readyz is 503 while the store's file is removed or replaced", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/kv.sqlite`;
  const local = await openLocalFile(path);
  try {
    const store = aFailingStore();
    const wrap = (backend: KvBackend) => store.wrap({ ...backend, file: local.file! });
    await using provider = await aProvider({ wrap, logger: store.logger });
    assertEquals(await readiness(provider), "ready");

    await Deno.rename(path, `${path}.away`);
    provider.clock.advance(5);
    assertEquals(await readiness(provider), "store_removed");
    await Deno.writeTextFile(path, "another file");
    provider.clock.advance(1);
    assertEquals(await readiness(provider), "store_removed");
    assertEquals(store.errors.length, 1, "one line a minute");
    assertStringIncludes(store.errors[0] ?? "", "was removed or replaced");

    await Deno.rename(`${path}.away`, path);
    provider.clock.advance(1);
    assertEquals(await readiness(provider), "ready");
  } finally {
    local.close();
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("damage to the file of a running server is noticed at the next check, a minute later", async () => {
  const store = aFailingStore();
  const found: string[][] = [[], [damaged]];
  const slept: number[] = [];
  const ending = new AbortController();
  const file = {
    copy: () => Promise.reject(new Error("no copy")),
    assertCanCopyInto: () => Promise.resolve(),
    problems: () => Promise.resolve(found.shift() ?? []),
    isInPlace: () => Promise.resolve(true),
  };
  await using provider = await aProvider({
    wrap: (backend) => store.wrap({ ...backend, file }),
    logger: store.logger,
  });
  await watchStoreFile({
    ...provider.deps,
    timers: {
      async sleep(milliseconds) {
        slept.push(milliseconds);
        if (found.length > 0) assertEquals(await readiness(provider), "ready");
        else ending.abort();
      },
    },
  }, ending.signal);
  assertEquals(slept, [60_000, 60_000]);
  assertEquals(await readiness(provider), "store_damaged");
  assertStringIncludes(store.errors[0] ?? "", "is damaged");
});

// It starts a server process twice, which takes most of its time.
Deno.test("a server on a full disk reports it at readyz, and is ready again when there is space", async () => {
  await using disk = await aSmallDisk();
  if (disk === null) {
    console.warn("SKIPPED, as only root can mount a small disk: a server on a full disk");
    return;
  }
  await using installation = await anInstallation({
    clients: [aClient("shop")],
    env: { LATCHKEY_KV: `${disk.directory}/kv.sqlite` },
    folders: [disk.directory],
  });
  const server = await installation.start();
  await disk.fill();
  await until(() => readinessAt(server.url), "store_full");
  assertStringIncludes(server.output(), "its disk is full");
  await disk.free();
  await until(() => readinessAt(server.url), "ready");
});

/** @returns also a request that writes: a token of a client's own is a commit */
async function aFailingProvider() {
  const store = aFailingStore();
  const provider = await aProvider({
    clients: [aClient("shop", { grant_types: ["client_credentials"] })],
    wrap: store.wrap,
    logger: store.logger,
  });
  const form = { grant_type: "client_credentials", ...provider.credentials("shop") };
  return { store, provider, write: () => provider.post("/token", form) };
}

async function readiness(provider: TestProvider): Promise<string> {
  return reasonIn(await provider.request("/readyz"));
}

async function readinessAt(url: string): Promise<string> {
  return reasonIn(await fetch(`${url}/readyz`));
}

async function reasonIn(response: Response): Promise<string> {
  const { status, reason } = await response.json();
  assertEquals(response.status, status === "ready" ? 200 : 503);
  return reason ?? status;
}

async function until(ask: () => Promise<string>, wanted: string) {
  for (const giveUpAt = Date.now() + 60_000; Date.now() < giveUpAt;) {
    if (await ask() === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert(false, `not ${wanted} within a minute`);
}

/** A store whose calls fail with what SQLite says, and a logger that keeps the errors. */
function aFailingStore() {
  let reads: string | null = null;
  let commits: string | null = null;
  const errors: string[] = [];
  const failing = <T>(message: string | null, call: () => Promise<T>) =>
    message === null ? call() : Promise.reject(new TypeError(message));
  const ignore = () => {};
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (message) => errors.push(message),
  };
  return {
    errors,
    logger,
    failReads: (message: string | null) => reads = message,
    failCommits: (message: string | null) => commits = message,
    wrap: (backend: KvBackend): KvBackend => ({
      ...backend,
      getMany: (keys) => failing(reads, () => backend.getMany(keys)),
      list: (selector, options) => failing(reads, () => backend.list(selector, options)),
      commit: (batch) => failing(commits, () => backend.commit(batch)),
    }),
  };
}
