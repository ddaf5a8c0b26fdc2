import { assertEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { assertGoesOnWithout } from "../support/replaced_files.ts";
import { anInstallation } from "../support/server_process.ts";

const root = new URL("../../", import.meta.url);
const ops = aClient("ops", { grant_types: ["client_credentials"], redirect_uris: [] });

Deno.test("a process goes on as it began when its sources are replaced: it has read what it will load", async () => {
  const folder = await Deno.makeTempDir({ prefix: "latchkey-sources-" });
  const moved = `${folder} moved`;
  try {
    await copySources(folder);
    await using installation = await anInstallation({ clients: [ops] });
    const env = { LATCHKEY_LOG_LEVEL: "debug" };
    const server = await installation.start({ sources: folder, built: null, env });
    await assertGoesOnWithout(folder, moved, server, ops);
    assertEquals((await server.kill("SIGTERM")).code, 0);
  } finally {
    await Deno.remove(await isThere(moved) ? moved : folder, { recursive: true });
  }
});

/** What a checkout needs to start. */
async function copySources(to: string) {
  for (const name of ["deno.json", "deno.lock"]) {
    await Deno.copyFile(new URL(name, root), `${to}/${name}`);
  }
  for await (const { name, isFile } of Deno.readDir(root)) {
    if (isFile && name.endsWith(".ts")) await Deno.copyFile(new URL(name, root), `${to}/${name}`);
  }
  for (const name of ["migrations", "routes", "src", "stores"]) {
    await copyFolder(new URL(`${name}/`, root), `${to}/${name}`);
  }
}

async function copyFolder(from: URL, to: string) {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(new URL(`${name}/`, from), `${to}/${name}`);
    else await Deno.copyFile(new URL(name, from), `${to}/${name}`);
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
