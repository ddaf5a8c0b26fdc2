import { assertEquals } from "@std/assert";
import { areContextsLoaded } from "../../src/telemetry/logger.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider } from "../support/provider.ts";

// No other test shares its isolate: contexts stay loaded.
Deno.test("documents and health are answered before contexts are loaded, and a refusal has its reason", async () => {
  const limits = { ...defaultConfig.limits, route: { count: 2, seconds: 60 } };
  const config = { rateLimits: true, limits, environment: "development" as const };
  await using provider = await aProvider({ config });
  const discovery = "/.well-known/openid-configuration";
  for (const path of ["/healthz", "/readyz", discovery, discovery]) {
    assertEquals([(await provider.request(path)).status, areContextsLoaded()], [200, false], path);
  }
  const refused = await provider.request(discovery);
  assertEquals(refused.headers.get("latchkey-reason"), "rate_limited");
  assertEquals([refused.status, areContextsLoaded()], [429, true]);
  assertEquals((await provider.request("/healthz")).status, 200);
});
