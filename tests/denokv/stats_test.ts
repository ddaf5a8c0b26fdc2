import { assertEquals, assertStringIncludes } from "@std/assert";
import { openRemote } from "../../stores/engine/remote.ts";
import { systemTimers } from "../../stores/engine/kv.ts";
import { accessToken, aKvServer, testOnDenokv } from "../support/denokv.ts";
import { taskNamed } from "../support/tasks.ts";

testOnDenokv("deno task stats counts the records of a KV Connect server", async () => {
  await using server = await aKvServer();
  Deno.env.set("DENO_KV_ACCESS_TOKEN", accessToken);
  const store = await openRemote(() => Deno.openKv(server.url), { timers: systemTimers });
  for (let n = 0; n < 1200; n += 400) {
    const mutations = Array.from({ length: 400 }, (_, m) => ({
      type: "set" as const,
      key: ["grants", n + m],
      value: { version: 1, record: {} },
    }));
    await store.commit({ checks: [], mutations });
  }
  store.close();
  const [, ...args] = (await taskNamed("stats")).split(" ");
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("../../", import.meta.url),
    env: server.env,
  }).output();
  assertEquals(code, 0);
  assertStringIncludes(new TextDecoder().decode(stdout), "1,200");
});
