import type { Deps } from "../deps/deps.ts";

const all = new WeakMap<Deps["kv"], Map<string, Promise<void>>>();

/** Runs the work, unless the same work is running in this process: then it waits for that. */
export async function sharedWork(
  { kv }: Pick<Deps, "kv">,
  key: string,
  work: () => Promise<void>,
): Promise<void> {
  const running = all.get(kv) ?? new Map<string, Promise<void>>();
  all.set(kv, running);
  const known = running.get(key);
  if (known) return await known;
  const started = work().finally(() => running.delete(key));
  running.set(key, started);
  await started;
}
