import { z } from "zod";
import { type AuditEventKind, auditEventKinds } from "./audit_event_types.ts";
import { collection } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** Epoch milliseconds: no event of the kind from before this time is stored. */
  removedBefore: z.partialRecord(z.enum(auditEventKinds), z.int()),
});
const retention = collection({ family: "audit_retention", version: 1, schema });

/** The time before which all events of a kind are removed, in epoch milliseconds; 0: none are. */
export async function removedBefore(tx: Transaction, kind: AuditEventKind): Promise<number> {
  const { found } = await tx.read({ found: retention.ref() });
  return found.value?.removedBefore[kind] ?? 0;
}

/** Records, in the commit that removes the last of them, that all events of a kind from before are removed. */
export async function advance(tx: Transaction, kind: AuditEventKind, before: number) {
  const { found } = await tx.read({ found: retention.ref() });
  const removedBefore = { ...found.value?.removedBefore, [kind]: before };
  if (found.value === null) tx.create(found.ref, { removedBefore });
  else tx.replace(found, { removedBefore });
}
