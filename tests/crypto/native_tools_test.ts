import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { nativeSigning } from "../../src/boot/native_signing.ts";
import { decrypt, encrypt } from "../../src/crypto/aes_gcm.ts";
import { digestNow } from "../../src/crypto/digest.ts";
import { utf8 } from "../../src/crypto/encoding.ts";
import { openLibcryptoTools } from "../../src/crypto/libcrypto_tools.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import type { NativeTools } from "../../src/crypto/native_tools.ts";
import { nativeTools, useNativeTools } from "../../src/crypto/node_crypto.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { verifiedTools } from "../../src/crypto/verified_tools.ts";
import { libcryptoPath } from "../support/libcrypto.ts";
import { silentLogger } from "../support/silent_logger.ts";

/** A test for machines with libcrypto. */
function test(name: string, run: (tools: NativeTools) => void | Promise<void>) {
  Deno.test({
    name,
    ignore: libcryptoPath === null,
    sanitizeResources: false, // a library that was opened stays open, which Deno 2.5 calls a leak
    fn: () => run(openLibcryptoTools(libcryptoPath ?? "")),
  });
}

/** The results with the tools, and without them. Others may be in use before, and are afterwards. */
async function withAndWithout<T>(
  tools: NativeTools,
  work: () => T,
): Promise<[Awaited<T>, Awaited<T>]> {
  const before = nativeTools();
  try {
    useNativeTools(tools);
    const withThem = await work();
    useNativeTools(null);
    return [withThem, await work()];
  } finally {
    useNativeTools(before);
  }
}

const texts = [
  "",
  "a",
  "ä\u{1f511}",
  "\ud800",
  "x".repeat(1365),
  "x".repeat(1366),
  "ä".repeat(9000),
];

test("libcrypto computes the same digests, MACs and ciphertexts as node:crypto", async (tools) => {
  assertEquals(verifiedTools(tools, systemRandom), tools);
  const key = await masterKey(systemRandom.bytes(32), null, systemRandom);
  const [key32, iv] = [systemRandom.bytes(32), systemRandom.bytes(12)];
  for (const text of texts) {
    const results = await withAndWithout(tools, async () => ({
      digest: digestNow(text),
      ofBytes: digestNow(utf8(text)),
      macs: [await key.mac("one", text), await key.mac("two", text), await key.mac("one", text)],
      box: encrypt({ key: key32, iv, context: utf8("here") }, utf8(text)),
      withoutContext: encrypt({ key: key32, iv, context: utf8("") }, utf8(text)),
    }));
    assertEquals(results[0], results[1]);
    const { macs: [one, two, again], box } = results[0];
    assertNotEquals(one, two);
    assertEquals(one, again);
    assertEquals(decrypt({ key: key32, iv, context: utf8("here") }, box), utf8(text));
  }
});

test("a key or a nonce of another length never reaches libcrypto, which would read beyond it", async (tools) => {
  for (const [keyLength, ivLength] of [[16, 12], [33, 12], [0, 12], [32, 8]] as const) {
    const sealing = {
      key: systemRandom.bytes(keyLength),
      iv: systemRandom.bytes(ivLength),
      context: utf8("here"),
    };
    assertEquals(tools.encrypt(sealing, utf8("private")), null);
    const outcome = () => {
      try {
        return encrypt(sealing, utf8("private"));
      } catch (error) {
        return error instanceof Error ? error.name : "thrown";
      }
    };
    const [one, other] = await withAndWithout(tools, outcome);
    assertEquals(one, other);
  }
});

test("a part that a ciphertext, a MAC or a digest is made of stays as it is", (tools) => {
  const [key, iv, context] = [new Uint8Array(32).fill(1), new Uint8Array(12).fill(2), utf8("here")];
  const plaintext = utf8("private");
  const sealed = tools.encrypt({ key, iv, context }, plaintext);
  assertEquals([key, iv], [new Uint8Array(32).fill(1), new Uint8Array(12).fill(2)]);
  assertEquals([context, plaintext], [utf8("here"), utf8("private")]);
  const mac = tools.macWith(key);
  const first = mac("text");
  assert(sealed !== null && first !== null);
  const copies = [sealed.ciphertext.slice(), sealed.tag.slice(), first.slice()];
  tools.encrypt({ key, iv: new Uint8Array(12).fill(3), context }, utf8("another"));
  mac("another");
  tools.hash("sha256", "another");
  assertEquals([sealed.ciphertext, sealed.tag, first], copies);
});

test("a process hashes with the library that its configuration names, if it can be loaded", async () => {
  const before = nativeTools();
  try {
    useNativeTools(null);
    await nativeSigning({ nativeCrypto: "/nowhere/libcrypto.so.3" }, silentLogger);
    assertEquals(nativeTools(), null);
    await nativeSigning({ nativeCrypto: libcryptoPath }, silentLogger);
    assert(nativeTools() !== null);
  } finally {
    useNativeTools(before);
  }
});

test("node:crypto computes what libcrypto could not", async (tools) => {
  const failing = { hash: () => null, macWith: () => () => null, encrypt: () => null };
  const key = await masterKey(systemRandom.bytes(32), null, systemRandom);
  const work = async () => [digestNow("abc"), await key.mac("one", "abc")];
  const [one, other] = await withAndWithout(failing, work);
  assertEquals(one, other);
  const [withThem] = await withAndWithout(tools, work);
  assertEquals(withThem, one);
});

test("tools that compute something else, or nothing, are not used", (tools) => {
  const broken: readonly NativeTools[] = [
    { ...tools, hash: (name, content) => tools.hash(name, content)?.fill(0, 3, 4) ?? null },
    { ...tools, hash: () => null },
    { ...tools, macWith: () => () => new Uint8Array(32) },
    { ...tools, macWith: () => () => null },
    { ...tools, encrypt: () => null },
    {
      ...tools,
      encrypt(sealing, plaintext) {
        const sealed = tools.encrypt(sealing, plaintext);
        return sealed && { ...sealed, tag: new Uint8Array(16) };
      },
    },
    {
      ...tools,
      encrypt(sealing, plaintext) {
        const sealed = tools.encrypt(sealing, plaintext);
        return sealed && { ...sealed, ciphertext: new Uint8Array(plaintext) };
      },
    },
  ];
  for (const one of broken) assertThrows(() => verifiedTools(one, systemRandom));
});
