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
  /** Of the last signature that was accepted; 0 for ever where the authenticator does not count. */
  counter: z.int(),
  /** By which the browser may reach it: hints, as the browser gave them. */
  transports: z.array(z.string()),
  /** Whether it can be copied to the person's other devices (`multiDevice`), as of its last use. */
  deviceType: z.enum(["singleDevice", "multiDevice"]),
  /** Whether there is such a copy, as of its last use. */
  backedUp: z.boolean(),
  /** The model of the authenticator, a UUID; all zeros where it does not tell. */
  aaguid: z.string(),
  /** The person's own word for it. */
  name: z.string(),
  createdAt: z.int(),
  lastUsedAt: z.int().nullable(),
  /** When it was last refused because its counter did not grow; null: never. */
  copySuspectedAt: z.int().nullable(),
  /** When its counter last failed to grow, where it is synced and was taken all the same; null: never. */
  counterLaggedAt: z.int().nullable(),
});
export type Passkey = z.infer<typeof schema>;
/** What comes with time. */
export type UseOfPasskey = "createdAt" | "lastUsedAt" | "copySuspectedAt" | "counterLaggedAt";
/** What a registration proves of a passkey; the rest comes with time. */
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

/** A person has this many at most. */
export const mostPasskeys = 20;

/** The public id of a credential's record, under which the person's record lists it. */
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
 * Creates the record of a credential. The step adds its id to the person's record.
 *
 * @throws {RecordExists} if the credential is registered already, to whomever
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

/** Sets the counter of a signature, in the commit that accepts it. */
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

/** Remembers that its counter did not grow. The counter stays: what is above it may be the copy's. */
export function suspectCopy(tx: Transaction, passkey: Present<Passkey>) {
  tx.replace(passkey, { ...passkey.value, copySuspectedAt: tx.now });
}

export function rename(tx: Transaction, passkey: Present<Passkey>, name: string) {
  tx.replace(passkey, { ...passkey.value, name });
}

/** Removes a credential. The step takes its id out of the person's record, unless that goes too. */
export function remove(tx: Transaction, passkeyId: string) {
  tx.end(ref(passkeyId));
}
