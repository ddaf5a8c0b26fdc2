/** The input of argon2id. `hashLength` is in bytes. @see RFC 9106 section 3.1 */
export interface Argon2Input {
  readonly password: Uint8Array<ArrayBuffer>;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
  readonly hashLength: number;
}

/** An implementation of argon2id. */
export interface Argon2 {
  compute(input: Argon2Input): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends its threads. Calls in progress are rejected. */
  close(): void;
}
