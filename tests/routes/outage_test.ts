import { assertEquals } from "@std/assert";
import { systemTimers } from "../../stores/engine/kv.ts";
import { aProvider, type ProviderOptions } from "../support/provider.ts";
import { faultyKv } from "../support/faulty_kv.ts";
import { answerOf, signInOffline } from "../support/tokens.ts";

/** A store that can be cut off. */
function aFragileStore() {
  const state = { isDown: false };
  const wrap: ProviderOptions["wrap"] = (store) =>
    faultyKv({ ...store, remote: true }, {
      timers: systemTimers,
      fault: () => state.isDown ? { kind: "throwBefore" } : null,
    });
  return { state, wrap };
}

Deno.test("healthz says that the process runs, readyz that it can do its work", async () => {
  const { state, wrap } = aFragileStore();
  await using provider = await aProvider({ wrap });
  const statusOf = async (path: string) => (await provider.request(path)).status;
  assertEquals([await statusOf("/healthz"), await statusOf("/readyz")], [200, 200]);

  state.isDown = true;
  const notReady = await provider.request("/readyz");
  assertEquals([await statusOf("/healthz"), notReady.status], [200, 503]);
  assertEquals(notReady.headers.get("retry-after"), "1");
  state.isDown = false;
  assertEquals(await statusOf("/readyz"), 200);
});

Deno.test("readyz is 503 in a process that cannot load a signing key, and stays so", async () => {
  await using provider = await aProvider();
  const keys = await provider.backend.list({ prefix: ["signing_keys"] }, { limit: 100 });
  const mutations = keys.entries
    .filter(({ value }) => JSON.stringify(value).includes("RS256"))
    .map(({ key }) => ({ type: "delete" as const, key }));
  await provider.backend.commit({ checks: [], mutations });
  const restarted = provider.restart();
  for (let n = 0; n < 3; n++) assertEquals((await restarted.request("/readyz")).status, 503);
});

Deno.test("while the store is unavailable, every answer is 503 with Retry-After: JSON for clients, pages for users", async () => {
  const { state, wrap } = aFragileStore();
  await using provider = await aProvider({ wrap });
  const tokens = await signInOffline(provider);
  const code = await provider.authorize();
  const authorization = `Bearer ${tokens.access_token}`;
  const token = tokens.access_token;
  const credentials = provider.credentials();
  const interaction = "A".repeat(22);
  const discovery = await (await provider.request("/.well-known/openid-configuration")).text();

  state.isDown = true;
  const forClients: [string, Response][] = [
    ["/token code", await provider.exchange(code)],
    ["/token refresh", await provider.refresh(tokens.refresh_token)],
    ["/introspect", await provider.post("/introspect", { token, ...credentials })],
    ["/revoke", await provider.post("/revoke", { token, ...credentials })],
    ["/userinfo", await provider.request("/userinfo", { headers: { authorization } })],
    ["/.well-known/jwks.json", await provider.request("/.well-known/jwks.json")],
  ];
  for (const [path, response] of forClients) {
    assertEquals(response.headers.get("retry-after"), "1", path);
    assertEquals(response.headers.get("cache-control"), "no-store", path);
    assertEquals(response.headers.has("www-authenticate"), false, path);
    assertEquals(await answerOf(response), "503 temporarily_unavailable", path);
  }
  const forPeople: [string, Response][] = [
    ["/authorize", await provider.request(provider.authorizeUrl())],
    ["/login", await provider.request(`/login?interaction=${interaction}`)],
    ["/consent", await provider.request(`/consent?interaction=${interaction}`)],
    ["/logout", await provider.request("/logout")],
  ];
  for (const [path, response] of forPeople) {
    assertEquals(response.status, 503, path);
    assertEquals(response.headers.get("retry-after"), "1", path);
    assertEquals(response.headers.get("content-type"), "text/html; charset=UTF-8", path);
    assertEquals((await response.text()).includes("temporarily_unavailable"), true, path);
  }
  const during = await provider.request("/.well-known/openid-configuration");
  assertEquals([during.status, await during.text()], [200, discovery]);

  state.isDown = false;
  assertEquals(await answerOf(await provider.exchange(code)), "200");
  assertEquals(await answerOf(await provider.refresh(tokens.refresh_token)), "200");
});
