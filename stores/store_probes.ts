import { z } from "zod";
import { collection } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  at: z.int(),
  /** Fills some pages: on a disk that has just become full, a few bytes may still find room. */
  filler: z.string(),
  expiresAt: z.int(),
});
const storeProbes = collection({ family: "store_probes", version: 1, schema });

/** Overwrites the record with which a process tests whether the store accepts a commit. */
export function write(tx: Transaction, processId: string) {
  const filler = "-".repeat(8192);
  tx.add(storeProbes.ref(processId), { at: tx.now, filler, expiresAt: tx.now + 3600 });
}
