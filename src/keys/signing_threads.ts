import type { NativeKey, NativeSigning } from "../deps/native_signing.ts";
import type { SigningReply, SigningTask } from "./signing_worker.ts";

export interface SigningThreadsOptions {
  /** At most. The first one starts with the first signature, another when all are busy. */
  readonly most: number;
  /** Is told once that no thread can be started: the caller signs by itself from then on. */
  readonly onFailed: (error: Error) => void;
  /** Another script, only for tests. */
  readonly script?: URL;
}

/** A thread with so many signatures to make is busy. */
const busy = 3;

/**
 * Makes signatures by WebCrypto on threads of their own. In Deno a signature blocks the thread that asks
 * for it, by 0.3 ms (ES256) or 0.7 ms (RS256), in which no other request goes on.
 */
export function signingThreads(
  { most, onFailed, script = new URL("./signing_worker.ts", import.meta.url) }:
    SigningThreadsOptions,
): NativeSigning & { close(): void } {
  const threads = new Set<Thread>();
  /** The tasks that import the keys in use, for threads that start later. */
  const imports = new Map<number, Extract<SigningTask, { kind: "import" }>>();
  let lastKey = 0;
  let isOver = false;

  return {
    isWebCrypto: true,
    importKey(alg, pkcs8) {
      const key = ++lastKey;
      const task = { kind: "import", key, alg, pkcs8: pkcs8.slice() } as const;
      imports.set(key, task);
      for (const thread of threads) thread.send(task);
      return aKey(key);
    },
    close() {
      isOver = true;
      for (const thread of threads) thread.end();
      threads.clear();
    },
  };

  function aKey(key: number): NativeKey {
    return {
      sign: (data) => (imports.has(key) ? idlest()?.sign(key, data) : null) ?? signsElsewhere,
      free() {
        imports.get(key)?.pkcs8.fill(0);
        if (!imports.delete(key)) return;
        for (const thread of threads) thread.send({ kind: "free", key });
      },
    };
  }

  /** The thread with the least to do; null: none is ready yet. */
  function idlest(): Thread | null {
    if (isOver) return null;
    let least: Thread | null = null;
    let isStarting = false;
    for (const thread of threads) {
      if (!thread.isReady()) isStarting = true;
      else if (least === null || thread.load() < least.load()) least = thread;
    }
    const isMissed = least === null || least.load() >= busy;
    if (isMissed && !isStarting && threads.size < most) start();
    return least;
  }

  function start() {
    const thread = startThread(script, (error) => {
      threads.delete(thread);
      if (isOver) return;
      isOver = threads.size === 0;
      if (isOver) onFailed(error);
    });
    threads.add(thread);
    for (const task of imports.values()) thread.send(task);
  }
}

type Signature = Uint8Array<ArrayBuffer> | null;
const signsElsewhere = Promise.resolve(null);

interface Thread {
  isReady(): boolean;
  /** The number of signatures that it has to make. */
  load(): number;
  /** Null: the thread could not make it. */
  sign(key: number, data: Uint8Array<ArrayBuffer>): Promise<Signature>;
  send(task: SigningTask): void;
  /** What it has not signed yet is null. */
  end(): void;
}

function startThread(script: URL, onFailed: (error: Error) => void): Thread {
  const worker = new Worker(script, { type: "module", name: "signing" });
  const waiting = new Map<number, (signature: Signature) => void>();
  let isReady = false;
  let lastId = 0;
  const send = (task: SigningTask) => worker.postMessage(task);

  function end() {
    isReady = false;
    worker.terminate();
    for (const resolve of waiting.values()) resolve(null);
    waiting.clear();
  }

  worker.onmessage = ({ data: reply }: MessageEvent<SigningReply>) => {
    if (reply.kind === "ready") return void (isReady = true);
    waiting.get(reply.id)?.(reply.signature && new Uint8Array(reply.signature));
    waiting.delete(reply.id);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    end();
    onFailed(new Error(event.message));
  };
  return {
    isReady: () => isReady,
    load: () => waiting.size,
    sign(key, data) {
      const { promise, resolve } = Promise.withResolvers<Signature>();
      const id = ++lastId;
      waiting.set(id, resolve);
      send({ kind: "sign", id, key, data });
      return promise;
    },
    send,
    end,
  };
}
