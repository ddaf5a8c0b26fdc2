import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { anAdminApi, problemOf } from "../admin/api.ts";
import { aClient } from "../support/clients.ts";
import { isOlderDeno, testOnNewerDeno } from "../support/newer_deno.ts";
import { anInstallation, freePort, type ServerProcess } from "../support/server_process.ts";
import { tokensOf } from "../support/tokens.ts";

const root = new URL("../../", import.meta.url);
const ops = aClient("ops", {
  grant_types: ["client_credentials"],
  redirect_uris: [],
  scope: "latchkey:admin",
});

// Two server processes and some seconds of load: the copy is to be made while others write.
testOnNewerDeno(
  "whose SQLite cannot copy a file in use",
  "the admin API copies a store that is written to: whole, for its owner alone, and good to boot from",
  async () => {
    await using installation = await anInstallation({ clients: [ops] });
    const folder = `${installation.directory}/backups`;
    const server = await installation.start({ env: { LATCHKEY_BACKUP_FOLDER: folder } });
    const before = await adminToken(server);
    const load = startLoad(server);
    await load.done(100);

    const operation = await backUp(server, before);
    const { file, bytes } = operation.result;
    assertMatch(file, /^latchkey-20\d\d-\d\d-\d\dT\d\d-\d\d-\d\dZ-[\w-]{8}\.sqlite$/);
    const { size, mode } = await Deno.stat(`${folder}/${file}`);
    assertEquals([size, (mode ?? 0) & 0o777], [bytes, 0o600]);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), [file]);
    assertEquals(await load.stop(), 0, "no request failed meanwhile");
    const [event] = await events(server, "backup_requested");
    assertEquals([event.about, event.actor], [file, "client:ops"]);

    const restored = installation.spawn({
      port: freePort(),
      env: {
        LATCHKEY_KV: `${folder}/${file}`,
        LATCHKEY_RESTORED: "1",
        LATCHKEY_BACKUP_FOLDER: folder,
      },
    });
    await restored.ready();
    assertEquals(
      (await admin(restored, before, "/clients")).status,
      401,
      "what was given out is dead",
    );
    const after = await adminToken(restored);
    assertEquals((await admin(restored, after, "/clients")).status, 200);
    // The copy was made under the lease of the backup.
    assertEquals((await backUp(restored, after)).state, "done");
  },
);

Deno.test("a backup by the admin API that is not possible is refused with the alternative", async () => {
  await using api = await anAdminApi({ config: { backupFolder: "/nowhere" } });
  const inMemory = await api.post("/maintenance/backup");
  assertEquals(problemOf(inMemory), "409 conflict");
  await using remote = await anAdminApi({
    config: { backupFolder: "/nowhere", kv: { kind: "remote", url: "http://127.0.0.1:4512" } },
  });
  const { body } = await remote.post("/maintenance/backup");
  assertStringIncludes(body.detail, "deno task backup FILE");
  assertEquals(
    problemOf(await api.call("POST", "/maintenance/backup", { token: null })),
    "401 invalid-token",
  );

  await using installation = await anInstallation({ clients: [ops] });
  const server = await installation.start();
  const token = await adminToken(server);
  const unset = await admin(server, token, "/maintenance/backup", "POST");
  assertEquals(unset.status, 409);
  assertStringIncludes((await unset.json()).detail, "LATCHKEY_BACKUP_FOLDER");
  await server.kill("SIGTERM");

  const elsewhere = await installation.start({
    env: { LATCHKEY_BACKUP_FOLDER: "/etc/latchkey-none" },
  });
  const forbidden = await admin(
    elsewhere,
    await adminToken(elsewhere),
    "/maintenance/backup",
    "POST",
  );
  assertEquals(forbidden.status, 500);
  assertStringIncludes((await forbidden.json()).detail, "--allow-write");
});

