import { perObject } from "../../stores/engine/store_memory.ts";
import type { Deps } from "../deps/deps.ts";

interface Rest {
  /** Attempts without an answer, one after the other. */
  readonly failures: number;
  /** Epoch seconds. */
  readonly until: number;
}

/** A client, at the address for one kind of messages: each may be a server of its own. */
export interface Recipient {
  readonly kind: "logout" | "ping";
  readonly clientId: string;
}

/** What this process knows of clients that did not answer, by store. */
const restsOf = perObject<Deps["kv"], Map<string, Rest>>(() => new Map());
const mostRecipients = 1000;
/** Seconds of the longest rest. A user waits for what a ping leads to, and its message is good for minutes. */
const longestRest = { logout: 300, ping: 60 } as const;

/** Epoch seconds until which a client that did not answer is not called; 0: it may be called. */
export function restingUntil({ kv }: Pick<Deps, "kv">, recipient: Recipient): number {
  return restsOf(kv).get(keyOf(recipient))?.until ?? 0;
}

/** Lets a client rest because of our own limits. */
export function rest(
  { kv, clock }: Pick<Deps, "kv" | "clock">,
  recipient: Recipient,
  seconds: number,
) {
  const failures = restsOf(kv).get(keyOf(recipient))?.failures ?? 0;
  keep(kv, recipient, { failures, until: clock.seconds() + seconds });
}

/**
 * Remembers whether a client answered. One that did not gets no further messages for a while: with many
 * messages, waiting for each of them would delay those of other clients.
 */
export function noteAnswer(
  { kv, clock }: Pick<Deps, "kv" | "clock">,
  recipient: Recipient,
  answered: boolean,
) {
  if (answered) return void restsOf(kv).delete(keyOf(recipient));
  const failures = (restsOf(kv).get(keyOf(recipient))?.failures ?? 0) + 1;
  const seconds = Math.min(5 * 2 ** Math.min(failures, 6), longestRest[recipient.kind]);
  keep(kv, recipient, { failures, until: clock.seconds() + seconds });
}

function keyOf({ kind, clientId }: Recipient): string {
  return `${kind} ${clientId}`;
}

function keep(kv: Deps["kv"], recipient: Recipient, one: Rest) {
  const resting = restsOf(kv);
  resting.delete(keyOf(recipient));
  resting.set(keyOf(recipient), one);
  const [oldest] = resting.keys();
  if (resting.size > mostRecipients && oldest !== undefined) resting.delete(oldest);
}
