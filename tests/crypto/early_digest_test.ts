import { assertEquals } from "@std/assert";
import { digestNow, earlyDigest } from "../../src/crypto/digest.ts";
import { isNodeCryptoLoaded } from "../../src/crypto/node_crypto.ts";
import { recentRefs } from "../../stores/rate_limits.ts";
import { createServerApp } from "../../routes/server_app.ts";
import * as requestCounts from "../../stores/request_counts.ts";
import { aProvider } from "../support/provider.ts";

// No other test shares its isolate: what is loaded stays loaded.
Deno.test("documents and health are answered before Node's crypto is loaded, and counts go on after it", async () => {
  await using provider = await aProvider({
    config: { rateLimits: true },
    clients: [],
    users: [],
    wrap: (backend) => backend, // no other process has answered anything
    remembers: true,
  });
  const app = createServerApp(provider.deps);
  const get = (path: string) => app.fetch(new Request(new URL(path, provider.deps.config.issuer)));
  const discovery = "/.well-known/openid-configuration";
  for (const path of ["/healthz", "/readyz", discovery, discovery]) {
    const answer = await get(path);
    assertEquals([answer.status, isNodeCryptoLoaded()], [200, false], path);
  }
  const early = await earlyDigest("a text");
  const place = await requestCounts.earlyRef("route", "an address", "a path");
  const remaining = async () =>
    Number(/r=(\d+)/.exec((await get(discovery)).headers.get("ratelimit") ?? "")?.[1]);
  const before = await remaining();
  assertEquals(digestNow("a text"), early);
  assertEquals([earlyDigest("a text"), isNodeCryptoLoaded()], [early, true]);
  assertEquals(await remaining(), before - 1);
  const later = recentRefs(place.collection).recentRef("route", "an address", "a path");
  assertEquals(place.key, later.key);
});
