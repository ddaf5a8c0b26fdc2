import { assertEquals, assertMatch } from "@std/assert";
import { bootstrap } from "../../src/boot/bootstrap.ts";
import { logSetupLink } from "../../src/boot/setup_link.ts";
import { anInstallation } from "./installation.ts";
import { silentLogger } from "../support/silent_logger.ts";

Deno.test("a store that takes no commit delays the link for the first administrator, and stops no server", async () => {
  await using installation = await anInstallation();
  let isFull = false;
  const deps = await installation.process({
    wrap: (backend) => ({
      ...backend,
      commit: (batch) => isFull ? Promise.reject(new Error("disk full")) : backend.commit(batch),
    }),
  });
  await bootstrap(deps, { bootstrapText: null });
  isFull = true;

  const lines: string[] = [];
  const log = (message: string) => void lines.push(message);
  const timers = {
    async sleep() {
      await Promise.resolve();
      isFull = false;
    },
  };
  const logger = { ...silentLogger, info: log, warn: log };
  await logSetupLink({ ...deps, logger, timers }, new AbortController().signal);

  assertEquals(lines.length, 2);
  assertEquals(lines[0], "the link for the first administrator could not be made");
  assertMatch(lines[1] ?? "", /^make the first administrator: \S+\/setup\?token=\S+$/);
});
