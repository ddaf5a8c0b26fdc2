import type { Deps } from "../deps/deps.ts";

interface Rest {
  /** Attempts without an answer, one after the other. */
  readonly failures: number;
  /** Epoch seconds. */
  readonly until: number;
}

/** What this process knows of clients that did not answer, by store. */
const all = new WeakMap<Deps["kv"], Map<string, Rest>>();
const mostClients = 1000;

/** Epoch seconds until which a client that did not answer is not called; 0: it may be called. */
export function restingUntil({ kv }: Pick<Deps, "kv">, clientId: string): number {
  return all.get(kv)?.get(clientId)?.until ?? 0;
}

/** Lets a client rest because of our own limits. */
export function rest(
  { kv, clock }: Pick<Deps, "kv" | "clock">,
  clientId: string,
  seconds: number,
) {
  const failures = all.get(kv)?.get(clientId)?.failures ?? 0;
  keep(kv, clientId, { failures, until: clock.seconds() + seconds });
}

/**
 * Remembers whether a client answered. One that did not gets no further messages for a while: with many
 * sessions, waiting for each of them would delay those of other clients.
 */
export function noteAnswer(
  { kv, clock }: Pick<Deps, "kv" | "clock">,
  clientId: string,
  answered: boolean,
) {
  if (answered) return void all.get(kv)?.delete(clientId);
  const failures = (all.get(kv)?.get(clientId)?.failures ?? 0) + 1;
  const seconds = Math.min(5 * 2 ** Math.min(failures, 6), 300);
  keep(kv, clientId, { failures, until: clock.seconds() + seconds });
}

function keep(kv: Deps["kv"], clientId: string, one: Rest) {
  const resting = all.get(kv) ?? new Map<string, Rest>();
  all.set(kv, resting);
  resting.delete(clientId);
  resting.set(clientId, one);
  const [oldest] = resting.keys();
  if (resting.size > mostClients && oldest !== undefined) resting.delete(oldest);
}
