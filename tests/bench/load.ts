import { quantile } from "./table.ts";

export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** How many operations that was. */
  readonly count: number;
  /** How long each took, sorted. */
  readonly times: readonly number[];
}

/** In seconds, or until something is done. */
export type Duration = number | Promise<unknown>;

type Operation = () => Promise<void>;

/** A closed loop: each connection begins its next operation when the last one has been answered. */
export async function load(connections: readonly Operation[], long: Duration): Promise<Load> {
  return await measured(long, (isOver, times) =>
    connections.map(async (operation) => {
      for (let now = performance.now(); !isOver();) {
        await operation();
        const answered = performance.now();
        times.push(answered - now);
        now = answered;
      }
    }));
}

/**
 * Runs a fixed number of operations a second, however long the answers take. A time counts from the moment when the
 * operation was due: one that had to wait for the last one's answer is as late as its client sees it.
 */
export async function pacedLoad(
  connections: readonly Operation[],
  long: Duration,
  perSecond: number,
): Promise<Load> {
  const interval = 1000 / perSecond;
  return await measured(long, (isOver, times) => {
    const begun = performance.now();
    return connections.map(async (operation, n) => {
      for (let turn = n; !isOver(); turn += connections.length) {
        const due = begun + turn * interval;
        const wait = due - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        await operation();
        times.push(performance.now() - due);
      }
    });
  });
}

async function measured(
  long: Duration,
  run: (isOver: () => boolean, times: number[]) => readonly Promise<void>[],
): Promise<Load> {
  const times: number[] = [];
  const begun = performance.now();
  let until = typeof long === "number" ? begun + long * 1000 : Infinity;
  const end = () => void (until = 0);
  if (typeof long !== "number") long.then(end, end);
  await Promise.all(run(() => performance.now() >= until, times));
  return loadOf(times, (performance.now() - begun) / 1000);
}

/** The combined result of several periods of the same load. */
export function joined(loads: readonly Load[]): Load {
  const seconds = loads.reduce((sum, { count, perSecond }) => sum + count / perSecond, 0);
  return loadOf(loads.flatMap(({ times }) => times), seconds);
}

function loadOf(unsorted: readonly number[], seconds: number): Load {
  const times = unsorted.toSorted((a, b) => a - b);
  return {
    perSecond: times.length / seconds,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    count: times.length,
    times,
  };
}

/** The summary of the measurements. */
export function asJson(report: unknown): string {
  return JSON.stringify(report, (name, value) => name === "times" ? undefined : value, 2);
}
