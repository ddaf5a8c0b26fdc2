import { denoBackend } from "./deno_backend.ts";
import type { KvBackend, Timers } from "./kv.ts";
import { StoreNotOpened } from "./local_file.ts";
import { isAboutToken, reasonOf } from "./not_connected.ts";

export interface RemoteOptions {
  readonly timers: Timers;
  /**
   * The number of connections, used in turn: on a single one, replies wait 40 ms for TCP
   * acknowledgements.
   */
  readonly handles?: number;
  /** Milliseconds that one call may take. */
  readonly callDeadline?: number;
  /** Milliseconds to wait for a server that is still starting. */
  readonly openDeadline?: number;
}

/** A call did not answer in time. It may still take effect later. */
export class CallTimedOut extends Error {
  override readonly name = "CallTimedOut";
}

const timedOut = Symbol("timed out");

interface Handle {
  backend: KvBackend;
}

/**
 * Opens a store over KV Connect. Its client has no timeout, and a connection that hangs blocks all later
 * calls of its handle. So each call has a deadline, and a handle that misses one is closed and replaced.
 * @param open opens one more handle on the same store
 * @throws {StoreNotOpened}
 */
export async function openRemote(
  open: () => Promise<Deno.Kv>,
  { timers, handles = 4, callDeadline = 3000, openDeadline = 15_000 }: RemoteOptions,
): Promise<KvBackend> {
  const pool: Handle[] = [];
  for (let n = 0; n < handles; n++) pool.push({ backend: await openPatiently() });
  let turn = 0;
  let closed = false;

  return {
    remote: true,
    getMany: (keys) => call((backend) => backend.getMany(keys)),
    list: (selector, options) => call((backend) => backend.list(selector, options)),
    commit: (batch) => call((backend) => backend.commit(batch)),
    close() {
      closed = true;
      for (const { backend } of pool) backend.close();
    },
  };

  async function call<T>(work: (backend: KvBackend) => Promise<T>): Promise<T> {
    const handle = pool[turn++ % pool.length];
    if (!handle) throw new Error("a pool without handles");
    const { backend } = handle;
    const result = await within(callDeadline, () => work(backend));
    if (result !== timedOut) return result;
    void replace(handle, backend);
    throw new CallTimedOut(`no answer within ${callDeadline} ms`);
  }

  async function replace(handle: Handle, hung: KvBackend) {
    if (closed || handle.backend !== hung) return; // closed, or another call timed out first and replaced the handle
    const refused = () => Promise.reject(new CallTimedOut("the connection is being replaced"));
    handle.backend = { ...hung, getMany: refused, list: refused, commit: refused, close() {} };
    hung.close();
    while (!closed) {
      const opened = await openInTime().catch((): typeof timedOut => timedOut);
      if (opened !== timedOut) {
        if (closed) return opened.close();
        handle.backend = denoBackend(opened, { remote: true });
        return;
      }
      await timers.sleep(200);
    }
  }

  async function openPatiently(): Promise<KvBackend> {
    let cause: unknown;
    for (let waited = 0; waited < openDeadline; waited += 250) {
      try {
        const opened = await openInTime();
        if (opened !== timedOut) return denoBackend(opened, { remote: true });
        waited += callDeadline;
      } catch (error) {
        cause = error;
        if (isAboutToken(error)) break; // waiting changes nothing
      }
      await timers.sleep(250);
    }
    throw new StoreNotOpened(reasonOf(cause), { cause });
  }

  async function openInTime(): Promise<Deno.Kv | typeof timedOut> {
    const opening = open();
    const opened = await within(callDeadline, () => opening);
    // Close a handle that opens too late: nothing uses it, and it would keep its connection forever.
    if (opened === timedOut) opening.then((late) => late.close(), () => {});
    return opened;
  }

  async function within<T>(
    milliseconds: number,
    work: () => Promise<T>,
  ): Promise<T | typeof timedOut> {
    const answered = new AbortController();
    const working = work();
    working.catch(() => {}); // the race is decided: ignore a later failure
    try {
      return await Promise.race([
        working,
        timers.sleep(milliseconds, answered.signal).then((): typeof timedOut => timedOut),
      ]);
    } finally {
      answered.abort();
    }
  }
}
