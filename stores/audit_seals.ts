import { z } from "zod";
import { type Collection, collection, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const keySchema = z.object({
  kid: z.string(),
  /** Ed25519, without private members. */
  publicJwk: z.record(z.string(), z.unknown()),
  /** Sealed with the master key. */
  sealedPrivateJwk: z.string(),
  createdAt: z.int(),
});
export type AuditKey = z.infer<typeof keySchema>;
const auditKeys = collection({ family: "audit_keys", version: 1, schema: keySchema });

const sealSchema = z.object({
  /** From 1 on, without a gap. */
  sequence: z.int(),
  /** What is signed: sequence, Merkle root, number of leaves, digest of the seal before, and `until`. */
  jws: z.string(),
  /** The versionstamp up to which every event is in this seal, or in one before it. */
  until: z.string(),
  /** Epoch milliseconds of the youngest event in it. */
  youngest: z.int(),
  count: z.int(),
  createdAt: z.int(),
});
export type AuditSeal = z.infer<typeof sealSchema>;
const auditSeals = collection({ family: "audit_seals", version: 1, schema: sealSchema });

const leafSchema = z.object({ id: z.string(), time: z.int(), digest: z.string() });
/** What is known of an event for good, also when the event itself is gone. */
export type AuditLeaf = z.infer<typeof leafSchema>;
const leavesSchema = z.object({ leaves: z.array(leafSchema) });
const auditLeaves = collection({ family: "audit_leaves", version: 1, schema: leavesSchema });

export const seals: Collection<AuditSeal> = auditSeals;
export const leaves: Collection<{ leaves: AuditLeaf[] }> = auditLeaves;
/** So many fit into a record. */
export const leavesPerRecord = 300;

export function keyRef(): Ref<AuditKey> {
  return auditKeys.ref();
}

export function createKey(tx: Transaction, key: AuditKey) {
  tx.create(keyRef(), key);
}

export function ref(sequence: number): Ref<AuditSeal> {
  return auditSeals.ref(sequence);
}

/** Adds a seal; of two with the same number one fails. */
export function create(tx: Transaction, seal: AuditSeal) {
  tx.create(ref(seal.sequence), seal);
}

/** Keeps a part of a seal's leaves, before the seal; what an interrupted run left is overwritten. */
export function addLeaves(tx: Transaction, sequence: number, part: number, list: AuditLeaf[]) {
  tx.add(auditLeaves.ref(sequence, part), { leaves: list });
}
