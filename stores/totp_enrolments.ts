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
  /** The user's epoch at that moment; after other changes of epoch its session ends. */
  epoch: z.int(),
  /** The key for the app, sealed with the master key; its context is `enrolmentContext`. */
  sealedSecret: z.string(),
  /** The user who has set up the app. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  expiresAt: z.int(),
});
export type TotpEnrolment = z.infer<typeof schema>;
const enrolments = collection({ family: "totp_enrolments", version: 1, schema });

/** Seconds for which the key on the page can be used to set up an app. */
const enrolmentLifetime = 600;

export const all: Collection<TotpEnrolment> = enrolments;

/** The place of a session's one pending key: reloading the page shows the same key. */
export function ref(sessionId: string): Ref<TotpEnrolment> {
  return enrolments.ref(sessionId);
}

/** The encryption context of the key. */
export function enrolmentContext(sessionId: string): string {
  return `totp_enrolments/${sessionId}`;
}

/** Stores a key, and replaces an earlier one. */
export function begin(
  tx: Transaction,
  entry: Entry<TotpEnrolment>,
  enrolment: Omit<TotpEnrolment, "spentBy" | "expiresAt">,
) {
  const fresh = { ...enrolment, spentBy: null, expiresAt: tx.now + enrolmentLifetime };
  if (entry.value === null) tx.create(entry.ref, fresh);
  else tx.replace(entry, fresh);
}

/** Spends a key, in the commit that gives it to the user. The tombstone holds no secret. */
export function consume(tx: Transaction, enrolment: Fresh<TotpEnrolment>, spentBy: string) {
  tx.replace(enrolment, { ...enrolment.value, sealedSecret: "", spentBy });
}
