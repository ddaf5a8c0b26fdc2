import type { Timers } from "../../stores/engine/kv.ts";
import type { StoreMemory } from "../../stores/engine/store_memory.ts";

/** Milliseconds. */
const between = 3000;
/** Times in a row without much use, after which all garbage is collected: some ten seconds after the load. */
const quietTimes = 3;

/** What V8 offers under `--expose-gc`. */
const { gc } = globalThis as { gc?: (options: Readonly<Record<string, string>>) => void };

/**
 * Drops again and again what nobody needs in memory. When a busy time is over, V8 collects all garbage: by
 * itself it would wait with it until there is work again. No request is answered meanwhile, so a pause
 * between two requests is no end of a busy time.
 *
 * @param memory null: the process remembers nothing of its store
 * @param ending aborted when it is to end
 */
export async function tidyMemory(
  memory: StoreMemory | null,
  timers: Timers,
  ending: AbortSignal,
  collect = collectAll,
): Promise<void> {
  if (memory === null) return;
  let quiet = Infinity; // since the start
  while (!ending.aborted) {
    await timers.sleep(between, ending);
    quiet = memory.tidy() ? 0 : quiet + 1;
    if (quiet === quietTimes) collect();
  }
}

/**
 * In some 100 ms. After a plain call, V8 keeps the pages that the garbage was in, at least until its timer, and
 * after some seconds of load until there is work again.
 */
function collectAll() {
  gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}
