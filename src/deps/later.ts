/** Code that is loaded at its first use, or before it by `load`. */
export interface Later<T> {
  load(): Promise<T>;
  /** Uses it. Once it is loaded, this waits for nothing. */
  use<R>(work: (loaded: T) => Promise<R>): Promise<R>;
  /** Null: nothing has used it yet. */
  peek(): T | null;
}

/**
 * What a server needs only after it listens. Each module takes a fraction of a millisecond of a cold
 * start, and some packages take many.
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
      loading = null; // a file that cannot be read now may be readable at the next use
      throw error;
    });
    return loading;
  }

  return {
    load: begin,
    use: (work) => loaded === null ? begin().then(work) : work(loaded.it),
    peek: () => loaded === null ? null : loaded.it,
  };
}
