import { AsyncLocalStorage } from "node:async_hooks";
import type { RefusalReason } from "./errors.ts";

/** What is known of a request that was refused. */
export interface Refusal {
  readonly reason: RefusalReason | null;
  /** What the answer says of it. */
  readonly detail: string | null;
  /** One that is registered here: an id that somebody made up is not worth a line. */
  readonly clientId: string | null;
  readonly userId: string | null;
}

type Trace = { -readonly [member in keyof Refusal]: Refusal[member] };

const traces = new AsyncLocalStorage<Trace>();

/**
 * Runs the work of one request, and gathers what it says of a refusal: the code that refuses knows the
 * reason, and code far from it knows the client or the person. What a step says twice, because it ran
 * twice, counts once.
 */
export async function withRefusal(work: () => Promise<void>): Promise<Refusal> {
  const trace: Trace = { reason: null, detail: null, clientId: null, userId: null };
  await traces.run(trace, work);
  return trace;
}

/**
 * Says why the request is refused; null takes it back, where a step runs again.
 *
 * @param detail holds no secret, and no name that somebody typed
 */
export function noteRefusal(reason: RefusalReason | null, detail: string | null = null) {
  const trace = traces.getStore();
  if (trace) Object.assign(trace, { reason, detail });
}

/** Says which registered client the request is from. */
export function noteClient(clientId: string) {
  const trace = traces.getStore();
  if (trace) trace.clientId = clientId;
}

/** Says whose account the request is about. */
export function noteUser(userId: string) {
  const trace = traces.getStore();
  if (trace) trace.userId = userId;
}
