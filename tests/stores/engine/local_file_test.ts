import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openLocalFile, StoreNotOpened } from "../../../stores/engine/local_file.ts";

Deno.test("the file of a store keeps committed records, in a folder created for it", async () => {
  await using folder = await aFolder();
  const path = `${folder.path}/data/latchkey.kv`;
  const first = await openLocalFile(path);
  await first.commit({ checks: [], mutations: [{ type: "set", key: ["k"], value: "kept" }] });
  first.close();

  const second = await openLocalFile(path);

  assertEquals((await second.getMany([["k"]]))[0]?.value, "kept");
  second.close();
});

Deno.test("records without an end that one commit adds for many users change few pages beside their own", async () => {
  await using folder = await aFolder();
  const path = `${folder.path}/latchkey.kv`;
  const users = 100;
  const entries = (time: number, each: number) =>
    Array.from({ length: users / each }, (_, n) => ({
      type: "set" as const,
      key: ["events_by_user", `the user with the number ${n * each}`, time],
      value: "",
    }));
  const filled = await openLocalFile(path);
  // So many that those of each user fill pages of their own.
  for (let time = 0; time < 100; time++) {
    await filled.commit({ checks: [], mutations: entries(time, 1) });
  }
  filled.close();
  const store = await openLocalFile(path);
  const log = `${path}-wal`;
  const before = (await Deno.stat(log)).size;

  const added = entries(100, 5);
  await store.commit({ checks: [], mutations: added });

  const frames = ((await Deno.stat(log)).size - before) / frameBytes;
  assert(frames >= added.length, `${frames} pages`);
  assert(frames < added.length * 2, `${frames} pages`);
  store.close();
});

/** What SQLite's log takes for a page. */
const frameBytes = 4096 + 24;

Deno.test("a second process on the same file is refused with the reason", async () => {
  await using folder = await aFolder();
  const path = `${folder.path}/latchkey.kv`;
  const holder = await openLocalFile(path);

  const refused = await openInAnotherProcess(path);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.text, `StoreNotOpened: ${path} is in use by another process`);

  holder.close();
  assertEquals(await openInAnotherProcess(path), { code: 0, text: "opened" });
});

Deno.test("the file of a killed process can be opened at once", async () => {
  await using folder = await aFolder();
  const path = `${folder.path}/latchkey.kv`;
  const other = anotherProcess(path, "await new Promise((done) => setTimeout(done, 60_000));");
  const output = other.stdout.getReader();
  await output.read(); // it has opened the file
  await assertRejects(() => openLocalFile(path), StoreNotOpened, "in use");

  other.kill("SIGKILL");
  await other.status;

  (await openLocalFile(path)).close();
  await output.cancel();
  await other.stderr.cancel();
});

Deno.test("only the owner can read and write the file of a store", async () => {
  await using folder = await aFolder();
  const path = `${folder.path}/latchkey.kv`;
  (await openLocalFile(path)).close();
  if (Deno.build.os === "windows") return;
  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o077, 0);
});

Deno.test("a read-only file, for example one restored by root, is refused", async () => {
  await using folder = await aFolder();
  const path = `${folder.path}/latchkey.kv`;
  await Deno.mkdir(path); // nobody writes to a folder
  await assertRejects(() => openLocalFile(path), StoreNotOpened, "it is a folder: name a file");
  await Deno.remove(path);

  (await openLocalFile(path)).close();
  if (Deno.build.os === "windows" || Deno.uid() === 0) {
    console.warn("SKIPPED, as this user writes to any file: a store that is read-only by its mode");
    return;
  }
  await Deno.chmod(path, 0o400);
  await assertRejects(() => openLocalFile(path), StoreNotOpened, "cannot be written");
  await Deno.chmod(path, 0o600);
  (await openLocalFile(path)).close();
});

Deno.test("the file beside the store that cannot be written is named, and the store opens without it", async () => {
  await using folder = await aFolder();
  const path = `${folder.path}/latchkey.kv`;
  for (const suffix of [".lock", "-wal", "-shm"]) {
    await Deno.remove(`${path}.lock`).catch(() => {});
    await Deno.mkdir(path + suffix); // nobody writes to a folder, not even root
    const error = await assertRejects(() => openLocalFile(path), StoreNotOpened);
    assertStringIncludes(error.message, `${path}${suffix} cannot be written (IsADirectory)`);
    await Deno.remove(path + suffix);
    (await openLocalFile(path)).close();
  }
  const error = await assertRejects(() => openLocalFile(`${path}/store.kv`), StoreNotOpened);
  assertStringIncludes(error.message, `${path} cannot be written`);
  assertStringIncludes(error.message, "it is no folder: name another path");
});

Deno.test("a file that is not a store is not opened, and its lock is released", async () => {
  await using folder = await aFolder();
  const path = `${folder.path}/latchkey.kv`;
  await Deno.writeTextFile(path, "no database, but long enough to look at".repeat(100));
  await assertRejects(() => openLocalFile(path), StoreNotOpened, "not a database");

  await Deno.remove(path);

  (await openLocalFile(path)).close();
});

async function openInAnotherProcess(path: string) {
  const { code, stdout, stderr } = await anotherProcess(path, "store.close();").output();
  const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: read(code === 0 ? stdout : stderr).trim() };
}

/** Opens the file as another process of the same runtime would, says so, and goes on. */
function anotherProcess(path: string, andThen: string): Deno.ChildProcess {
  const module = new URL("../../../stores/engine/local_file.ts", import.meta.url).href;
  const program = `
    import { openLocalFile } from ${JSON.stringify(module)};
    const store = await openLocalFile(${JSON.stringify(path)});
    console.log("opened");
    ${andThen}
  `;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", "--unstable-kv", dataUrl(program)],
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
}

function dataUrl(program: string): string {
  return `data:text/typescript,${encodeURIComponent(program)}`;
}

async function aFolder() {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
