import { assertEquals, assertNotEquals } from "@std/assert";
import {
  newRecoveryCodes,
  parseRecoveryCode,
  recoveryCodeDigest,
} from "../../../src/authn/second_factor/recovery_codes.ts";
import { systemRandom } from "../../../src/crypto/random.ts";

Deno.test("a recovery code is read in its own form, and a text that cannot be one is not looked up", () => {
  for (const code of newRecoveryCodes(systemRandom)) {
    assertEquals(parseRecoveryCode(code), code.replaceAll("-", ""));
  }
  // Codes of earlier releases have 15 characters, and are good until they are replaced.
  assertEquals(parseRecoveryCode("K0FM2 xqp7r\u2013t04hn"), "k0fm2xqp7rt04hn");
  const none = ["", "k0fm2", "k0fm2-xqp7r-t04h", "k0fm2-xqp7r-t04hnn", "k0fm2-xqp7r-t04hu", "ﬀ"];
  for (const text of none) assertEquals(parseRecoveryCode(text), null, text);
});

Deno.test("a recovery code has at least 112 random bits", () => {
  for (const code of newRecoveryCodes(systemRandom)) {
    assertEquals(code.replaceAll("-", "").length * 5 >= 112, true, code);
  }
});

Deno.test("the same code of two users has different digests", async () => {
  const [code = ""] = newRecoveryCodes(systemRandom);
  const digest = await recoveryCodeDigest("alice", code);
  assertEquals(await recoveryCodeDigest("alice", code.toUpperCase()), digest);
  assertNotEquals(await recoveryCodeDigest("bob", code), digest);
});
