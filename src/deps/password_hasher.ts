/** Makes and checks password hashes: argon2id, as PHC strings. */
export interface PasswordHasher {
  /** @throws {RangeError} if the password is empty */
  hash(password: string): Promise<string>;
  /** @throws {Error} if `encoded` is not an argon2id hash within bounds */
  verify(password: string, encoded: string): Promise<boolean>;
  /** Always false, after the work of a `verify`: an unknown user must take as long as a known one. */
  verifyDecoy(password: string): Promise<boolean>;
  /** Whether a hash was made with other parameters than today's; the next sign-in can replace it. */
  needsRehash(encoded: string): boolean;
}
