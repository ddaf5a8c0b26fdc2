import { z } from "zod";
import { collection, type Entry, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import { recentRefs } from "./rate_limits.ts";

/** So many requests, and the last moment at which they can have passed, in epoch milliseconds. */
const passed = z.tuple([z.int(), z.int()]);

const schema = z.object({
  /** The limit's name, for operators: the key is only a digest. */
  limit: z.string(),
  /** The newest moment that a process has seen here, in epoch milliseconds. */
  at: z.int(),
  /** The requests that passed, oldest first. */
  passed: z.array(passed),
  /** The requests that processes may let pass without asking, until a moment. */
  leases: z.array(z.object({ holder: z.string(), until: z.int(), count: z.int() })),
  /** Epoch seconds at which the last request leaves the window. */
  expiresAt: z.int(),
});
/** How often a limited thing was requested. Requests are many, so they are not logged one by one. */
export type RequestCount = z.infer<typeof schema>;
const counts = collection({ family: "request_counts", version: 1, schema, isRarelyRead: true });

/** The place of the count of one limit for one subject, such as an address and a route. */
export const { recentRef: ref, earlyRef } = recentRefs(counts);

/** Stores what several processes count together. */
export function write(tx: Transaction, entry: Entry<RequestCount>, count: RequestCount) {
  if (entry.value === null) tx.create(entry.ref, count);
  else tx.replace(entry, count);
}

/** Stores what only this process counts. Nobody else writes it, so no check is needed. */
export function writeOwn(tx: Transaction, at: Ref<RequestCount>, count: RequestCount) {
  tx.add(at, count);
}

/** Deletes the count: the full limit is available again. */
export function reset(tx: Transaction, entry: Present<RequestCount>) {
  tx.delete(entry);
}
