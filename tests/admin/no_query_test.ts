import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { declaredIn } from "../support/declarations.ts";
import { anAdminApi, problemOf } from "./api.ts";

Deno.test("each endpoint refuses a parameter of the query that it does not know, before it does anything", async () => {
  await using api = await anAdminApi();
  const declared = declaredIn(api.provider.deps).filter(({ path }) => path.startsWith("/api/v1/"));
  assert(declared.length > 40, "the endpoints were not found");
  const user = (await api.post("/users", { username: "mia" })).body.id;
  const group = (await api.post("/groups", { group: "staff" })).body.group;
  const ids: Record<string, string> = { users: user, groups: group, "rate-limits": "route" };
  const before = await api.events();
  for (const { path, methods } of declared) {
    const id = ids[path.split("/")[3] ?? ""] ?? "A".repeat(22);
    const at = path.slice("/api/v1".length).replaceAll(/:\w+(\{[^}]*\})?/g, id);
    for (const method of methods) {
      const options = /GET|HEAD/.test(method) ? {} : { body: {} };
      for (const query of ["?dry_run=1", "?dry_run="]) {
        const reply = await api.call(method, at + query, options);
        assertEquals(problemOf(reply), "400 invalid-request", `${method} ${path}${query}`);
        assertStringIncludes(JSON.stringify(reply.body), "in the query", `${method} ${path}`);
        // Who has no access learns nothing of the query.
        const stranger = await api.call(method, at + query, { ...options, token: "unknown" });
        assertEquals(problemOf(stranger), "401 invalid-token", `${method} ${path}${query}`);
      }
    }
  }
  assertEquals(await api.events(), before);
});

Deno.test("an export and a job without parameters refuse any, and do nothing", async () => {
  await using api = await anAdminApi({
    config: { backupFolder: "/backups" },
    wrap: (backend) => ({
      ...backend,
      file: {
        copy: () => Promise.resolve(1),
        assertCanCopyInto: () => Promise.resolve(),
        problems: () => Promise.resolve([]),
        isInPlace: () => Promise.resolve(true),
      },
    }),
  });
  const export_ = "/audit-events/export?from=2026-01-01";
  assertEquals(problemOf(await api.get(export_)), "400 invalid-request");
  for (const job of ["backup", "cleanup", "seal"]) {
    const reply = await api.post(`/maintenance/${job}?dry_run=1`);
    assertEquals(problemOf(reply), "400 invalid-request", job);
  }
  const done = (await api.events()).filter((type) => /^(backup_requested|cleanup_run)$/.test(type));
  assertEquals(done, []);
  // Who has no access learns nothing of it.
  const stranger = await api.call("GET", export_, { token: null });
  assertEquals(problemOf(stranger), "401 invalid-token");
  assertEquals((await api.post("/maintenance/backup")).status, 200);
});

Deno.test("a rate limit is not reset if the query has an empty or a repeated parameter", async () => {
  await using api = await anAdminApi();
  const path = "/rate-limits/mail-sender?user_id=somebody";
  for (const more of ["&dry_run=", "&dry_run", "&user_id=another", "&address="]) {
    for (const method of ["GET", "DELETE"]) {
      const reply = await api.call(method, path + more);
      assertEquals(problemOf(reply), "400 invalid-request", `${method} ${more}`);
      assertStringIncludes(JSON.stringify(reply.body), "in the query", `${method} ${more}`);
    }
  }
  assertEquals((await api.get(path)).status, 200);
});
