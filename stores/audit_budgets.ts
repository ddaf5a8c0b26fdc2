import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { collection, type Entry, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** Events written since the first one. */
  written: z.int(),
  /** An hour after the first one. */
  expiresAt: z.int(),
});
/** How many events a subject had within an hour, where strangers can bring about any number. */
export type AuditBudget = z.infer<typeof schema>;
const budgets = collection({ family: "audit_budgets", version: 1, schema });

const period = 3600;

/** Points at the budget of a subject, such as a client and an address. */
export async function ref(...subject: string[]): Promise<Ref<AuditBudget>> {
  return budgets.ref(await digest(JSON.stringify(subject)));
}

export function isSpent(budget: Entry<AuditBudget>, most: number): boolean {
  return budget.value !== null && budget.value.written >= most;
}

/** Counts one more event. */
export function spend(tx: Transaction, budget: Entry<AuditBudget>) {
  if (budget.value === null) tx.create(budget.ref, { written: 1, expiresAt: tx.now + period });
  else tx.replace(budget, { ...budget.value, written: budget.value.written + 1 });
}
