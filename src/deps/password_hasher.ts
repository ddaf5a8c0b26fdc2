import { OAuthError } from "../protocol/errors.ts";

/**
 * Creates and checks password hashes: argon2id, as PHC strings. If too many requests already wait, all
 * methods throw `HasherBusy`.
 * `known`: the browser has signed in to the account before, so strangers' requests do not delay it.
 */
export interface PasswordHasher {
  /**
   * Setting a password requires a link or a session, so strangers cannot call it. @throws {RangeError} if
   * it is empty
   */
  hash(password: string): Promise<string>;
  /** @throws {Error} if `encoded` is not an argon2id hash within bounds */
  verify(password: string, encoded: string, known?: boolean): Promise<boolean>;
  /** Always false, after the work of a `verify`: an unknown user must take as long as a known one. */
  verifyDecoy(password: string, known?: boolean): Promise<boolean>;
  /** Whether a hash was created with older parameters; the next sign-in can replace it. */
  needsRehash(encoded: string): boolean;
}

/** Too many passwords wait to be hashed. Nothing was verified; the same request can succeed later. */
export class HasherBusy extends OAuthError {
  constructor() {
    super("temporarily_unavailable", "too many sign-ins at once: try again in a few seconds", {
      headers: { "Retry-After": "3" },
    });
  }
}
