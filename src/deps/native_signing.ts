/** The algorithms that a native library signs faster than WebCrypto does. EdDSA is not one of them. */
export const nativeAlgorithms = [
  ...["RS256", "RS384", "RS512"] as const,
  ...["PS256", "PS384", "PS512"] as const,
  ...["ES256", "ES384", "ES512"] as const,
] as const;
export type NativeAlgorithm = (typeof nativeAlgorithms)[number];

/** Makes the signatures of JWS in a native library; those that take long outside of the JavaScript thread. */
export interface NativeSigning {
  /** @throws if the library cannot use the key */
  importKey(alg: NativeAlgorithm, pkcs8: Uint8Array<ArrayBuffer>): NativeKey;
}

/** A private key in the memory of the library. */
export interface NativeKey {
  /**
   * The signature as a JWS has it; null: the key was freed.
   * @throws if the library failed
   * @see RFC 7518 sections 3.3, 3.4 and 3.5
   */
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Removes the key from memory, after the signatures that are under way. */
  free(): void;
}
