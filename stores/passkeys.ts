import { z } from "zod";
import { digest } from "../src/crypto/digest.ts";
import { collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  userId: z.string(),
  /** Base64url; an authenticator chooses it. @see Web Authentication Level 3 section 4 (credential ID) */
  credentialId: z.string().max(1364), // 1,023 bytes
  /** A COSE key, in base64url. @see RFC 9052 section 7 */
  publicKey: z.string(),
  /** The counter of the last accepted signature; always 0 if the authenticator does not count. */
  counter: z.int(),
  /** How the browser may reach the authenticator: hints from the browser. */
  transports: z.array(z.string()),
  /** Whether it can be copied to the user's other devices (`multiDevice`), as of its last use. */
  deviceType: z.enum(["singleDevice", "multiDevice"]),
  /** Whether such a copy exists, as of its last use. */
  backedUp: z.boolean(),
  /** The model of the authenticator, a UUID; all zeros if it does not reveal it. */
  aaguid: z.string(),
  /** The name that the user gave it. */
  name: z.string(),
  createdAt: z.int(),
  lastUsedAt: z.int().nullable(),
  /** When it was last refused because its counter did not grow; null: never. */
  copySuspectedAt: z.int().nullable(),
  /** When its counter last failed to grow, but it was accepted because it is synced; null: never. */
  counterLaggedAt: z.int().nullable(),
});
export type Passkey = z.infer<typeof schema>;
/** Members that change after the registration. */
export type UseOfPasskey = "createdAt" | "lastUsedAt" | "copySuspectedAt" | "counterLaggedAt";
/** Members that a registration proves; the others change later. */
export type NewPasskey = Omit<Passkey, UseOfPasskey>;
const passkeys = collection({
  family: "passkeys",
  version: 2,
  schema,
  upgrades: {
    1: (passkey) => ({
      ...(typeof passkey === "object" ? passkey : null),
      counterLaggedAt: null,
    }),
  },
});

/** The most passkeys that a user can have. */
export const mostPasskeys = 20;

/** The public id of a credential's record, which the user's record lists. */
export function idOfCredential(credentialId: string): Promise<string> {
  return digest(credentialId);
}

export function ref(passkeyId: string): Ref<Passkey> {
  return passkeys.ref(passkeyId);
}

export function idOf(passkey: Present<Passkey>): string {
  return String(passkey.ref.key[1]);
}

/**
 * Creates the record of a credential. The step must add its id to the user's record.
 * @throws {RecordExists} if the credential is registered already, for any user
 */
export function create(tx: Transaction, passkeyId: string, passkey: NewPasskey) {
  tx.create(ref(passkeyId), {
    ...passkey,
    createdAt: tx.now,
    lastUsedAt: null,
    copySuspectedAt: null,
    counterLaggedAt: null,
  });
}

/** Stores the counter of a signature, in the commit that accepts it. */
export function use(
  tx: Transaction,
  passkey: Present<Passkey>,
  { counter, backedUp, deviceType, counterLags }:
    & Pick<Passkey, "counter" | "backedUp" | "deviceType">
    & { readonly counterLags: boolean },
) {
  const { counterLaggedAt } = passkey.value;
  tx.replace(passkey, {
    ...passkey.value,
    counter,
    backedUp,
    deviceType,
    counterLaggedAt: counterLags ? tx.now : counterLaggedAt,
    lastUsedAt: tx.now,
  });
}

/** Records that its counter did not grow. The stored counter stays: a higher one may belong to a copy. */
export function suspectCopy(tx: Transaction, passkey: Present<Passkey>) {
  tx.replace(passkey, { ...passkey.value, copySuspectedAt: tx.now });
}

export function rename(tx: Transaction, passkey: Present<Passkey>, name: string) {
  tx.replace(passkey, { ...passkey.value, name });
}

/** Deletes a credential. The step must remove its id from the user's record, unless it deletes that too. */
export function remove(tx: Transaction, passkeyId: string) {
  tx.end(ref(passkeyId));
}
