import { perObject } from "../../stores/engine/store_memory.ts";
import type { Deps } from "../deps/deps.ts";
import { isRateLimited } from "../limits/too_many_requests.ts";

const runningOf = perObject<Deps["kv"], Map<string, Promise<void>>>(() => new Map());

/**
 * Runs the work, unless the same work is running in this process: then it waits for that. If a limit of
 * the request that started the work refused it, nothing was tried: a request that waited runs the work
 * itself, under its own limits. Otherwise a client without a budget left could refuse it to all others.
 */
export async function sharedWork(
  { kv }: Pick<Deps, "kv">,
  key: string,
  work: () => Promise<void>,
): Promise<void> {
  const running = runningOf(kv);
  for (let known = running.get(key); known !== undefined; known = running.get(key)) {
    try {
      return await known;
    } catch (error) {
      if (!isRateLimited(error)) throw error;
    }
  }
  const started = work().finally(() => running.delete(key));
  running.set(key, started);
  await started;
}
