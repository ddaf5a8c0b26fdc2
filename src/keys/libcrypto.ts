import { createHash } from "node:crypto";
import type { NativeAlgorithm, NativeKey, NativeSigning } from "../deps/native_signing.ts";
import { functions } from "./libcrypto_functions.ts";
import { signatureHashes } from "./signature_hashes.ts";

/** The file is not OpenSSL 3's libcrypto, or this process may not load it. */
export class LibcryptoNotUsable extends Error {
  override readonly name = "LibcryptoNotUsable";
}

/**
 * Signs with OpenSSL, on a thread of Deno's pool unless that costs more than the signature. Deno's WebCrypto
 * needs 5 to 10 times as long for one. The ECDSA functions are those that return r and s as numbers: no
 * ASN.1 is parsed here.
 * @param path of libcrypto.so.3; the process needs `--allow-ffi` for it, and for nothing else
 * @throws {LibcryptoNotUsable}
 */
export function openLibcrypto(path: string): NativeSigning {
  const openssl = load(path);
  const version = Number(openssl.OpenSSL_version_num() >> 28n);
  if (version !== 3) throw new LibcryptoNotUsable(`it is version ${version} of OpenSSL, not 3`);
  return {
    importKey(alg, pkcs8) {
      const key = privateKey(openssl, pkcs8);
      const hash = signatureHashes[alg];
      if (alg.startsWith("ES")) return counted(ecdsaKey(openssl, key, hash));
      return counted(
        alg.startsWith("PS") ? pssKey(openssl, key, hash) : rsaKey(openssl, key, hash),
      );
    },
  };
}

type Hash = (typeof signatureHashes)[NativeAlgorithm];

type Openssl = ReturnType<typeof load>;
type Pointer = Deno.PointerValue;

/** A key whose memory is valid until `free`. */
interface RawKey {
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  free(): void;
}

function load(path: string) {
  try {
    return Deno.dlopen(path, functions).symbols;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LibcryptoNotUsable(`it cannot be loaded (${reason})`, { cause });
  }
}

/** A signature may be under way when its key is freed: the memory is kept until the last has ended. */
function counted(key: RawKey): NativeKey {
  let underWay = 0;
  let isFreed = false;
  return {
    async sign(data) {
      if (isFreed) return null;
      underWay += 1;
      try {
        return await key.sign(data);
      } finally {
        underWay -= 1;
        if (isFreed && underWay === 0) key.free();
      }
    },
    free() {
      if (isFreed) return;
      isFreed = true;
      if (underWay === 0) key.free();
    },
  };
}

/** @returns an EVP_PKEY, which is to be freed */
function privateKey(openssl: Openssl, pkcs8: Uint8Array<ArrayBuffer>): Pointer {
  const bio = openssl.BIO_new_mem_buf(pkcs8, pkcs8.length);
  const key = openssl.d2i_PrivateKey_bio(bio, null);
  openssl.BIO_free(bio);
  if (key === null) throw new LibcryptoNotUsable("it cannot read a private key");
  return key;
}

/** RSASSA-PKCS1-v1_5. */
function rsaKey(openssl: Openssl, key: Pointer, hash: Hash): RawKey {
  const digest = openssl[`EVP_${hash}`]();
  const size = openssl.EVP_PKEY_get_size(key);
  return {
    async sign(data) {
      const input = data.slice();
      const signature = new Uint8Array(size);
      const length = new BigUint64Array([BigInt(size)]);
      const context = openssl.EVP_MD_CTX_new();
      try {
        if (openssl.EVP_DigestSignInit(context, null, digest, null, key) !== 1) throw failed();
        const done = await openssl.EVP_DigestSign(
          context,
          signature,
          length,
          input,
          BigInt(input.length),
        );
        keptUntilHere(input);
        if (done !== 1 || Number(length[0]) !== size) throw failed();
      } finally {
        openssl.EVP_MD_CTX_free(context);
      }
      return signature;
    },
    free: () => openssl.EVP_PKEY_free(key),
  };
}

/** RSASSA-PSS. The salt is as long as the hash, which also makes the mask. */
function pssKey(openssl: Openssl, key: Pointer, hash: Hash): RawKey {
  const size = openssl.EVP_PKEY_get_size(key);
  return {
    async sign(data) {
      const digest = new Uint8Array(createHash(hash).update(data).digest());
      const signature = new Uint8Array(size);
      const length = new BigUint64Array([BigInt(size)]);
      const context = openssl.EVP_PKEY_CTX_new(key, null);
      try {
        const isReady = context !== null && openssl.EVP_PKEY_sign_init(context) === 1 &&
          openssl.EVP_PKEY_CTX_set_rsa_padding(context, pssPadding) === 1 &&
          openssl.EVP_PKEY_CTX_set_signature_md(context, openssl[`EVP_${hash}`]()) === 1 &&
          openssl.EVP_PKEY_CTX_set_rsa_pss_saltlen(context, digest.length) === 1;
        if (!isReady) throw failed();
        const digestLength = BigInt(digest.length);
        const done = await openssl.EVP_PKEY_sign(context, signature, length, digest, digestLength);
        keptUntilHere(digest);
        if (done !== 1 || Number(length[0]) !== size) throw failed();
      } finally {
        openssl.EVP_PKEY_CTX_free(context);
      }
      return signature;
    },
    free: () => openssl.EVP_PKEY_free(key),
  };
}

/** RSA_PKCS1_PSS_PADDING of openssl/rsa.h. */
const pssPadding = 6;
/** Bytes of a number below the order of P-256, P-384 and P-521. */
const scalarLengths = { sha256: 32, sha384: 48, sha512: 66 } as const;

/** ECDSA on the curve of the hash. A JWS has r and s, each as long as the order of the curve. */
function ecdsaKey(openssl: Openssl, pkey: Pointer, hash: Hash): RawKey {
  const size = scalarLengths[hash];
  // On P-256 a signature takes 20 us. Handing it to another thread and back costs more.
  const signDigest = hash === "sha256" ? openssl.ECDSA_do_sign_now : openssl.ECDSA_do_sign;
  const key = openssl.EVP_PKEY_get1_EC_KEY(pkey);
  openssl.EVP_PKEY_free(pkey);
  if (key === null) throw new LibcryptoNotUsable("it cannot read a private key");
  return {
    async sign(data) {
      const digest = new Uint8Array(createHash(hash).update(data).digest());
      const pair = await signDigest(digest, digest.length, key);
      keptUntilHere(digest);
      if (pair === null) throw failed();
      const signature = new Uint8Array(2 * size);
      const [r, s] = [signature.subarray(0, size), signature.subarray(size)];
      const lengths = [
        openssl.BN_bn2binpad(openssl.ECDSA_SIG_get0_r(pair), r, r.length),
        openssl.BN_bn2binpad(openssl.ECDSA_SIG_get0_s(pair), s, s.length),
      ];
      openssl.ECDSA_SIG_free(pair);
      if (lengths.some((length) => length !== size)) throw failed();
      return signature;
    },
    free: () => openssl.EC_KEY_free(key),
  };
}

/**
 * Uses a buffer once more after a nonblocking call. Deno before the fix of March 2026 holds no reference to
 * the buffers of such a call. It would free a buffer that no later line uses while OpenSSL reads it, and
 * OpenSSL would sign other bytes. The buffer must be a private copy: it is overwritten.
 */
function keptUntilHere(buffer: Uint8Array) {
  buffer.fill(0);
}

function failed(): Error {
  return new Error("libcrypto made no signature");
}
