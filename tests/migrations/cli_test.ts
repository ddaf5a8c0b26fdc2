import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type CommandLine, migrateCommand } from "../../migrations/cli.ts";
import { migrations } from "../../migrations/index.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { systemClock, systemTimers } from "../../stores/engine/kv.ts";
import { tryAcquire } from "../../stores/engine/leases.ts";
import { openLocalFile } from "../../stores/engine/local_file.ts";
import { createKv } from "../../stores/engine/step.ts";

const folder = new URL("../../migrations/", import.meta.url);

/** Runs a task, and keeps what it says. */
async function migrate(args: string[], line: Partial<CommandLine>) {
  const said: string[] = [];
  const code = await migrateCommand(args, {
    latchkeyKv: ":memory:",
    migrations,
    folder,
    print: (text) => said.push(text),
    complain: (text) => said.push(text),
    ...line,
  });
  return { code, said: said.join("\n") };
}

async function temporaryFolder() {
  const path = await Deno.makeTempDir();
  return {
    path,
    url: new URL(`file://${path}/`),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** The migrations of a release as a folder of its own, so that a test may change it. */
async function copyRelease() {
  const copy = await temporaryFolder();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) await Deno.copyFile(new URL(name, folder), new URL(name, copy.url));
  }
  return copy;
}

function migrationsIn(url: URL): CommandLine["migrations"] {
  return migrations.map((m) => ({ ...m, source: new URL(`${m.name}.ts`, url) }));
}

Deno.test("every migration file of this release is listed", async () => {
  assertEquals((await migrate(["validate"], {})).code, 0);
});

Deno.test("migrate:create creates the next file and lists it", async () => {
  await using release = await copyRelease();
  const next = `${String(migrations.length + 1).padStart(4, "0")}_add_person_index`;

  const { code, said } = await migrate(["create", "add_person_index"], { folder: release.url });

  assertEquals(code, 0);
  assertStringIncludes(said, `migrations/${next}.ts`);
  const file = await Deno.readTextFile(new URL(`${next}.ts`, release.url));
  assertStringIncludes(file, `worksFrom: ${migrations.length + 1},`);
  const index = await Deno.readTextFile(new URL("index.ts", release.url));
  assertStringIncludes(index, `  "${next}": () => import("./${next}.ts"),\n}, import.meta.url);`);
});

Deno.test("migrate:create refuses an invalid name, and writes nothing", async () => {
  await using release = await copyRelease();
  const before = await Array.fromAsync(Deno.readDir(release.url));
  const names = ["AddIndex", "add-index", "0002_add", "../add", "add__index", "x".repeat(31), ""];

  for (const name of names) {
    assertEquals((await migrate(["create", name], { folder: release.url })).code, 1, name);
  }

  assertEquals(await Array.fromAsync(Deno.readDir(release.url)), before);
});

Deno.test("migrate:run does not wait for the lease of a process that was killed on the file", async () => {
  await using home = await temporaryFolder();
  const latchkeyKv = `${home.path}/kv.sqlite`;
  const surroundings = { clock: systemClock, timers: systemTimers, random: systemRandom };
  const killed = createKv(await openLocalFile(latchkeyKv), surroundings);
  await tryAcquire(killed, { name: "migrations", holder: "killed", lifetime: 2 });
  await killed.close();

  const { code, said } = await migrate(["run"], { latchkeyKv });

  assertEquals([code, said.includes("waiting")], [0, false], said);
});

Deno.test("migrate:status shows pending migrations, and applied ones after a run", async () => {
  await using home = await temporaryFolder();
  const latchkeyKv = `${home.path}/state/kv.sqlite`;

  const before = await migrate(["status"], { latchkeyKv });
  assertStringIncludes(before.said, latchkeyKv);
  assertMatch(before.said, /^0001 {4}store_format +pending/m);
  assertEquals(await Array.fromAsync(Deno.readDir(home.path)), []);

  assertEquals((await migrate(["run"], { latchkeyKv })).code, 0);

  const after = await migrate(["status"], { latchkeyKv });
  assertMatch(after.said, /^0001 +store_format +applied +\d{4}-\S+Z +\d+ ms +[0-9a-f]{12}$/m);
});

Deno.test("migrate:validate fails if an applied file was changed, and names it", async () => {
  await using home = await temporaryFolder();
  await using release = await copyRelease();
  const line = {
    latchkeyKv: `${home.path}/kv.sqlite`,
    folder: release.url,
    migrations: migrationsIn(release.url),
  };
  await migrate(["run"], line);
  assertEquals((await migrate(["validate"], line)).code, 0);
  await Deno.writeTextFile(new URL("0001_store_format.ts", release.url), "\n", { append: true });

  const { code, said } = await migrate(["validate"], line);

  assertEquals(code, 1);
  assertStringIncludes(said, "migrations/0001_store_format.ts was changed");
});

Deno.test("migrate:validate fails if a file is not listed", async () => {
  await using release = await copyRelease();
  await Deno.writeTextFile(new URL("0999_forgotten.ts", release.url), "");

  const { code, said } = await migrate(["validate"], { folder: release.url });

  assertEquals(code, 1);
  assertStringIncludes(said, "0999_forgotten.ts");
});

Deno.test("a task on a file that is no store says so, and names no server", async () => {
  await using home = await temporaryFolder();
  const latchkeyKv = `${home.path}/kv.sqlite`;
  await Deno.writeTextFile(latchkeyKv, "half of a copy");
  const { code, said } = await migrate(["status"], { latchkeyKv });
  assertEquals(code, 1);
  assertStringIncludes(said, `${latchkeyKv} cannot be opened as a store`);
  assertStringIncludes(said, "restore a backup");
});

Deno.test("an unknown task prints the existing tasks", async () => {
  for (const args of [[], ["destroy"], ["create"], ["run", "0001"], ["create", "a", "b"]]) {
    const { code, said } = await migrate(args, {});
    assertEquals(code, 2);
    assertStringIncludes(said, "migrate:create NAME");
  }
});

// No other test shares its isolate: what ends after a test would end in the next one. So none follows it.
Deno.test({
  name: "a task on a file that a server has open asks to stop the server",
  sanitizeOps: false, // Deno 2.5 has no tryLock: the lock is waited for, and let go by closing the file
  async fn() {
    await using home = await temporaryFolder();
    const latchkeyKv = `${home.path}/kv.sqlite`;
    const server = await openLocalFile(latchkeyKv);

    for (const task of ["status", "validate", "run"]) {
      const { code, said } = await migrate([task], { latchkeyKv });
      assertEquals(code, 1);
      assertStringIncludes(said, `${latchkeyKv} is in use`);
      assertStringIncludes(said, `stop the server for migrate:${task}`);
    }

    server.close();
  },
});
