import { assertEquals } from "@std/assert";
import { digest, recentDigest } from "../../src/crypto/digest.ts";

Deno.test("a remembered digest is the digest, for any number of texts of any length", async () => {
  const texts = Array.from({ length: 5000 }, (_, n) => `${n}`.repeat(1 + n % 400));
  for (const text of [...texts, ...texts.slice(-10), "", texts[0] ?? ""]) {
    assertEquals(recentDigest(text), await digest(text));
  }
});
