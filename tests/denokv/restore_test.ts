import { assertRestoreIsSafe, settings } from "../operating/restore.ts";
import { aKvServer, testOnDenokv } from "../support/denokv.ts";
import { anInstallation } from "../support/server_process.ts";

testOnDenokv(
  "a KV Connect server that was set back brings nothing back that was spent since",
  async () => {
    await using kv = await aKvServer();
    await using installation = await anInstallation({ ...settings, env: kv.env });
    await assertRestoreIsSafe(installation, kv.file, async (work) => {
      await kv.kill();
      await work();
      await kv.restart();
    });
  },
);
