import { createHash } from "node:crypto";
import type { Outside } from "../support/scheduler.ts";

/** WebCrypto whose answers come in the order of the questions, which threads alone would not give. */
export type OrderedCrypto = Outside & Disposable;

type Question = (...given: never[]) => Promise<unknown>;

const methods = [
  "sign",
  "verify",
  "encrypt",
  "decrypt",
  "importKey",
  "exportKey",
  "deriveKey",
  "deriveBits",
  "generateKey",
] as const;

/** Stands in for `crypto.subtle` of this thread until it is disposed of. */
export function orderedCrypto(): OrderedCrypto {
  const { subtle } = crypto;
  let tail: Promise<unknown> = Promise.resolve();
  let asked = 0;
  let open = 0;

  const ordered: Record<string, Question> = { digest };
  for (const name of methods) {
    // Its own `this`: some methods call others, which must not wait for the turn of their caller.
    const original: Question = subtle[name].bind(subtle);
    ordered[name] = (...given) => inTurn(() => original(...given));
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

/** These are most of the calls. Starting a thread takes 20 times as long as the computation. */
function digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer> {
  const name = typeof algorithm === "string" ? algorithm : algorithm.name;
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  const hash = createHash(name.replace("-", "").toLowerCase()).update(bytes).digest();
  return Promise.resolve(new Uint8Array(hash).buffer);
}
