import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { randomId } from "../src/crypto/random.ts";
import { collection, type Entry, type Peeked, type Ref } from "./engine/collection.ts";
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

export function isSpent(budget: Peeked<AuditBudget>, most: number): boolean {
  return budget.value !== null && budget.value.written >= most;
}

/** Of failed sign-ins with names that nobody has; in parts, so that those at one moment seldom meet. */
export async function ofNobody(requestId: string | null): Promise<Ref<AuditBudget>> {
  const part = (requestId ?? "").charCodeAt(0) % 16;
  return await ref("sign_in_failed", "nobody", String(part));
}

/** Events an hour in each part of that budget. */
export const mostOfNobody = 20;

/** Writes something that lasts a minute, where another step writes an event: both take as long. */
export function addDecoy(tx: Transaction) {
  tx.add(budgets.ref(randomId(tx.random)), { written: 0, expiresAt: tx.now + 60 });
}

/** Counts one more event. */
export function spend(tx: Transaction, budget: Entry<AuditBudget>) {
  if (budget.value === null) tx.create(budget.ref, { written: 1, expiresAt: tx.now + period });
  else tx.replace(budget, { ...budget.value, written: budget.value.written + 1 });
}
