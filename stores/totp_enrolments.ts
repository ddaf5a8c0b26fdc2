import { z } from "zod";
import {
  type Collection,
  collection,
  type Entry,
  type Fresh,
  type Ref,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  userId: z.string(),
  browserDigest: z.string(),
  /** The person's, at that moment; of the other epochs its session dies. */
  epoch: z.int(),
  /** The key that the app is to take, under the master key; its context is `enrolmentContext`. */
  sealedSecret: z.string(),
  /** Who has the app now; a record that has one is a tombstone. */
  spentBy: z.string().nullable(),
  expiresAt: z.int(),
});
export type TotpEnrolment = z.infer<typeof schema>;
const enrolments = collection({ family: "totp_enrolments", version: 1, schema });

/** Seconds for which an app can be set up with the key that the page shows. */
export const enrolmentLifetime = 600;

export const all: Collection<TotpEnrolment> = enrolments;

/** Points at the one key that a session has before it: a page that is loaded again shows the same. */
export function ref(sessionId: string): Ref<TotpEnrolment> {
  return enrolments.ref(sessionId);
}

/** What the key is sealed for. */
export function enrolmentContext(sessionId: string): string {
  return `totp_enrolments/${sessionId}`;
}

/** Keeps a key, in the place of whatever was there. */
export function begin(
  tx: Transaction,
  entry: Entry<TotpEnrolment>,
  enrolment: Omit<TotpEnrolment, "spentBy" | "expiresAt">,
) {
  const fresh = { ...enrolment, spentBy: null, expiresAt: tx.now + enrolmentLifetime };
  if (entry.value === null) tx.create(entry.ref, fresh);
  else tx.replace(entry, fresh);
}

/** Spends a key, in the commit that gives it to the person; the tombstone keeps no secret. */
export function consume(tx: Transaction, enrolment: Fresh<TotpEnrolment>, spentBy: string) {
  tx.replace(enrolment, { ...enrolment.value, sealedSecret: "", spentBy });
}
