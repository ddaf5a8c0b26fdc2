import { z } from "zod";
import {
  type Collection,
  collection,
  type Fresh,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** The address that it was sent to. Accepting the invitation proves this address. */
  email: z.string(),
  /** The proposed username; null: the user chooses freely. */
  username: z.string().nullable(),
  /** Standard claims of the account, in addition to the address. */
  claims: z.record(z.string(), z.unknown()),
  administrator: z.boolean(),
  /** The application to which the user continues afterwards; null: none. */
  clientId: z.string().nullable(),
  /** The language of its mail. */
  language: z.string(),
  /** The digest of the newest link; earlier links are invalid. */
  tokenDigest: z.string(),
  providerEpoch: z.int(),
  createdAt: z.int(),
  /** When its newest mail was written. */
  sentAt: z.int(),
  /** The user who accepted it. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  expiresAt: z.int(),
});
export type Invitation = z.infer<typeof schema>;
const invitations = collection({ family: "invitations", version: 1, schema });

export const all: Collection<Invitation> = invitations;

export function ref(invitationId: string): Ref<Invitation> {
  return invitations.ref(invitationId);
}

export function idOf(invitation: Present<Invitation>): string {
  return String(invitation.ref.key[1]);
}

/** Adds an invitation, under a fresh random id. */
export function add(tx: Transaction, invitationId: string, invitation: Invitation) {
  tx.add(ref(invitationId), invitation);
}

/** Gives it a new link and a new expiry; earlier links become invalid. */
export function renew(
  tx: Transaction,
  invitation: Fresh<Invitation>,
  link: Pick<Invitation, "tokenDigest" | "providerEpoch" | "sentAt" | "expiresAt">,
): Invitation {
  const renewed = { ...invitation.value, ...link };
  tx.replace(invitation, renewed);
  return renewed;
}

/** Spends it, in the commit that creates the account. */
export function consume(tx: Transaction, invitation: Fresh<Invitation>, userId: string) {
  tx.replace(invitation, { ...invitation.value, spentBy: userId });
}

/** Withdraws it: its link becomes invalid. */
export function withdraw(tx: Transaction, invitation: Present<Invitation>) {
  tx.delete(invitation);
}
