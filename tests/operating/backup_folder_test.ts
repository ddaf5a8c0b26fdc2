import { assertEquals, assertStringIncludes } from "@std/assert";
import { backupFolderProblem } from "../../src/maintenance/backup.ts";
import { aProvider } from "../support/provider.ts";
import { anInstallation, type ServerProcess } from "../support/server_process.ts";

/** The output, once it has the text. */
async function outputWith(server: ServerProcess, text: string): Promise<string> {
  for (let tries = 0; tries < 600; tries++) {
    if (server.output().includes(text)) return server.output();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server did not log ${text}:\n${server.output()}`);
}

Deno.test("a boot warns of a folder for backups that cannot be written, before a backup is needed", async () => {
  await using installation = await anInstallation();
  const forbidden = await installation.start({
    env: { LATCHKEY_BACKUP_FOLDER: "/etc/latchkey-none" },
  });
  const warning = "no backup can be made in LATCHKEY_BACKUP_FOLDER, /etc/latchkey-none: start the \
process with --allow-read and --allow-write";
  await outputWith(forbidden, warning);
  await forbidden.kill("SIGTERM");

  const file = `${installation.directory}/file`;
  await Deno.writeTextFile(file, "");
  const server = await installation.start({ env: { LATCHKEY_BACKUP_FOLDER: file } });
  await outputWith(server, `no backup can be made in LATCHKEY_BACKUP_FOLDER, ${file}`);
});

Deno.test("a boot makes the folder for backups, leaves it empty, and does not warn", async () => {
  await using installation = await anInstallation();
  const folder = `${installation.directory}/new/backups`;
  const server = await installation.start({
    env: { LATCHKEY_BACKUP_FOLDER: folder, LATCHKEY_LOG_LEVEL: "debug" },
  });
  await outputWith(server, "all code is read");
  await server.kill("SIGTERM");
  assertEquals([...Deno.readDirSync(folder)], []);
  assertEquals((await Deno.stat(folder)).mode! & 0o777, 0o700);
  assertEquals(server.output().includes("LATCHKEY_BACKUP_FOLDER"), false, server.output());
});

Deno.test("a folder for backups beside a store that is no file has no effect, and a warning says so", async () => {
  await using provider = await aProvider();
  const { config } = provider.deps;
  const kv = { ...provider.deps.kv, file: null };
  const withFolder = { kv, config: { ...config, backupFolder: "/backups" } };
  assertStringIncludes(
    await backupFolderProblem(withFolder) ?? "",
    "is set, but only the store in",
  );
  assertEquals(await backupFolderProblem({ kv, config }), null);
});
