import { z } from "zod";
import { auditEventKinds } from "./audit_event_types.ts";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
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
  /** Starts at 1, without gaps. */
  sequence: z.int(),
  /** The signed values: sequence, Merkle root, number of leaves, digest of the seal before, and `until`. */
  jws: z.string(),
  /** Every event up to this versionstamp is in this seal or in an earlier one. */
  until: z.string(),
  /**
   * Epoch milliseconds of the newest event in it or in a seal before. Not of one that was in the future when
   * it was sealed, which a wrong clock has dated.
   */
  youngest: z.int(),
  count: z.int(),
  /**
   * Not null: more events are to be sealed before `until` can advance. In the order of time, the events up
   * to the place `reached` are sealed as far as they were committed by the versionstamp `upTo`.
   */
  pass: z.object({ upTo: z.string(), reached: z.tuple([z.int(), z.string()]) })
    .nullable().default(null),
  /** The leaves of the seals up to this number are deleted: all their events are past their retention. */
  foldedTo: z.int().default(0),
  createdAt: z.int(),
});
export type AuditSeal = z.infer<typeof sealSchema>;
const auditSeals = collection({ family: "audit_seals", version: 1, schema: sealSchema });

const leafSchema = z.object({
  id: z.string(),
  time: z.int(),
  digest: z.string(),
  /** Absent in leaves of earlier releases. */
  kind: z.enum(auditEventKinds).optional(),
});
/** The part of an event that stays when the event is deleted, until its whole seal is folded. */
export type AuditLeaf = z.infer<typeof leafSchema>;
const leavesSchema = z.object({ leaves: z.array(leafSchema) });
const auditLeaves = collection({ family: "audit_leaves", version: 1, schema: leavesSchema });

export const seals: Collection<AuditSeal> = auditSeals;
export const leaves: Collection<{ leaves: AuditLeaf[] }> = auditLeaves;
/** The number of leaves that fit into one record. */
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

/** Adds a seal. If two have the same number, one fails. */
export function create(tx: Transaction, seal: AuditSeal) {
  tx.create(ref(seal.sequence), seal);
}

/** Deletes a part of a seal's leaves. */
export function removeLeaves(tx: Transaction, part: Present<{ leaves: AuditLeaf[] }>) {
  tx.end(part.ref);
}

/** Stores a part of a seal's leaves, before the seal. It overwrites what an interrupted run left. */
export function addLeaves(tx: Transaction, sequence: number, part: number, list: AuditLeaf[]) {
  tx.add(auditLeaves.ref(sequence, part), { leaves: list });
}
