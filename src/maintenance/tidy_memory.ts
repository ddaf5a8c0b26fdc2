import type { Timers } from "../../stores/engine/kv.ts";
import type { StoreMemory } from "../../stores/engine/store_memory.ts";

/**
 * Milliseconds. V8 gives pages back some 8 s after the last requests, and then no more until there is work
 * again. So what nobody needs has to go before.
 */
const between = 3000;

/** What V8 offers under `--expose-gc`, in some 50 ms. */
const { gc } = globalThis as { gc?: () => void };

/**
 * Drops again and again what nobody needs in memory. When a busy time is over, V8 collects all garbage: by
 * itself it would wait with it until there is work again.
 *
 * @param memory null: the process remembers nothing of its store
 * @param ending aborted when it is to end
 */
export async function tidyMemory(
  memory: StoreMemory | null,
  timers: Timers,
  ending: AbortSignal,
  collect = gc,
): Promise<void> {
  if (memory === null) return;
  let wasBusy = false;
  while (!ending.aborted) {
    await timers.sleep(between, ending);
    const isBusy = memory.tidy();
    if (wasBusy && !isBusy) collect?.();
    wasBusy = isBusy;
  }
}
