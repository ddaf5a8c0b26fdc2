import { listMigrations } from "./migration.ts";

/**
 * Every migration, in the order in which they run; `migrate:create` adds its line. It lists imports
 * instead of reading the folder, so that it also works where the folder cannot be read. The imports are
 * lazy, so that a start without pending migrations loads none.
 */
export const migrations = listMigrations({
  "0001_store_format": () => import("./0001_store_format.ts"),
  "0002_index_people_by_email": () => import("./0002_index_people_by_email.ts"),
  "0003_people_with_second_factors": () => import("./0003_people_with_second_factors.ts"),
  "0004_index_events_by_person": () => import("./0004_index_events_by_person.ts"),
  "0005_canonical_identifiers": () => import("./0005_canonical_identifiers.ts"),
  "0006_resource_registrations": () => import("./0006_resource_registrations.ts"),
  "0007_fewer_records_on_a_local_file": () => import("./0007_fewer_records_on_a_local_file.ts"),
}, import.meta.url);
