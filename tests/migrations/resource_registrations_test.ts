import { assertEquals } from "@std/assert";
import { migrations } from "../../migrations/index.ts";
import { runMigrations } from "../../migrations/runner.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { processes } from "./processes.ts";

const upTo = migrations.findIndex(({ name }) => name === "0006_resource_registrations") + 1;

const set = (key: Deno.KvKey, record: unknown) => ({
  type: "set" as const,
  key,
  value: { version: 1, record },
});
const client = (clientId: string, scope: string, more = {}) =>
  set(["clients", clientId], { clientId, scope: scope.split(" "), ...more });
const resource = (name: string, scopes: string, more = {}) =>
  set(["resources", name], { resource: name, scopes: scopes.split(" "), ...more });

Deno.test("the migration names the clients that use a resource without a registration for it", async () => {
  let backend: KvBackend | undefined;
  await using store = await processes((memory) => backend = memory);
  await backend?.commit({
    checks: [],
    mutations: [
      client("uses", "openid read"),
      client("uses-both", "read write"),
      client("no-api", "openid email"),
      client("said-so", "read", { resources: [] }),
      resource("https://a.example", "read"),
      resource("https://b.example", "read write"),
      resource("https://said.example", "read", { clients: "any" }),
    ],
  });
  const runner = { ...store.runner({}), readSource: Deno.readFile };
  await runMigrations({ ...runner, migrations: migrations.slice(0, upTo) });
  const named = store.logged.flatMap((line) => /client \S+ can use .*?, which/.exec(line) ?? []);
  assertEquals(named, [
    "client uses can use https://a.example, https://b.example, which",
    "client uses-both can use https://a.example, https://b.example, which",
  ]);
});
