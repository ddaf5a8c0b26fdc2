import { assert, assertEquals, assertRejects } from "@std/assert";
import { later, tellOfFailedLoads } from "../../src/deps/later.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { aProvider } from "../support/provider.ts";

Deno.test("code is loaded once, at its first use", async () => {
  let loads = 0;
  const code = later(() => Promise.resolve(++loads));
  assertEquals([code.peek(), code.begun()], [null, null]);
  const twice = (n: number) => Promise.resolve(n * 2);
  assertEquals(await Promise.all([code.use(twice), code.load(), code.use(twice)]), [2, 1, 2]);
  assertEquals([code.peek(), await code.begun()], [1, 1]);
});

Deno.test("code that cannot be loaded is not tried again, is logged once, and leaves the process unready", async () => {
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (line: string) => errors.push(line) };
  await using provider = await aProvider({ logger });
  const ready = async () => {
    const { status, body } = await provider.request("/readyz");
    await body?.cancel();
    return status;
  };
  assertEquals(await ready(), 200);

  let loads = 0;
  tellOfFailedLoads((error) => provider.deps.health.notice("code_not_loaded", error));
  const code = later(async () => {
    loads++;
    await import(`./${"no_such_module"}.ts`);
  });
  for (let n = 0; n < 3; n++) {
    await assertRejects(() => code.use(() => Promise.resolve()), TypeError, "no_such_module");
  }
  assertEquals(loads, 1);
  assertEquals(errors.length, 1);
  assert(errors[0]?.includes("could not be loaded"), errors[0]);
  provider.clock.advance(3600);
  assertEquals(await ready(), 503);
  assertEquals(await provider.deps.health.check(), "code_not_loaded");
});
