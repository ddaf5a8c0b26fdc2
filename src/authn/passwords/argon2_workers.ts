import type { Argon2, Argon2Input } from "./argon2.ts";
import type { Argon2Job, Argon2Reply } from "./argon2_worker.ts";

/**
 * Runs hash-wasm in one or two workers, so that a sign-in does not block other requests; null if no
 * worker can be started.
 *
 * @param script another script, only for tests
 */
export async function workerArgon2(
  script = new URL("./argon2_worker.ts", import.meta.url),
): Promise<Argon2 | null> {
  const size = Math.min(2, navigator.hardwareConcurrency);
  const threads = new Set<Thread>();
  let closed = false;

  async function start(): Promise<Thread> {
    const thread = startThread(script, () => threads.delete(thread));
    threads.add(thread);
    await thread.ready;
    return thread;
  }

  // The first start shows whether this runtime has workers that may load our files.
  try {
    await start();
  } catch {
    return null;
  }

  return {
    async compute(input) {
      if (closed) throw new Error("the password hasher was closed");
      const idlest = [...threads].sort((a, b) => a.load() - b.load())[0];
      if (idlest !== undefined && (idlest.load() === 0 || threads.size >= size)) {
        return await idlest.compute(input);
      }
      // If there is none, or all are busy, start another. A worker that died has removed itself from
      // the list.
      return await (await start()).compute(input);
    },
    close() {
      closed = true;
      for (const thread of threads) thread.end(new Error("the password hasher was closed"));
    },
  };
}

interface Thread {
  readonly ready: Promise<void>;
  /** The number of its jobs. */
  load(): number;
  compute(input: Argon2Input): Promise<Uint8Array<ArrayBuffer>>;
  end(reason: Error): void;
}

type Hash = Uint8Array<ArrayBuffer>;

function startThread(script: URL, onEnd: () => void): Thread {
  const worker = new Worker(script, { type: "module" });
  const ready = Promise.withResolvers<void>();
  const jobs = new Map<number, PromiseWithResolvers<Hash>>();
  let lastId = 0;

  function end(reason: Error) {
    worker.terminate();
    onEnd();
    ready.reject(reason);
    for (const job of jobs.values()) job.reject(reason);
    jobs.clear();
  }

  worker.onmessage = ({ data: reply }: MessageEvent<Argon2Reply>) => {
    if (reply.kind === "ready") return ready.resolve();
    const job = jobs.get(reply.id);
    jobs.delete(reply.id);
    if (reply.kind === "done") job?.resolve(reply.hash);
    else job?.reject(new Error(`argon2id failed: ${reply.message}`));
  };
  worker.onerror = (event) => {
    // Otherwise the worker's error would end the whole process.
    event.preventDefault();
    end(new Error(`the argon2 worker crashed: ${event.message}`));
  };

  return {
    ready: ready.promise,
    load: () => jobs.size,
    compute(input) {
      const job = Promise.withResolvers<Hash>();
      lastId += 1;
      jobs.set(lastId, job);
      worker.postMessage({ id: lastId, input } satisfies Argon2Job);
      return job.promise;
    },
    end,
  };
}
