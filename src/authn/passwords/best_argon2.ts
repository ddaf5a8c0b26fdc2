import { toBase64url, utf8 } from "../../crypto/encoding.ts";
import type { Argon2, Argon2Input } from "./argon2.ts";
import { workerArgon2 } from "./argon2_workers.ts";

/**
 * The best implementation of this runtime: WebCrypto, hash-wasm in workers, or hash-wasm in this
 * thread.
 */
export async function bestArgon2(): Promise<Argon2> {
  return await nativeArgon2() ?? await workerArgon2() ?? inlineArgon2();
}

/** WebCrypto's argon2id; null if the runtime has none with the right results. */
export async function nativeArgon2(): Promise<Argon2 | null> {
  const native: Argon2 = { compute: computeNatively, close() {} };
  try {
    // The WebCrypto draft may still change. A runtime that reads a parameter differently would lock out
    // everyone, so it must compute a known hash first.
    return toBase64url(await native.compute(knownHash.input)) === knownHash.hash ? native : null;
  } catch {
    return null;
  }
}

/**
 * hash-wasm in this thread, which is blocked meanwhile. It is the last choice, if workers cannot be
 * started or may not read our files.
 */
export function inlineArgon2(): Argon2 {
  return {
    async compute(input) {
      const { computeInWasm } = await import("./argon2_wasm.ts");
      return await computeInWasm(input);
    },
    close() {},
  };
}

/** A hash that every implementation must compute. */
export const knownHash = {
  input: {
    password: utf8("latchkey"),
    salt: new Uint8Array(16),
    memoryKiB: 8,
    iterations: 1,
    parallelism: 1,
    hashLength: 32,
  },
  hash: "QKZ-O-dWfXlcu_scR1qCwCGM0TVm9Vs-sChAOZXnHxQ",
};

async function computeNatively(input: Argon2Input): Promise<Uint8Array<ArrayBuffer>> {
  const key = await subtle.importKey("raw-secret", input.password, "Argon2id", false, [
    "deriveBits",
  ]);
  const algorithm = {
    name: "Argon2id",
    nonce: input.salt,
    memory: input.memoryKiB,
    passes: input.iterations,
    parallelism: input.parallelism,
  };
  return new Uint8Array(await subtle.deriveBits(algorithm, key, input.hashLength * 8));
}

/** The part of WICG's "Modern Algorithms in the Web Cryptography API" that TypeScript lacks. */
interface SubtleArgon2 {
  importKey(
    format: "raw-secret",
    secret: Uint8Array<ArrayBuffer>,
    algorithm: "Argon2id",
    extractable: false,
    usages: ["deriveBits"],
  ): Promise<CryptoKey>;
  deriveBits(algorithm: Argon2Params, key: CryptoKey, bits: number): Promise<ArrayBuffer>;
}

interface Argon2Params {
  name: string;
  nonce: Uint8Array<ArrayBuffer>;
  memory: number;
  passes: number;
  parallelism: number;
}

// Not all runtimes have it, although this type says so: `nativeArgon2` finds out.
const subtle = crypto.subtle as unknown as SubtleArgon2;
