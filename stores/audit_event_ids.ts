import { digestNow } from "../src/crypto/digest.ts";
import type { AuditEventType } from "./audit_event_types.ts";
import type { Transaction } from "./engine/transaction.ts";

/**
 * The id of the event for an end, the same for every step that causes it: two such steps leave one event.
 * It sorts after the other events of its commit, because it follows from them.
 */
export function idOfEnd(type: AuditEventType, endedId: string): string {
  return lastDigit + digestNow(`${type} ${endedId}`).slice(1);
}

/** In the order in which they sort as keys. */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const lastDigit = digits.charAt(digits.length - 1);
const firstDigit = digits.charAt(0);
/** The most events that share an entry: what a page of entries holds stays small. */
export const mostInEntry = 16;

/** 90 random bits, as other ids have. An event's id is in three of its keys and values, so each character counts. */
const randomCharacters = 15;

/**
 * The id starts with a counter and is random after it: events of one commit have the same time, and are
 * listed in their order.
 */
export function nextEventId(tx: Transaction): string {
  return (digits[tx.ids.ordinal()] ?? lastDigit) + tx.ids.text(randomCharacters);
}

/** Whether an id is that of the first event of its step. */
export function isFirstOfStep(id: string): boolean {
  return id.startsWith(firstDigit);
}

/**
 * The id of an event that shares an entry: the first has the entry's, the others add their place. So they
 * sort after the first, and before the next entry.
 */
export function idInEntry(entryId: string, n: number): string {
  return n === 0 ? entryId : `${entryId}.${digits.charAt(n)}`;
}

/** The id of the entry that holds an event. */
export function entryIdOf(id: string): string {
  const end = id.indexOf(".");
  return end < 0 ? id : id.slice(0, end);
}
