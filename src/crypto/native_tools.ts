export type HashName = "sha256" | "sha384" | "sha512";

/** The key, the nonce and the context of an encryption. */
export interface Sealing {
  /** 32 bytes. */
  readonly key: Uint8Array<ArrayBuffer>;
  /** 12 bytes, never used before with this key. */
  readonly iv: Uint8Array<ArrayBuffer>;
  /** Authenticated, but not part of the ciphertext. */
  readonly context: Uint8Array<ArrayBuffer>;
}

/** What an encryption gives. */
export interface Sealed {
  readonly ciphertext: Uint8Array;
  /** 16 bytes. */
  readonly tag: Uint8Array;
}

/**
 * What a native library computes synchronously, in a fraction of the time of `node:crypto`. The results are
 * the same, bit by bit. Null: the library could not, so the caller does it by `node:crypto`.
 */
export interface NativeTools {
  hash(name: HashName, content: string | Uint8Array): Uint8Array<ArrayBuffer> | null;
  /** HMAC-SHA-256 with one key. */
  macWith(key: Uint8Array<ArrayBuffer>): (message: string) => Uint8Array<ArrayBuffer> | null;
  /** AES-256-GCM. */
  encrypt(sealing: Sealing, plaintext: Uint8Array): Sealed | null;
}
