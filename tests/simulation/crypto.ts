import { createHash } from "node:crypto";

/** WebCrypto whose answers come in the order of the questions, which threads alone would not give. */
export interface OrderedCrypto extends Disposable {
  /** Whether a question has yet to be answered. */
  isBusy(): boolean;
}

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
  let open = 0;

  for (const name of methods) {
    const original: (...questions: never[]) => Promise<unknown> = subtle[name].bind(subtle);
    replace(name, (...questions: never[]) => inTurn(() => original(...questions)));
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
    isBusy: () => open > 0,
    [Symbol.dispose]() {
      for (const name of [...methods, "digest"]) Reflect.deleteProperty(subtle, name);
    },
  };

  /** One at a time: two that are answered by two threads would come in any order. */
  function inTurn(ask: () => Promise<unknown>): Promise<unknown> {
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
