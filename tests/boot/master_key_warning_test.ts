import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { masterKeyWarning } from "../../src/boot/master_key_warning.ts";
import { utf8 } from "../../src/crypto/encoding.ts";
import { systemRandom } from "../../src/crypto/random.ts";

Deno.test("a master key that somebody typed or repeated is warned of, and a random one is not", () => {
  const typed = ["latchkey-master-key-for-our-team", "my super secret password, 32 ch."].map(utf8);
  const repeated = [
    ...[0, 7, 255].map((byte) => new Uint8Array(32).fill(byte)),
    new Uint8Array(32).map((_, n) => n % 15),
  ];
  for (const key of [...typed, ...repeated]) {
    assertEquals(masterKeyWarning(key)?.includes("not random"), true, String(key));
  }
  for (let n = 0; n < 2000; n++) assertEquals(masterKeyWarning(systemRandom.bytes(32)), null);
  assertEquals(masterKeyWarning(null), null);
});

Deno.test("property: the warning of a master key holds no part of it", () => {
  const warnings = new Set<string | null>();
  const text = fc.string({ minLength: 32, maxLength: 32, unit: "grapheme-ascii" });
  fc.assert(fc.property(text, (typed) => void warnings.add(masterKeyWarning(utf8(typed)))));
  assertEquals(warnings.size, 1);
});
