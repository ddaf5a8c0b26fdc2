import type { KvBackend } from "../../stores/engine/kv.ts";
import kept from "./server_records.json" with { type: "json" };

/**
 * Puts the provider's record and its signing keys into a store, as a server with the master key of tests
 * has made them: RSA keys take half a second to make, and each file of tests would make two.
 */
export async function copyServerRecords(backend: KvBackend): Promise<void> {
  const mutations = kept.map((record) => ({ type: "set" as const, ...record }));
  await backend.commit({ checks: [], mutations });
}
