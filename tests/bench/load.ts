import { quantile } from "./table.ts";

export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** How many operations that was. */
  readonly count: number;
}

/** A closed loop: each connection begins its next operation when the last one has been answered. */
export async function load(
  connections: readonly (() => Promise<void>)[],
  seconds: number,
): Promise<Load> {
  const times: number[] = [];
  const begun = performance.now();
  const until = begun + seconds * 1000;
  await Promise.all(connections.map(async (operation) => {
    for (let now = begun; now < until;) {
      await operation();
      const answered = performance.now();
      times.push(answered - now);
      now = answered;
    }
  }));
  const elapsed = (performance.now() - begun) / 1000;
  times.sort((a, b) => a - b);
  return {
    perSecond: times.length / elapsed,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    count: times.length,
  };
}
