import { z } from "zod";
import { collection, type Entry, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** An HMAC of the entry as written in the file, because an entry can hold a password. */
  contentMac: z.string(),
  /** An HMAC of the password or secret in it. Null: it has none, or an earlier release has applied it. */
  secretMac: z.string().nullable().default(null),
  appliedAt: z.int(),
});
/** An entry of the bootstrap file that was applied. */
export type BootstrapEntry = z.infer<typeof schema>;
const bootstrapEntries = collection({ family: "bootstrap_entries", version: 1, schema });

export type BootstrapKind =
  | "client"
  | "custom_claim"
  | "authorization_detail_type"
  | "trusted_issuer"
  | "workload_issuer"
  | "group"
  | "user"
  | "resource";

/** The place of the record about an entry; `id` is at most 256 characters. */
export function ref(kind: BootstrapKind, id: string): Ref<BootstrapEntry> {
  return bootstrapEntries.ref(kind, id);
}

/** Both MACs of an entry. */
export type EntryMacs = Pick<BootstrapEntry, "contentMac" | "secretMac">;

/** Records that an entry was applied, in the same commit. */
export function remember(tx: Transaction, found: Entry<BootstrapEntry>, macs: EntryMacs) {
  const record = { ...macs, appliedAt: tx.now };
  if (found.value === null) tx.create(found.ref, record);
  else tx.replace(found, record);
}

/** Stores the MACs under the new master key after a rotation. It does not apply the entry. */
export function keepMacs(tx: Transaction, found: Entry<BootstrapEntry>, macs: EntryMacs) {
  if (found.value !== null) tx.replace(found, { ...found.value, ...macs });
}
