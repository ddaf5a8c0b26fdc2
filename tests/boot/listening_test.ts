import { assertEquals, assertRejects } from "@std/assert";
import { nextFreePort } from "../../development.ts";
import { listen } from "../../src/boot/server.ts";
import type { Config } from "../../src/config/config.ts";
import { systemTimers } from "../../stores/engine/kv.ts";
import { silentLogger } from "../support/silent_logger.ts";

Deno.test("an address that the process cannot listen at is one sentence that names the setting", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const folder = await Deno.makeTempDir();
  const long = `${folder}/${"x".repeat(100)}.sock`;
  const { port } = taken.addr as Deno.NetAddr;
  const cases: [Partial<Config>, string][] = [
    [{ port }, `PORT ${port} is taken: stop what listens there, or set another one.`],
    [{ host: "192.0.2.1" }, "LATCHKEY_HOST is 192.0.2.1, which is no address of this machine ("],
    [{ host: "nobody.invalid" }, "LATCHKEY_HOST is nobody.invalid, which is no address of this"],
    [{ host: "300.1.1.1" }, "LATCHKEY_HOST is 300.1.1.1, which is no address of this machine ("],
    [{ socket: `${folder}/none/l.sock` }, `LATCHKEY_SOCKET ${folder}/none/l.sock cannot be `],
    [{ socket: long }, `LATCHKEY_SOCKET ${long} cannot be listened at (path must be shorter`],
    [{ socket: folder }, `LATCHKEY_SOCKET ${folder} is a file: name a path that is free.`],
  ];
  for (const [setting, message] of cases) {
    const config = { host: "127.0.0.1", port: 0, socket: null, ...setting } as Config;
    const error = await assertRejects(() => listen(config, answer, surroundings));
    assertEquals((error as Error).name, "ConfigError", String(error));
    assertEquals((error as Error).message.slice(0, message.length), message);
  }
  taken.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a development server that cannot listen at its host says so too, instead of looking for a port", () => {
  for (const host of ["192.0.2.1", "nobody.invalid"]) {
    assertEquals(nextFreePort(host, 8000), 8000);
  }
});

const answer = () => new Response();

const surroundings = {
  timers: systemTimers,
  logger: silentLogger,
  stopping: new AbortController().signal,
};
