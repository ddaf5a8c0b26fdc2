import type { User } from "../../stores/users.ts";
import type { PasswordHasher } from "./password_hasher.ts";

/** What a person will sign in with whose account is being made. */
export type NewCredential =
  /** A hash in the PHC string format: what is slow is done before the step. */
  { readonly kind: "password"; readonly passwordHash: string };

/**
 * Makes a credential when it is asked for, and once: a step that may run twice asks as soon as it knows
 * that somebody may make an account, so that nobody else can have the server work for a hash.
 */
export type MakeCredential = () => Promise<NewCredential>;

/** @param password one that may be chosen */
export function passwordCredential(
  { passwordHasher }: { readonly passwordHasher: PasswordHasher },
  password: string,
): MakeCredential {
  let made: Promise<NewCredential> | null = null;
  return () =>
    made ??= passwordHasher.hash(password)
      .then((passwordHash) => ({ kind: "password", passwordHash }));
}

/** What the record of a new person holds of their credential. */
export function credentialFields(
  credential: NewCredential,
): Pick<User, "passwordHash" | "passkeys"> {
  switch (credential.kind) {
    case "password":
      return { passwordHash: credential.passwordHash, passkeys: [] };
  }
}
