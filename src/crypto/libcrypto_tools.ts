import { utf8 } from "./encoding.ts";
import type { HashName, NativeTools } from "./native_tools.ts";

const functions = {
  EVP_MD_fetch: { parameters: ["pointer", "buffer", "pointer"], result: "pointer" },
  EVP_Digest: {
    parameters: ["buffer", "usize", "buffer", "pointer", "pointer", "pointer"],
    result: "i32",
  },
  HMAC_CTX_new: { parameters: [], result: "pointer" },
  HMAC_Init_ex: { parameters: ["pointer", "buffer", "i32", "pointer", "pointer"], result: "i32" },
  HMAC_Update: { parameters: ["pointer", "buffer", "usize"], result: "i32" },
  HMAC_Final: { parameters: ["pointer", "buffer", "pointer"], result: "i32" },
  EVP_CIPHER_fetch: { parameters: ["pointer", "buffer", "pointer"], result: "pointer" },
  EVP_CIPHER_CTX_new: { parameters: [], result: "pointer" },
  EVP_EncryptInit_ex: {
    parameters: ["pointer", "pointer", "pointer", "buffer", "buffer"],
    result: "i32",
  },
  EVP_EncryptUpdate: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "i32",
  },
  EVP_EncryptFinal_ex: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
  EVP_CIPHER_CTX_ctrl: { parameters: ["pointer", "i32", "i32", "buffer"], result: "i32" },
} as const;

const hashLengths = { sha256: 32, sha384: 48, sha512: 64 } as const;
/** EVP_CTRL_AEAD_GET_TAG of openssl/evp.h. */
const getTag = 0x10;
const [keyLength, ivLength, tagLength] = [32, 12, 16];

/** For the bytes of texts up to a third of this. Most are secrets of some dozen characters. */
const scratch = new Uint8Array(4096);
const encoder = new TextEncoder();

/**
 * Hashes, MACs and encryption by OpenSSL 3. No other thread uses the contexts, and each call ends before
 * the next begins.
 * @param path of libcrypto.so.3; the process needs `--allow-ffi` for it
 * @throws if the library cannot be loaded, or lacks something
 */
export function openLibcryptoTools(path: string): NativeTools {
  const openssl = Deno.dlopen(path, functions).symbols;
  // Fetched once: by its old names, OpenSSL 3 looks for an algorithm at each use.
  const hash = (name: string) => present(openssl.EVP_MD_fetch(null, utf8(`${name}\0`), null));
  const hashes = { sha256: hash("SHA256"), sha384: hash("SHA384"), sha512: hash("SHA512") };
  const aes = present(openssl.EVP_CIPHER_fetch(null, utf8("AES-256-GCM\0"), null));
  const cipher = present(openssl.EVP_CIPHER_CTX_new());
  const written = new Int32Array(1);

  return {
    hash(name: HashName, content: string | Uint8Array) {
      const sum = new Uint8Array(hashLengths[name]);
      const done = withBytes(
        content,
        (bytes, length) => openssl.EVP_Digest(bytes, length, sum, null, hashes[name], null),
      );
      return done === 1 ? sum : null;
    },
    macWith(key) {
      const context = openssl.HMAC_CTX_new();
      const isReady = context !== null &&
        openssl.HMAC_Init_ex(context, key, key.length, hashes.sha256, null) === 1;
      if (!isReady) return () => null;
      return (message) => {
        const mac = new Uint8Array(hashLengths.sha256);
        // Without a key it begins again with the one it has.
        const done = openssl.HMAC_Init_ex(context, null, 0, null, null) === 1 &&
          withBytes(message, (...bytes) => openssl.HMAC_Update(context, ...bytes)) === 1 &&
          openssl.HMAC_Final(context, mac, null) === 1;
        return done ? mac : null;
      };
    },
    encrypt({ key, iv, context }, plaintext) {
      // OpenSSL reads and writes as many bytes as these lengths say, and takes an empty buffer for none.
      const isUsual = key.length === keyLength && iv.length === ivLength && context.length > 0 &&
        plaintext.length > 0;
      if (!isUsual) return null;
      const input = new Uint8Array(plaintext);
      const ciphertext = new Uint8Array(input.length);
      const tag = new Uint8Array(tagLength);
      const done = openssl.EVP_EncryptInit_ex(cipher, aes, null, key, iv) === 1 &&
        openssl.EVP_EncryptUpdate(cipher, null, written, context, context.length) === 1 &&
        openssl.EVP_EncryptUpdate(cipher, ciphertext, written, input, input.length) === 1 &&
        written[0] === ciphertext.length &&
        openssl.EVP_EncryptFinal_ex(cipher, tag, written) === 1 && written[0] === 0 &&
        openssl.EVP_CIPHER_CTX_ctrl(cipher, getTag, tagLength, tag) === 1;
      return done ? { ciphertext, tag } : null;
    },
  };
}

/** Hands over the bytes of a text without making an array of them, which would cost as much as the hash. */
function withBytes(
  content: string | Uint8Array,
  use: (bytes: Uint8Array<ArrayBuffer>, length: bigint) => number,
): number {
  if (typeof content !== "string") return use(new Uint8Array(content), BigInt(content.length));
  if (content.length * 3 > scratch.length) {
    const bytes = utf8(content);
    return use(bytes, BigInt(bytes.length));
  }
  const { written } = encoder.encodeInto(content, scratch);
  const done = use(scratch, BigInt(written));
  scratch.fill(0, 0, written); // it may have been a secret
  return done;
}

function present(pointer: Deno.PointerValue): Deno.PointerObject {
  if (pointer === null) throw new Error("libcrypto lacks a part");
  return pointer;
}
