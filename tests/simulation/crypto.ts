import { createHash } from "node:crypto";
import type { Outside } from "../support/scheduler.ts";

/** WebCrypto whose answers come in the order of the questions, which threads alone would not give. */
export type OrderedCrypto = Outside & Disposable;

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

/** Puts `crypto.subtle` of this thread in order until it is disposed of. */
export function orderedCrypto(): OrderedCrypto {
  const { subtle } = crypto;
  let tail: Promise<unknown> = Promise.resolve();
  let asked = 0;
  let open = 0;

  // Some methods call others, which must not wait for the turn of their caller.
  const untouched: SubtleCrypto = Object.create(subtle);
  for (const name of methods) {
    const original: (...questions: never[]) => Promise<unknown> = subtle[name];
    Object.defineProperty(untouched, name, { value: original });
    replace(name, (...questions: never[]) => inTurn(() => original.apply(untouched, questions)));
  }
  // By far the most of all, and a thread takes 20 times as long to start on it as to do it.
  replace("digest", (algorithm: AlgorithmIdentifier, data: BufferSource) => {
    const name = typeof algorithm === "string" ? algorithm : algorithm.name;
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    const hash = createHash(name.replace("-", "").toLowerCase()).update(bytes).digest();
    return Promise.resolve(new Uint8Array(hash).buffer);
  });

  return {
    get asked() {
      return asked;
    },
    get open() {
      return open;
    },
    [Symbol.dispose]() {
      for (const name of [...methods, "digest"]) Reflect.deleteProperty(subtle, name);
    },
  };

  /** One at a time: two that are answered by two threads would come in any order. */
  function inTurn(ask: () => Promise<unknown>): Promise<unknown> {
    asked++;
    open++;
    const answer = tail.then(ask).finally(() => open--);
    tail = answer.catch(() => {});
    return answer;
  }

  function replace(name: string, value: (...questions: never[]) => Promise<unknown>) {
    // Over the prototype's method, which shows again once this one is deleted.
    Object.defineProperty(subtle, name, { configurable: true, value });
  }
}
