import { assert, assertEquals, assertFalse, assertNotEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { masterKey, SealError } from "../../src/crypto/master_key.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { anyText } from "../support/any_text.ts";

const aKey = (fill: number) => new Uint8Array(32).fill(fill);
const theKey = await masterKey(aKey(1), null, systemRandom);

Deno.test("a sealed text can be unsealed in its own context", async () => {
  const text = anyText();
  await fc.assert(fc.asyncProperty(text, text, async (plaintext, context) => {
    assertEquals(await theKey.unseal(await theKey.seal(plaintext, context), context), plaintext);
  }));
});

Deno.test("a sealed text cannot be unsealed in another context", async () => {
  const sealed = await theKey.seal("private", "signing_keys/1");
  await assertRejects(() => theKey.unseal(sealed, "signing_keys/2"), SealError);
});

Deno.test("a sealed text with any one character changed cannot be unsealed", async () => {
  const sealed = await theKey.seal("private", "here");
  for (let at = 0; at < sealed.length; at++) {
    for (const character of ["A", "B", "-", "=", "."]) {
      if (sealed[at] === character) continue;
      const changed = sealed.slice(0, at) + character + sealed.slice(at + 1);
      await assertRejects(() => theKey.unseal(changed, "here"), SealError);
    }
    await assertRejects(() => theKey.unseal(sealed.slice(0, at), "here"), SealError);
  }
});

Deno.test("any text that was not sealed throws a SealError", async () => {
  await fc.assert(fc.asyncProperty(fc.string(), async (text) => {
    await assertRejects(() => theKey.unseal(text, "here"), SealError);
    await assertRejects(() => theKey.unseal(`${theKey.keyId}.${text}`, "here"), SealError);
    await assertRejects(() => theKey.unseal(`${theKey.keyId}.${text}.${text}`, "here"), SealError);
  }));
});

Deno.test("sealing the same text twice gives different results", async () => {
  assertNotEquals(await theKey.seal("private", "here"), await theKey.seal("private", "here"));
});

Deno.test("another master key neither unseals nor verifies", async () => {
  const other = await masterKey(aKey(2), null, systemRandom);
  const sealed = await theKey.seal("private", "here");
  await assertRejects(() => other.unseal(sealed, "here"), SealError, "neither the current");
  assertFalse(await other.verifyMac("test", "message", await theKey.mac("test", "message")));
  assertNotEquals(other.keyId, theKey.keyId);
});

Deno.test("during a rotation the previous key unseals and verifies, and the new key seals and signs", async () => {
  const next = await masterKey(aKey(2), aKey(1), systemRandom);
  assertEquals(await next.unseal(await theKey.seal("private", "here"), "here"), "private");
  assert(await next.verifyMac("test", "message", await theKey.mac("test", "message")));

  await assertRejects(async () => theKey.unseal(await next.seal("new", "here"), "here"), SealError);
  assertFalse(await theKey.verifyMac("test", "message", await next.mac("test", "message")));
});

Deno.test("a MAC is valid only for its purpose and its message", async () => {
  const mac = await theKey.mac("refresh token", "family.1");
  assertEquals(mac, await theKey.mac("refresh token", "family.1"));
  assertEquals(mac, await theKey.macAtStart("refresh token", "family.1"));
  assert(await theKey.verifyMac("refresh token", "family.1", mac));
  assertFalse(await theKey.verifyMac("refresh token", "family.2", mac));
  assertFalse(await theKey.verifyMac("cookie", "family.1", mac));
  for (const wrong of ["", mac.slice(1), `${mac}=`, `${mac.slice(0, -1)}!`]) {
    assertFalse(await theKey.verifyMac("refresh token", "family.1", wrong));
  }
});

Deno.test("the key of a purpose is derived once, however many messages it signs", async () => {
  const key = await masterKey(aKey(1), null, systemRandom);
  const { subtle } = crypto;
  const { deriveBits } = subtle;
  let derived = 0;
  subtle.deriveBits = (algorithm, key, length: number) => {
    derived++;
    return deriveBits.call(subtle, algorithm, key, length);
  };
  try {
    for (const purpose of ["bootstrap_entry", "cookie"]) {
      for (const message of ["a", "b", "c"]) {
        assertEquals(await key.macAtStart(purpose, message), await key.mac(purpose, message));
      }
    }
  } finally {
    subtle.deriveBits = deriveBits;
  }
  assertEquals(derived, 2);
});

Deno.test("a purpose with the name of another use does not get that use's key", async () => {
  const macs = ["seal", "key id", "", "mac seal"].map((purpose) => theKey.mac(purpose, "message"));
  assertEquals(new Set(await Promise.all(macs)).size, 4);
});

Deno.test("the same key gives the same MACs and key id in every process", async () => {
  // Changing the derivation would turn every stored token and sealed key into garbage.
  assertEquals(theKey.keyId, "G2aq01YpiAw");
  assertEquals(await theKey.mac("test", "message"), "WKZglSsV8GW9idbfkMD8Hhq80lYVfWxGNbHnWuFDfl8");
  assertEquals(
    await theKey.unseal(
      "G2aq01YpiAw.AwMDAwMDAwMDAwMD.awqYKCRlBqtId5l0HC8kIWsiYktuZQw",
      "here",
    ),
    "private",
  );
});

Deno.test("a master key of another length is refused", async () => {
  await assertRejects(() => masterKey(new Uint8Array(16), null, systemRandom), Error, "32 bytes");
  await assertRejects(
    () => masterKey(aKey(1), new Uint8Array(33), systemRandom),
    Error,
    "32 bytes",
  );
});
