import type { NativeSigning } from "../../src/deps/native_signing.ts";
import { openLibcrypto } from "../../src/keys/libcrypto.ts";

const places = [
  "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
  "/usr/lib/aarch64-linux-gnu/libcrypto.so.3",
  "/usr/lib64/libcrypto.so.3",
  "/usr/lib/libcrypto.so.3",
];

/** The path of this machine's libcrypto; null: it has none of OpenSSL 3, as Windows has not. */
export const libcryptoPath: string | null = places.find(isThere) ?? null;

/**
 * The native library for the providers of tests: with LATCHKEY_TEST_NATIVE_CRYPTO=on every test of tokens
 * runs with it.
 * @throws if it is asked for and this machine has none, so that nothing is left out in silence
 */
export const testNativeSigning: NativeSigning | null = wanted();

function wanted(): NativeSigning | null {
  if (Deno.env.get("LATCHKEY_TEST_NATIVE_CRYPTO") !== "on") return null;
  if (libcryptoPath === null) throw new Error(`there is no libcrypto at ${places.join(", ")}`);
  return openLibcrypto(libcryptoPath);
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
