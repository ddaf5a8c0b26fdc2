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
  /** Where it was sent, and so what its acceptance proves. */
  email: z.string(),
  /** Proposed; null: the person chooses freely. */
  username: z.string().nullable(),
  /** Standard claims of the account, beside the address. */
  claims: z.record(z.string(), z.unknown()),
  administrator: z.boolean(),
  /** Where the person goes on afterwards; null: nowhere else. */
  clientId: z.string().nullable(),
  /** Of its mail. */
  language: z.string(),
  /** Of the newest link: an earlier one opens nothing. */
  tokenDigest: z.string(),
  providerEpoch: z.int(),
  createdAt: z.int(),
  /** When its newest mail was written. */
  sentAt: z.int(),
  /** The person who accepted it; a record that has one is a tombstone. */
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

/** Gives it another link and another end; the links before are dead. */
export function renew(
  tx: Transaction,
  invitation: Fresh<Invitation>,
  link: Pick<Invitation, "tokenDigest" | "providerEpoch" | "sentAt" | "expiresAt">,
): Invitation {
  const renewed = { ...invitation.value, ...link };
  tx.replace(invitation, renewed);
  return renewed;
}

/** Spends it in the commit that makes the account. */
export function consume(tx: Transaction, invitation: Fresh<Invitation>, userId: string) {
  tx.replace(invitation, { ...invitation.value, spentBy: userId });
}

/** Withdraws it: its link leads nowhere. */
export function withdraw(tx: Transaction, invitation: Present<Invitation>) {
  tx.delete(invitation);
}
