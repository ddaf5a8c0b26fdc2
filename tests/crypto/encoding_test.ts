import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { constantTimeEqual } from "../../src/crypto/constant_time.ts";
import { digest } from "../../src/crypto/digest.ts";
import { foreignBase64, fromBase64url, toBase64url, utf8 } from "../../src/crypto/encoding.ts";
import { randomId, randomSecret, systemRandom } from "../../src/crypto/random.ts";

Deno.test("decoding base64url returns the original bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
    assertEquals([...fromBase64url(toBase64url(bytes))], [...bytes]);
  }));
});

Deno.test("bytes have one spelling in base64url, and any other text is refused", () => {
  for (const text of ["AA==", "A A", " AA", "AA\n", "AB", "A", "A+", "A/", "é", "A-_="]) {
    assertThrows(() => fromBase64url(text), TypeError);
  }
  fc.assert(fc.property(fc.string({ maxLength: 12 }), (text) => {
    let bytes;
    try {
      bytes = fromBase64url(text);
    } catch {
      return;
    }
    assertEquals(toBase64url(bytes), text);
  }));
});

Deno.test("base64 of somebody else is read with padding or without, and nothing else is base64", () => {
  for (const text of ["+/8=", "+/8"]) assertEquals([...foreignBase64(text) ?? []], [0xfb, 0xff]);
  assertEquals([...foreignBase64("") ?? [0]], []);
  for (
    const text of ["A", "AA=", "AAAA=", "AA===", "A A=", " AAAA", "AAAA\n", "-_8=", "AA==AA=="]
  ) {
    assertEquals(foreignBase64(text), null, text);
  }
});

Deno.test("utf8 writes characters outside of ASCII", () => {
  assertEquals([...utf8("ä€")], [0xc3, 0xa4, 0xe2, 0x82, 0xac]);
});

Deno.test("a digest is the SHA-256 of the text, in base64url", async () => {
  // RFC 7636 appendix B.
  assertEquals(
    await digest("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  );
});

Deno.test("constantTimeEqual gives the same result as ===", () => {
  // Few characters, so that equal texts and shared beginnings come up.
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\0", "\ud800", "é"), maxLength: 4 });
  fc.assert(fc.property(text, text, (a, b) => {
    assertEquals(constantTimeEqual(a, b), a === b);
    assert(constantTimeEqual(a, a.slice()));
  }));
});

Deno.test("ids have 22 characters, secrets 43, and none is repeated", () => {
  const ids = Array.from({ length: 100 }, () => randomId(systemRandom));
  const secrets = Array.from({ length: 100 }, () => randomSecret(systemRandom));
  assert(ids.every((id) => /^[A-Za-z0-9_-]{22}$/.test(id)));
  assert(secrets.every((secret) => /^[A-Za-z0-9_-]{43}$/.test(secret)));
  assertEquals(new Set([...ids, ...secrets]).size, 200);
});

Deno.test("all random values come from the random source", () => {
  const sevens = { bytes: (length: number) => new Uint8Array(length).fill(7) };
  assertEquals(randomId(sevens), toBase64url(new Uint8Array(16).fill(7)));
  assertEquals(randomSecret(sevens), toBase64url(new Uint8Array(32).fill(7)));
});
