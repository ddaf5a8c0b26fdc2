import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { randomId } from "../src/crypto/random.ts";
import { collection, type Entry, type Peeked, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** Events written since the first one. */
  written: z.int(),
  /** One hour after the first event. */
  expiresAt: z.int(),
});
/** The number of events for one subject within an hour, where strangers can cause any number of events. */
export type AuditBudget = z.infer<typeof schema>;
const budgets = collection({ family: "audit_budgets", version: 1, schema });

const period = 3600;

/** The place of the budget of a subject, such as a client and an address. */
export async function ref(...subject: string[]): Promise<Ref<AuditBudget>> {
  return budgets.ref(await digest(JSON.stringify(subject)));
}

export function isSpent(budget: Peeked<AuditBudget>, most: number): boolean {
  return budget.value !== null && budget.value.written >= most;
}

/**
 * The budget for failed sign-ins with unknown usernames. It has several parts, so that concurrent
 * requests seldom conflict.
 */
export async function ofNobody(requestId: string | null): Promise<Ref<AuditBudget>> {
  const part = (requestId ?? "").charCodeAt(0) % 16;
  return await ref("sign_in_failed", "nobody", String(part));
}

/** Events an hour in each part of that budget. */
export const mostOfNobody = 20;

/**
 * Writes a record that lives one minute, where another step would write an event: so both take equally
 * long.
 */
export function addDecoy(tx: Transaction) {
  tx.add(budgets.ref(randomId(tx.random)), { written: 0, expiresAt: tx.now + 60 });
}

/** Counts one more event. */
export function spend(tx: Transaction, budget: Entry<AuditBudget>) {
  if (budget.value === null) tx.create(budget.ref, { written: 1, expiresAt: tx.now + period });
  else tx.replace(budget, { ...budget.value, written: budget.value.written + 1 });
}
