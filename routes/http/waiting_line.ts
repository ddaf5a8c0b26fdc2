import type { Timers } from "../../stores/engine/kv.ts";

export interface LineLimits {
  readonly timers: Timers;
  /** Milliseconds of a part of the time that one waits. */
  readonly part: number;
  /** The number of parts after which one is refused. */
  readonly parts: number;
  /** The number above which the one that has waited longest is refused. */
  readonly most: number;
  /** Shared by all that are refused, so that refusing takes no memory. */
  readonly refusal: Error;
}

/** Requests that wait for their turn. */
export interface WaitingLine {
  readonly length: number;
  /** Waits for a turn. @returns the number of parts that it waited @throws the refusal */
  wait(): Promise<number>;
  /** Gives a turn to the newest. @returns false if nobody waits */
  admit(): boolean;
}

interface Waiting {
  /** The part in which it came. */
  readonly since: number;
  readonly admit: (waited: number) => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Lets requests wait in a line of bounded length. The newest comes first: a line forms only if requests come
 * that are never complete, and then the oldest are those, while a client that comes now is served at once.
 * All share one timer. While this process is busy no turn is given, and any busy time counts as one part.
 */
export function waitingLine({ timers, part, parts, most, refusal }: LineLimits): WaitingLine {
  /** The oldest first. */
  const line: Waiting[] = [];
  let now = 0;
  let emptied: AbortController | null = null;

  return {
    get length() {
      return line.length;
    },
    wait: () =>
      new Promise((admit, refuse) => {
        line.push({ since: now, admit, refuse });
        if (line.length > most) line.shift()?.refuse(refusal);
        emptied ??= countParts();
      }),
    admit() {
      const newest = line.pop();
      newest?.admit(now - newest.since);
      if (line.length === 0) stopCounting();
      return newest !== undefined;
    },
  };

  function countParts(): AbortController {
    const stopped = new AbortController();
    void (async () => {
      for (;;) {
        await timers.sleep(part, stopped.signal);
        if (stopped.signal.aborted) return;
        now++;
        while (line[0] !== undefined && now - line[0].since > parts) line.shift()?.refuse(refusal);
        if (line.length === 0) return stopCounting();
      }
    })();
    return stopped;
  }

  function stopCounting() {
    emptied?.abort();
    emptied = null;
  }
}
