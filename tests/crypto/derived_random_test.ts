import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { derivedRandom } from "../../src/crypto/derived_random.ts";

Deno.test("derived bytes are those of NIST's one-step key derivation, and follow from secret and nonce alone", async () => {
  const random = derivedRandom("secret", "nonce");
  const [first, second] = [random.bytes(63), random.bytes(64)];
  for (const [n, block] of [first, second].entries()) {
    const input = new TextEncoder().encode("secretlatchkey derived randomnonce");
    const counted = new Uint8Array([0, 0, 0, n + 1, ...input]);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", counted));
    assertEquals(block, hash.subarray(0, block.length));
  }
  assertEquals(derivedRandom("secret", "nonce").bytes(63), first);
  assertNotEquals(derivedRandom("secret", "other").bytes(63), first);
  assertNotEquals(derivedRandom("other", "nonce").bytes(63), first);
  assertThrows(() => random.bytes(65), RangeError);
});
