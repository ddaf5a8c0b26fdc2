import { argon2id } from "hash-wasm";
import type { Argon2Input } from "./argon2.ts";

/** Computes argon2id in WebAssembly. Imported at first use, because the module is large. */
export async function computeInWasm(input: Argon2Input): Promise<Uint8Array<ArrayBuffer>> {
  const hash = await argon2id({
    password: input.password,
    salt: input.salt,
    memorySize: input.memoryKiB,
    iterations: input.iterations,
    parallelism: input.parallelism,
    hashLength: input.hashLength,
    outputType: "binary",
  });
  return new Uint8Array(hash);
}
