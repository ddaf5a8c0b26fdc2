import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { anInstallation, type ServerProcess } from "../support/server_process.ts";
import { taskNamed } from "../support/tasks.ts";

const root = new URL("../../", import.meta.url);
const machine = aClient("machine", { grant_types: ["client_credentials"], redirect_uris: [] });

/** Runs the task, with the permissions that it has. */
async function stats(kv: string) {
  const [, ...args] = (await taskNamed("stats")).split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { LATCHKEY_KV: kv, NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
}

/** The number of records of a family, as printed. */
function recordsOf(output: string, family: string): number {
  const [, records = "0"] = new RegExp(`^${family} +([\\d,]+) `, "m").exec(output) ?? [];
  return Number(records.replaceAll(",", ""));
}

async function requestToken({ url }: ServerProcess) {
  const { client_id, client_secret = "" } = machine;
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
  const response = await fetch(`${url}/token`, { method: "POST", body });
  await response.body?.cancel();
  return response.status;
}

Deno.test("deno task stats counts the records of a file beside its running server", async () => {
  await using installation = await anInstallation({ clients: [machine] });
  const server = await installation.start();
  const file = `${installation.directory}/kv.sqlite`;
  const before = recordsOf((await stats(file)).output, "access_tokens");
  let isOver = false;
  const statuses = new Set<number>();
  const load = (async () => {
    for (let n = 0; n < 50 || !isOver; n++) statuses.add(await requestToken(server));
  })();
  const during = await stats(file);
  isOver = true;
  await load;
  assertEquals([during.code, [...statuses]], [0, [200]], during.errors);
  const { output } = await stats(file);
  assert(recordsOf(output, "access_tokens") >= before + 50, output);
  assertEquals(recordsOf(output, "clients"), 1);
  assertStringIncludes(output, "bytes each");
  assertStringIncludes(output, "are free");
  await server.kill("SIGTERM");
  assertEquals(
    recordsOf((await stats(file)).output, "access_tokens"),
    recordsOf(output, "access_tokens"),
    "it needs no running server",
  );
});

Deno.test("deno task stats names a store that it cannot read", async () => {
  const memory = await stats(":memory:");
  assertEquals(memory.code, 1);
  assertStringIncludes(memory.errors, "a store in memory");
  const directory = await Deno.makeTempDir();
  const files = { "kv.sqlite": null, "empty.sqlite": "", "half.sqlite": "half of a copy" };
  for (const [name, text] of Object.entries(files)) {
    const path = `${directory}/${name}`;
    if (text !== null) await Deno.writeTextFile(path, text);
    const { code, errors } = await stats(path);
    assertEquals(code, 1);
    assertStringIncludes(errors, `${path} cannot be read as a store (`);
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("deno task stats of a store without records prints that all are none", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/kv.sqlite`;
  const kv = await Deno.openKv(path);
  await kv.get([""]);
  kv.close();
  const { code, output, errors } = await stats(path);
  assertEquals([code, errors, recordsOf(output, "all")], [0, "", 0]);
  assertStringIncludes(output, "all           0      0           -");
  await Deno.remove(directory, { recursive: true });
});
