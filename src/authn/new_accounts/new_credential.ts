import type { Provider } from "../../../stores/provider.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import type { User } from "../../../stores/users.ts";
import { randomId } from "../../crypto/random.ts";
import type { RegistrationRefused } from "../passkeys/registration.ts";
import type { PasswordHasher } from "../../deps/password_hasher.ts";

/** What a person will sign in with whose account is being made. */
export type NewCredential =
  /** A hash in the PHC string format: what is slow is done before the commit. */
  | { readonly kind: "password"; readonly passwordHash: string }
  /** The id of a passkey that the same step adds, and whose it must be: its authenticator knows that. */
  | { readonly kind: "passkey"; readonly passkeyId: string; readonly userId: string };

/** What has let somebody come so far that an account may be made for them. */
export interface Proof {
  readonly provider: Provider;
  /** An id that no other proof has, such as `sign_up:ID` of a proved address. */
  readonly provenBy: string;
}

/**
 * Makes a credential when it is asked for: a step asks when everything else was found right. So nobody
 * else can have the server work for a hash, and what a passkey adds to the step is never there alone.
 */
export type MakeCredential = (
  tx: Transaction,
  proof: Proof,
) => Promise<NewCredential | RegistrationRefused>;

/** @param password one that may be chosen; it is hashed once, though a step may run twice */
export function passwordCredential(
  { passwordHasher }: { readonly passwordHasher: PasswordHasher },
  password: string,
): MakeCredential {
  let made: Promise<NewCredential> | null = null;
  return () =>
    made ??= passwordHasher.hash(password)
      .then((passwordHash) => ({ kind: "password", passwordHash }));
}

/** Who the person will be, and what their record holds of their credential. */
export function credentialFields(
  tx: Transaction,
  credential: NewCredential,
): { readonly userId: string } & Pick<User, "passwordHash" | "passkeys"> {
  switch (credential.kind) {
    case "password":
      return {
        userId: randomId(tx.random),
        passwordHash: credential.passwordHash,
        passkeys: [],
      };
    case "passkey":
      return {
        userId: credential.userId,
        passwordHash: null,
        passkeys: [credential.passkeyId],
      };
  }
}
