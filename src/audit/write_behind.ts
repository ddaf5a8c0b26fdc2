/** Commits that happen one at a time, during the work on what the next one writes. */
export interface WriteBehind {
  /** Waits for the commit before, and starts this one. @throws what the commit before threw */
  start(commit: () => Promise<unknown>): Promise<void>;
  /** Waits for the last commit. @throws what it threw */
  end(): Promise<void>;
}

export function writeBehind(): WriteBehind {
  let last: Promise<unknown> = Promise.resolve();
  return {
    async start(commit) {
      await last;
      last = commit();
      last.catch(() => {}); // whoever waits for it is told
    },
    async end() {
      await last;
    },
  };
}
