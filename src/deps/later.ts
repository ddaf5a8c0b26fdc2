/** Code that is loaded at its first use, or before it by `load`. */
export interface Later<T> {
  load(): Promise<T>;
  /** Uses it. Once it is loaded, this waits for nothing. */
  use<R>(work: (loaded: T) => Promise<R>): Promise<R>;
  /** Null: it is not loaded. */
  peek(): T | null;
  /** Null: nothing has used it yet. */
  begun(): Promise<T> | null;
}

/**
 * What a server needs only after it listens. Each module takes a fraction of a millisecond of a cold
 * start, and some packages take many.
 *
 * A failure is for good: Deno remembers for the life of a process that a module could not be loaded. So
 * nothing is tried again, and the process reports it: only another process can do better.
 * @param load imports it
 */
export function later<T>(load: () => Promise<T>): Later<T> {
  let loaded: { readonly it: T } | null = null;
  let loading: Promise<T> | null = null;

  function begin(): Promise<T> {
    loading ??= load().then((it) => {
      loaded = { it };
      return it;
    }, (error) => {
      tell(error);
      throw error;
    });
    return loading;
  }

  return {
    load: begin,
    use: (work) => loaded === null ? begin().then(work) : work(loaded.it),
    peek: () => loaded === null ? null : loaded.it,
    begun: () => loading,
  };
}

let tell: (error: unknown) => void = () => {};

/** From now on reports each load that fails, once; there is one listener in a process. */
export function tellOfFailedLoads(to: (error: unknown) => void) {
  tell = to;
}
