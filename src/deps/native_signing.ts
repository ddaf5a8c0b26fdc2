/** The algorithms whose signatures take WebCrypto long. EdDSA is not one of them. */
export const nativeAlgorithms = [
  ...["RS256", "RS384", "RS512"] as const,
  ...["PS256", "PS384", "PS512"] as const,
  ...["ES256", "ES384", "ES512"] as const,
] as const;
export type NativeAlgorithm = (typeof nativeAlgorithms)[number];

/** Makes the signatures of JWS outside of the thread that serves requests. */
export interface NativeSigning {
  /** Whether WebCrypto makes them, on another thread. A library has to prove itself to WebCrypto first. */
  readonly isWebCrypto: boolean;
  /** @throws if the library cannot use the key */
  importKey(alg: NativeAlgorithm, pkcs8: Uint8Array<ArrayBuffer>): NativeKey;
}

/** A private key in the memory of the library or the thread. */
export interface NativeKey {
  /**
   * The signature as a JWS has it; null: the key was freed, or no thread is ready.
   * @throws if the library failed
   * @see RFC 7518 sections 3.3, 3.4 and 3.5
   */
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Removes the key from memory, after the signatures that are under way. */
  free(): void;
}
