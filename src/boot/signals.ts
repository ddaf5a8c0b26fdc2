import { systemTimers } from "../../stores/engine/kv.ts";

/** Resolves when the process is told to stop. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => resolve();
    Deno.addSignalListener("SIGINT", stop);
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
  });
}

/**
 * A second signal means: stop without waiting. One that comes within a second is a copy of the first:
 * systemd sends the signal to `deno task` and to this process, and the task passes it on.
 */
export function secondSignal(ending: AbortSignal): AbortSignal {
  const hurry = new AbortController();
  void systemTimers.sleep(1000, ending).then(stopSignal).then(() => hurry.abort());
  return hurry.signal;
}
