import { z } from "zod";
import { collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const operationKinds = ["backup", "cleanup", "seal", "verify"] as const;
export type OperationKind = (typeof operationKinds)[number];

const schema = z.object({
  kind: z.enum(operationKinds),
  state: z.enum(["running", "done", "failed", "interrupted"]),
  /** The lease that its process holds while it runs. The holder is the id of the operation. */
  lease: z.string(),
  startedBy: z.string(),
  startedAt: z.int(),
  updatedAt: z.int(),
  /** The progress, as named counts. */
  progress: z.record(z.string(), z.int()),
  /** The result, once it is done. */
  result: z.record(z.string(), z.unknown()).nullable(),
  /** Why it failed, in a sentence for the operator. */
  problem: z.string().nullable(),
  expiresAt: z.int(),
});
/** An operation that takes longer than a request may: what it is, and its state. */
export type MaintenanceOperation = z.infer<typeof schema>;
const operations = collection({ family: "maintenance_operations", version: 1, schema });

/** Seconds for which an operation can be looked up after its last update. */
const kept = 7 * 86_400;

export function ref(id: string): Ref<MaintenanceOperation> {
  return operations.ref(id);
}

export function idOf({ ref }: { readonly ref: Ref<MaintenanceOperation> }): string {
  return String(ref.key[1]);
}

/** Adds an operation that starts. `id` is fresh and random. */
export function add(
  tx: Transaction,
  id: string,
  begun: Pick<MaintenanceOperation, "kind" | "lease" | "startedBy">,
) {
  tx.add(ref(id), {
    ...begun,
    state: "running",
    startedAt: tx.now,
    updatedAt: tx.now,
    progress: {},
    result: null,
    problem: null,
    expiresAt: tx.now + kept,
  });
}

/** Records progress, or the result. */
export function update(
  tx: Transaction,
  operation: Present<MaintenanceOperation>,
  change: Partial<Pick<MaintenanceOperation, "state" | "progress" | "result" | "problem">>,
) {
  const { value } = operation;
  tx.replace(operation, { ...value, ...change, updatedAt: tx.now, expiresAt: tx.now + kept });
}
