import { assertEquals } from "@std/assert";
import { anAdminApi, problemOf } from "./api.ts";

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
