import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { pageAssets } from "../../src/branding/page_assets.ts";
import { unbranded } from "../support/brand.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider, type ProviderOptions } from "../support/provider.ts";
import { atOnce, countByStatus } from "./limiter.ts";

const aLimitedProvider = (options: ProviderOptions = {}) =>
  aProvider({ ...options, config: { rateLimits: true, ...options.config } });

Deno.test("an address can start 60 authorization requests a minute, and gets an error page for the next", async () => {
  await using provider = await aLimitedProvider();
  const begin = (address = "203.0.113.7") => provider.request(provider.authorizeUrl(), { address });

  const responses = await atOnce(70, () => begin());

  assertEquals(countByStatus(responses), { 303: 60, 429: 10 });
  const refused = await begin();
  const page = await refused.text();
  assertStringIncludes(page, "Too many attempts");
  assertStringIncludes(page, "temporarily_unavailable");
  assertEquals(refused.headers.get("retry-after"), "60");
  assertEquals((await begin("203.0.113.8")).status, 303);
  assertEquals((await provider.request("/consent")).status, 400);

  provider.clock.advance(60);
  assertEquals((await begin()).status, 303);
});

Deno.test("an address can send 300 requests a minute to every other route", async () => {
  await using provider = await aLimitedProvider();
  const get = (path: string) => provider.request(path);
  const responses = await atOnce(310, () => get("/.well-known/openid-configuration"));
  assertEquals(countByStatus(responses), { 200: 300, 429: 10 });
  assertEquals((await get("/.well-known/jwks.json")).status, 200);
});

Deno.test("all unknown paths share one limit, so that they cannot fill the store", async () => {
  await using provider = await aLimitedProvider();
  const responses = await atOnce(301, (i) => provider.request(`/nowhere/${i}`));
  assertEquals(countByStatus(responses), { 404: 300, 429: 1 });
  await provider.deps.kv.memory?.close(); // stores what is only in memory
  const { entries } = await provider.backend.list({ prefix: ["request_counts"] }, { limit: 10 });
  assertEquals(entries.length, 1);
});

Deno.test("one address can push 300 requests a minute for a client without a secret, and any number for one with a secret", async () => {
  const clients = [aClient("shop"), aPublicClient("spa")];
  await using provider = await aLimitedProvider({ clients });
  const push = (client: string) => {
    const [, query] = provider.authorizeUrl({ client }).split("?");
    const form = Object.fromEntries(new URLSearchParams(query));
    return provider.post("/par", { ...form, ...provider.credentials(client) });
  };
  assertEquals(countByStatus(await atOnce(310, () => push("spa"))), { 201: 300, 429: 10 });
  assertEquals(countByStatus(await atOnce(310, () => push("shop"))), { 201: 310 });
});

Deno.test("an IPv6 subscriber cannot avoid a limit, because a whole /64 counts as one address", async () => {
  const config = { limits: { ...defaultConfig.limits, route: { count: 3, seconds: 60 } } };
  await using provider = await aLimitedProvider({ config });
  const hosts = ["::1", "::2", ":3:4:5:6", ":ffff:ffff:ffff:ffff", "::7"];
  const statuses = [];
  for (const host of hosts) {
    statuses.push((await provider.request("/", { address: `2001:db8:1:2${host}` })).status);
  }
  assertEquals(statuses, [200, 200, 200, 429, 429]);
  assertEquals((await provider.request("/", { address: "2001:db8:1:3::1" })).status, 200);
});

Deno.test("each answer shows what is left of the limit in the RateLimit fields", async () => {
  await using provider = await aLimitedProvider();
  const get = () => provider.request("/.well-known/openid-configuration");
  const first = await get();
  assertEquals(first.headers.get("ratelimit-policy"), `"route";q=300;w=60`);
  assertEquals(first.headers.get("ratelimit"), `"route";r=299;t=60`);
  assertEquals(first.headers.get("retry-after"), null);
  // A page's script in another origin may read them.
  assertStringIncludes(
    first.headers.get("access-control-expose-headers") ?? "",
    "RateLimit-Policy",
  );

  provider.clock.advance(12.5);
  await atOnce(299, get);
  const refused = await get();
  assertEquals(refused.status, 429);
  assertEquals(refused.headers.get("ratelimit-policy"), `"route";q=300;w=60`);
  assertEquals(refused.headers.get("ratelimit"), `"route";r=0;t=48`);
  assertEquals(refused.headers.get("retry-after"), "48");
  assertEquals(refused.headers.get("access-control-allow-origin"), "*");
  assertEquals(await refused.json(), {
    error: "temporarily_unavailable",
    error_description: "too many requests: try again in 48 seconds",
  });
});

Deno.test("errors and redirects have the RateLimit fields too", async () => {
  await using provider = await aLimitedProvider();
  const error = await provider.request("/session", { headers: { origin: "https://evil.example" } });
  assertEquals([error.status, error.headers.get("ratelimit")], [403, `"route";r=299;t=60`]);
  const redirect = await provider.request(provider.authorizeUrl());
  assertEquals([redirect.status, redirect.headers.get("ratelimit")], [
    303,
    `"authorize";r=59;t=60`,
  ]);
});

Deno.test("health checks, assets and client endpoints are not counted", async () => {
  const config = { limits: { ...defaultConfig.limits, route: { count: 1, seconds: 60 } } };
  await using provider = await aLimitedProvider({ config });
  const { stylesheet, icon } = pageAssets(unbranded);
  for (const path of ["/healthz", "/readyz", stylesheet.url, icon.url]) {
    for (let i = 0; i < 3; i++) {
      const response = await provider.request(path);
      assertEquals([response.status, response.headers.get("ratelimit")], [200, null]);
    }
  }
  for (const path of ["/token", "/par", "/introspect", "/revoke"]) {
    for (let i = 0; i < 3; i++) {
      const response = await provider.post(path, { ...provider.credentials() });
      assert(response.status !== 429 && !response.headers.has("ratelimit"));
    }
  }
});

Deno.test("with limits switched off, nothing is counted and no field is sent", async () => {
  await using provider = await aLimitedProvider({ config: { rateLimits: false } });
  const responses = await atOnce(70, () => provider.request(provider.authorizeUrl()));
  assertEquals(countByStatus(responses), { 303: 70 });
  assertEquals(responses[0]?.headers.get("ratelimit"), null);
  for (const family of ["rate_limits", "request_counts"]) {
    const { entries } = await provider.backend.list({ prefix: [family] }, { limit: 10 });
    assertEquals(entries, []);
  }
});

Deno.test("if the store is unavailable, a request is answered 503 and never let through", async () => {
  let down = false;
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    getMany: (keys) => down ? Promise.reject(new Error("down")) : backend.getMany(keys),
  });
  await using provider = await aLimitedProvider({ wrap });
  down = true;
  // The discovery document itself needs no store.
  const response = await provider.request("/.well-known/openid-configuration");
  assertEquals([response.status, response.headers.get("retry-after")], [503, "1"]);
  assertEquals((await response.json()).error, "temporarily_unavailable");
});
