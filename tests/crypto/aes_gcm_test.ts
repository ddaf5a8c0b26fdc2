import { assertEquals, assertThrows } from "@std/assert";
import { decrypt, encrypt } from "../../src/crypto/aes_gcm.ts";
import { digest } from "../../src/crypto/digest.ts";
import { toBase64url, utf8 } from "../../src/crypto/encoding.ts";
import { derivedKey } from "../../src/crypto/hkdf.ts";
import { openForUser, sealForUser } from "../../src/crypto/user_seal.ts";
import { openWith, sealFor } from "../../src/crypto/response_sealing.ts";
import { systemRandom } from "../../src/crypto/random.ts";

const key = systemRandom.bytes(32);
const iv = systemRandom.bytes(12);
const context = utf8("here");

Deno.test("a ciphertext equals WebCrypto's, so that texts sealed by earlier releases can be unsealed", async () => {
  const theirs = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const algorithm = { name: "AES-GCM", iv, additionalData: context };
  const expected = await crypto.subtle.encrypt(algorithm, theirs, utf8("private"));
  assertEquals(encrypt({ key, iv, context }, utf8("private")), new Uint8Array(expected));
});

Deno.test("derived keys equal those of WebCrypto", async () => {
  const root = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const info = utf8("latchkey seal");
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  const expected = await crypto.subtle.deriveBits(algorithm, root, 256);
  assertEquals(derivedKey(key, "latchkey seal"), new Uint8Array(expected));
});

Deno.test("a ciphertext with a missing or shortened tag cannot be decrypted", () => {
  const box = encrypt({ key, iv, context }, utf8("private"));
  for (let length = 0; length < box.length; length++) {
    assertThrows(() => decrypt({ key, iv, context }, box.subarray(0, length)));
  }
});

Deno.test("a sealed answer can be unsealed only with its own secret", () => {
  const sealed = sealFor(systemRandom, "secret", "answer");
  assertEquals(openWith("secret", sealed), "answer");
  assertThrows(() => openWith("another", sealed));
});

Deno.test("a digest is SHA-256 in base64url", async () => {
  // FIPS 180-4, the example of one block.
  assertEquals(await digest("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
});

Deno.test("no nonce is used twice, and a text sealed twice has nothing in common, whoever it is sealed for", () => {
  const personKey = toBase64url(key);
  for (
    const [seal, open] of [
      [() => sealFor(systemRandom, "secret", "answer"), (text: string) => openWith("secret", text)],
      [
        () => sealForUser(systemRandom, personKey, "event", "answer"),
        (text: string) => openForUser(personKey, "event", text),
      ],
    ] as const
  ) {
    const sealed = Array.from({ length: 200 }, seal);
    assertEquals(new Set(sealed.map(open)), new Set(["answer"]));
    const parts = sealed.flatMap((text) => text.split("."));
    assertEquals(new Set(parts).size, parts.length);
  }
});
