import type { Timers } from "../../stores/engine/kv.ts";
import type { StoreMemory } from "../../stores/engine/store_memory.ts";

/**
 * Milliseconds. V8 gives pages back some 8 s after the last requests, and then no more until there is work
 * again. So what nobody needs has to go before.
 */
const between = 3000;

/**
 * Drops again and again what nobody needs in memory.
 *
 * @param memory null: the process remembers nothing of its store
 * @param ending aborted when it is to end
 */
export async function tidyMemory(
  memory: StoreMemory | null,
  timers: Timers,
  ending: AbortSignal,
): Promise<void> {
  if (memory === null) return;
  while (!ending.aborted) {
    await timers.sleep(between, ending);
    memory.tidy();
  }
}