Deno.test("deno task backup overwrites no file, and explains what to do if the store is not a file", async () => {
  const directory = await Deno.makeTempDir({ prefix: "latchkey-" });
  try {
    const kv = await Deno.openKv(`${directory}/kv.sqlite`);
    await kv.set(["a"], 1);
    const there = `${directory}/there`;
    await Deno.writeTextFile(there, "mine");
    for (
      const [store, args, code, said] of [
        [`${directory}/kv.sqlite`, [], 2, "usage"],
        [`${directory}/kv.sqlite`, [there], 1, "is there already"],
        [`${directory}/none.sqlite`, [`${directory}/copy`], 1, "No such file"],
        [":memory:", [`${directory}/copy`], 1, "in memory"],
        ["http://127.0.0.1:4512", [`${directory}/copy`], 1, "the server's own file"],
      ] as const
    ) {
      const task = await runTask(args, store);
      assertEquals(task.code, code, task.said);
      assertStringIncludes(task.said, said);
    }
    assertEquals(await Deno.readTextFile(there), "mine");
    if (!isOlderDeno) {
      const copied = await runTask([`${directory}/copy's`], `${directory}/kv.sqlite`);
      assertEquals(copied.code, 0, copied.said);
      const copy = await Deno.openKv(`${directory}/copy's`);
      assertEquals((await copy.get(["a"])).value, 1);
      copy.close();
    }
    kv.close();
    const left = [...Deno.readDirSync(directory)].filter(({ name }) => name.includes("unfinished"));
    assertEquals(left, []);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a server that boots on a damaged file reports it in its log and at readyz", async () => {
  await using installation = await anInstallation({ clients: [ops] });
  const server = await installation.start();
  await Promise.all(Array.from({ length: 100 }, () => adminToken(server)));
  await server.kill("SIGTERM");
  damagePageOf(`${installation.directory}/kv.sqlite`, "access_tokens");

  const again = installation.spawn();
  for (;;) {
    const answer = await fetch(`${again.url}/readyz`).catch(() => null);
    const body = await answer?.json();
    if (body?.reason === "store_damaged") break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assertStringIncludes(again.output(), "the store's file is damaged");
});

/** Overwrites the beginning of a page that holds records of a family, which nobody reads at a boot. */
function damagePageOf(path: string, family: string) {
  const bytes = Deno.readFileSync(path);
  const text = new TextDecoder("latin1").decode(bytes);
  for (let page = 4096; page < bytes.length; page += 4096) {
    const content = text.slice(page, page + 4096);
    const isLeaf = bytes[page] === 0x0a || bytes[page] === 0x0d;
    const isMissing = (word: string) => content.split(word).length <= 3;
    // An index has their keys alone. V8 begins each value with 255 and the version of its format.
    const hasRecords = !isMissing(family) && !["\xff\x0f", "\xff\x10"].every(isMissing);
    if (!isLeaf || !hasRecords) continue;
    bytes.fill(0xff, page, page + 64);
    Deno.writeFileSync(path, bytes);
    return;
  }
  throw new Error(`no page holds records of ${family}`);
}

async function adminToken({ url }: ServerProcess): Promise<string> {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: "ops",
    client_secret: ops.client_secret ?? "",
    scope: "latchkey:admin",
    resource: `${await issuerOf(url)}/api/v1`,
  });
  const { access_token } = await tokensOf(await fetch(`${url}/token`, { method: "POST", body }));
  return access_token;
}

async function issuerOf(url: string): Promise<string> {
  const discovery = await fetch(`${url}/.well-known/openid-configuration`);
  return (await discovery.json()).issuer;
}

function admin({ url }: ServerProcess, token: string, path: string, method = "GET") {
  return fetch(`${url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}` } });
}

async function events(server: ServerProcess, type: string) {
  const answer = await admin(server, await adminToken(server), `/audit-events?type=${type}`);
  return (await answer.json()).items;
}

/** Makes a backup, and waits for it where its operation is. */
async function backUp(server: ServerProcess, token: string) {
  const started = await admin(server, token, "/maintenance/backup", "POST");
  assert(started.status === 200 || started.status === 202, await started.clone().text());
  await started.body?.cancel();
  const place = (started.headers.get("location") ?? "").replace("/api/v1", "");
  for (;;) {
    const operation = await (await admin(server, token, place)).json();
    if (operation.state === "done") return operation;
    assertEquals(operation.state, "running", JSON.stringify(operation));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Asks for tokens, over and over. */
function startLoad(server: ServerProcess) {
  let [answered, failed, isStopped] = [0, 0, false];
  const work = Promise.all(Array.from({ length: 8 }, async () => {
    while (!isStopped) await adminToken(server).then(() => answered++, () => failed++);
  }));
  return {
    async done(count: number) {
      const goal = answered + count;
      while (answered < goal) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async stop() {
      isStopped = true;
      await work;
      return failed;
    },
  };
}

async function runTask(args: readonly string[], store: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "backup", ...args],
    cwd: root,
    env: { NO_COLOR: "1", LATCHKEY_KV: store },
  }).output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}
