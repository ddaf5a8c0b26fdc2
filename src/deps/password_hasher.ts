import { OAuthError } from "../protocol/errors.ts";

/**
 * Makes and checks password hashes: argon2id, as PHC strings. Where too many wait already, all of its
 * work throws `HasherBusy`.
 *
 * `known` says that the browser has signed the account in before: strangers do not delay it.
 */
export interface PasswordHasher {
  /** Who chooses a password has shown a link or a session. @throws {RangeError} if it is empty */
  hash(password: string): Promise<string>;
  /** @throws {Error} if `encoded` is not an argon2id hash within bounds */
  verify(password: string, encoded: string, known?: boolean): Promise<boolean>;
  /** Always false, after the work of a `verify`: an unknown user must take as long as a known one. */
  verifyDecoy(password: string, known?: boolean): Promise<boolean>;
  /** Whether a hash was made with other parameters than today's; the next sign-in can replace it. */
  needsRehash(encoded: string): boolean;
}

/** Too many passwords wait to be hashed; nothing was verified, and the same request is right later. */
export class HasherBusy extends OAuthError {
  constructor() {
    super("temporarily_unavailable", "too many sign-ins at once: try again in a few seconds", {
      headers: { "Retry-After": "3" },
    });
  }
}
