import { createHash, KeyObject, sign as signNow, verify as verifyNow } from "node:crypto";
import { decrypt as decryptNow } from "../../src/crypto/aes_gcm.ts";
import type { Outside } from "../support/scheduler.ts";

/**
 * WebCrypto whose answers come in the order of the questions, which threads alone would not give. What a
 * run asks often is answered at once: starting a thread takes many times as long as the computation.
 */
export type OrderedCrypto = Outside & Disposable;

type Question = (...given: never[]) => Promise<unknown>;

const methods = [
  "sign",
  "verify",
  "encrypt",
  "decrypt",
  "exportKey",
  "deriveKey",
  "deriveBits",
  "generateKey",
] as const;

/** The answer itself; null: it is left to a thread. */
const atOnce: Readonly<Record<string, (...given: never[]) => unknown>> = {
  sign: (_, key: CryptoKey, data: BufferSource) =>
    key.algorithm.name === "Ed25519" ? bufferOf(signNow(null, bytesOf(data), keyOf(key))) : null,
  verify: (_, key: CryptoKey, signature: BufferSource, data: BufferSource) =>
    key.algorithm.name === "Ed25519"
      ? verifyNow(null, bytesOf(data), keyOf(key), bytesOf(signature))
      : null,
  decrypt,
};

/** Stands in for `crypto.subtle` of this thread until it is disposed of. */
export function orderedCrypto(): OrderedCrypto {
  const { subtle } = crypto;
  let tail: Promise<unknown> = Promise.resolve();
  let asked = 0;
  let open = 0;

  // No thread imports a key.
  const ordered: Record<string, Question> = { digest, importKey: subtle.importKey.bind(subtle) };
  for (const name of methods) {
    // Its own `this`: some methods call others, which must not wait for the turn of their caller.
    const original: Question = subtle[name].bind(subtle);
    ordered[name] = async (...given) =>
      atOnce[name]?.(...given) ?? await inTurn(() => original(...given));
  }
  // Over the prototype's, which shows again once this one is deleted.
  Object.defineProperty(crypto, "subtle", { configurable: true, value: ordered });

  return {
    get asked() {
      return asked;
    },
    get open() {
      return open;
    },
    [Symbol.dispose]() {
      Reflect.deleteProperty(crypto, "subtle");
    },
  };

  /** One at a time: two that are answered by two threads would come in any order. */
  function inTurn(ask: () => Promise<unknown>): Promise<unknown> {
    asked++;
    open++;
    const answer = tail.then(ask).finally(settled).finally(() => open--);
    tail = answer.catch(() => {});
    return answer;
  }
}

/**
 * An answer is given when all else of this moment is done. How long a thread takes would decide the order
 * otherwise, where another party waits for a turn of the event loop too.
 */
async function settled() {
  for (let turns = 0; turns < 4; turns++) await new Promise((done) => setImmediate(done));
}

/** These are most of the calls. */
function digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer> {
  const name = typeof algorithm === "string" ? algorithm : algorithm.name;
  const hash = createHash(name.replace("-", "").toLowerCase()).update(bytesOf(data)).digest();
  return Promise.resolve(bufferOf(hash));
}

function decrypt(algorithm: AesGcmParams, key: CryptoKey, box: BufferSource): ArrayBuffer | null {
  const { name, iv, additionalData = new Uint8Array() } = algorithm;
  if (name !== "AES-GCM") return null;
  const secret = new Uint8Array(keyOf(key).export());
  try {
    const sealing = { key: secret, iv: bytesOf(iv), context: bytesOf(additionalData) };
    return decryptNow(sealing, bytesOf(box)).buffer;
  } catch {
    throw new DOMException("Decryption failed", "OperationError");
  }
}

const keys = new WeakMap<CryptoKey, KeyObject>();

function keyOf(key: CryptoKey): KeyObject {
  const known = keys.get(key) ?? KeyObject.from(key);
  keys.set(key, known);
  return known;
}

function bytesOf(data: BufferSource): Uint8Array<ArrayBuffer> {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** A buffer that holds these bytes and no others. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
