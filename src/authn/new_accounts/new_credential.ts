import type { Provider } from "../../../stores/provider.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import type { User } from "../../../stores/users.ts";
import { randomId } from "../../crypto/random.ts";
import type { RegistrationRefused } from "../passkeys/registration.ts";
import type { PasswordHasher } from "../../deps/password_hasher.ts";

/** The sign-in method of an account that is being created. */
export type NewCredential =
  /** A hash in the PHC string format. Hashing is slow, so it is done before the commit. */
  | { readonly kind: "password"; readonly passwordHash: string }
  /** The id of a passkey that the same step adds, and the user id that its authenticator has stored. */
  | { readonly kind: "passkey"; readonly passkeyId: string; readonly userId: string };

/** The proof that a new account may be created. */
export interface Proof {
  readonly provider: Provider;
  /** An id that no other proof has, such as `sign_up:ID` for a verified address. */
  readonly provenBy: string;
}

/**
 * Makes the credential when the step needs it, after all other checks. So nobody can cause the work of
 * a hash without a valid link, and a passkey is never added alone.
 */
export type MakeCredential = (
  tx: Transaction,
  proof: Proof,
) => Promise<NewCredential | RegistrationRefused>;

/** @param password already checked; it is hashed once, although a step may run twice */
export function passwordCredential(
  { passwordHasher }: { readonly passwordHasher: PasswordHasher },
  password: string,
): MakeCredential {
  let made: Promise<NewCredential> | null = null;
  return () =>
    made ??= passwordHasher.hash(password)
      .then((passwordHash) => ({ kind: "password", passwordHash }));
}

/** The new user's id, and the members of their record for the credential. */
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
