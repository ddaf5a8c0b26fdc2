import { anInstallation } from "../support/server_process.ts";
import { assertRestoreIsSafe, settings } from "./restore.ts";

Deno.test("a file that was set back to a hot backup makes no used credential valid again", async () => {
  await using installation = await anInstallation(settings);
  const file = `${installation.directory}/kv.sqlite`;
  await assertRestoreIsSafe(installation, file, (work) => work());
});
