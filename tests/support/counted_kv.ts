import type { KvBackend } from "../../stores/engine/kv.ts";

/** Wraps a store, and notes each round trip: `read` (a batch), `list` or `commit`. */
export function countedKv(): {
  calls: string[];
  /** How many keys each commit checked. */
  checks: number[];
  wrap: (backend: KvBackend) => KvBackend;
} {
  const calls: string[] = [];
  const checks: number[] = [];
  return {
    calls,
    checks,
    wrap: (backend) => ({
      ...backend,
      getMany(keys) {
        calls.push("read");
        return backend.getMany(keys);
      },
      list(selector, options) {
        calls.push("list");
        return backend.list(selector, options);
      },
      commit(batch) {
        calls.push("commit");
        checks.push(batch.checks.length);
        return backend.commit(batch);
      },
    }),
  };
}
