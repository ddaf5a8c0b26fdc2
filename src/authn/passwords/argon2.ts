/** What argon2id is computed from; `hashLength` is in bytes. @see RFC 9106 section 3.1 */
export interface Argon2Input {
  readonly password: Uint8Array<ArrayBuffer>;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
  readonly hashLength: number;
}

/** One way to compute argon2id. */
export interface Argon2 {
  compute(input: Argon2Input): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends what it runs; calls that are under way are rejected. */
  close(): void;
}
