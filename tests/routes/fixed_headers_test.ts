import { assert, assertEquals } from "@std/assert";
import type { Declaration } from "../../routes/declaration.ts";
import { longestUrl } from "../../routes/plain_app.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { declaredIn } from "../support/declarations.ts";
import { plainEndpoints } from "../../routes/protocol/index.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider } from "../support/provider.ts";

/** What only one of the endpoints at a path declares, its other methods lack. */
function onePath(endpoints: readonly Declaration[]): Pick<Declaration, "cors" | "noStore"> {
  return {
    cors: endpoints.every(({ cors }) => cors),
    noStore: endpoints.every(({ noStore }) => noStore),
  };
}

/** The last requests of each endpoint are beyond it. */
const limits = { ...defaultConfig.limits, route: { count: 9, seconds: 60 } };
const form = { "content-type": "application/x-www-form-urlencoded" };
const requests: readonly RequestInit[] = [
  ...["GET", "POST", "PUT", "PROPFIND"].map((method) => ({ method })),
  { method: "GET", headers: { authorization: "Basic %%%", dpop: "no proof" } },
  { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" },
  { method: "POST", headers: form, body: `x=${"y".repeat(70_000)}` },
  { method: "POST", headers: form, body: "x=%ff" },
];

Deno.test("each answer of each endpoint, whatever its status, has the headers that all have", async () => {
  let isDown = false;
  const orDown = <T>(call: () => Promise<T>) => isDown ? Promise.reject(new Error("down")) : call();
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    getMany: (keys) => orDown(() => backend.getMany(keys)),
    list: (selector, options) => orDown(() => backend.list(selector, options)),
  });
  await using provider = await aProvider({
    wrap,
    timers: { sleep: () => Promise.resolve() },
    config: { implicit: true, registration: "open", rateLimits: true, limits },
  });
  const byPath = Map.groupBy(declaredIn(provider.deps), ({ path }) => path);
  const forPrograms = new Set(plainEndpoints(provider.deps).map(({ path }) => path));
  const statuses = new Set<number>();
  for (const [declared, endpoints] of byPath) {
    const facts = onePath(endpoints);
    const path = declared.replaceAll(/:\w+(\{[^}]*\})?/g, "A".repeat(22)).replace("*", "x");
    const send = async (at: string, init: RequestInit, { cors } = facts) => {
      const headers = new Headers(init.headers);
      headers.set("origin", "https://app.example");
      const response = await provider.request(at, { ...init, headers });
      statuses.add(response.status);
      const label = `${init.method} ${at.slice(0, 60)}: ${response.status}`;
      assertHeaders(response, { ...facts, cors }, {
        label,
        mayBeFramed: path === "/session/check",
        isDocument: !forPrograms.has(path) && at === path,
      });
      await response.body?.cancel();
    };
    for (const init of requests) await send(path, init);
    // The path of a URL that is too long is not looked at: programs of any origin may read why.
    await send(`${path}?${"x".repeat(longestUrl)}`, { method: "GET" }, { ...facts, cors: true });
    isDown = true;
    for (const method of ["GET", "POST"]) await send(path, { method });
    isDown = false;
    await send(path, { method: endpoints[0]?.methods[0] ?? "GET" });
  }
  for (const status of [200, 303, 400, 401, 404, 405, 413, 414, 415, 429, 503]) {
    assert(statuses.has(status), `nothing was answered ${status}`);
  }
});

function assertHeaders(
  { headers, status }: Response,
  { cors, noStore }: Pick<Declaration, "cors" | "noStore">,
  { label, mayBeFramed, isDocument }: {
    label: string;
    mayBeFramed: boolean;
    isDocument: boolean;
  },
) {
  const fixed = {
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "access-control-allow-origin": cors ? "*" : null,
    server: null,
    "x-powered-by": null,
    ...(isDocument ? { "referrer-policy": "same-origin" } : {}),
    ...(isDocument && !mayBeFramed ? { "x-frame-options": "DENY" } : {}),
    ...(noStore ? { "cache-control": "no-store", pragma: "no-cache" } : {}),
  };
  for (const [name, value] of Object.entries(fixed)) {
    assertEquals(headers.get(name), value, `${label}: ${name}`);
  }
  const policy = headers.get("content-security-policy") ?? "";
  assert(policy.includes("default-src 'none'"), `${label}: ${policy}`);
  // A file that a browser opens by itself may style itself, in a sandbox.
  assert(policy.endsWith("; sandbox") || !policy.includes("unsafe"), `${label}: ${policy}`);
  assertEquals(headers.get("x-request-id")?.length, 22, label);
  assertEquals(headers.has("access-control-expose-headers"), cors, label);
  if (status === 405) assert(headers.has("allow"), label);
  if (status === 429 || status === 503) assert(headers.has("retry-after"), label);
}
