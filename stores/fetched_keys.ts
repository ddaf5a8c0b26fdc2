import { z } from "zod";
import { type Entry, isPresent } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import { publicJwkSchema } from "./public_jwk.ts";

/** The members of a record with keys that somebody publishes. */
export const fetchedKeysShape = {
  keys: z.array(publicJwkSchema),
  /** When they were last fetched or could not be fetched, in epoch seconds. */
  triedAt: z.int(),
  /** Until then they are used without another look, in epoch seconds. */
  freshUntil: z.int(),
  expiresAt: z.int(),
};
const fetchedKeysSchema = z.object(fetchedKeysShape);
export type FetchedKeys = z.infer<typeof fetchedKeysSchema>;

/** Writes what was found, over what was found before. */
export function keep<Kept extends FetchedKeys>(tx: Transaction, entry: Entry<Kept>, keys: Kept) {
  if (isPresent(entry)) tx.replace(entry, keys);
  else tx.create(entry.ref, keys);
}
