import { AsyncLocalStorage } from "node:async_hooks";
import type { RefusalReason } from "./errors.ts";

/** The facts about a refused request. */
export interface Refusal {
  readonly reason: RefusalReason | null;
  /** The details that the answer shows. */
  readonly detail: string | null;
  /** Only a registered client: an invented id is not worth logging. */
  readonly clientId: string | null;
  readonly userId: string | null;
}

type Trace = { -readonly [member in keyof Refusal]: Refusal[member] };

const traces = new AsyncLocalStorage<Trace>();

/**
 * Runs the work of one request, and collects the facts about a refusal: the code that refuses knows the
 * reason, and other code knows the client or the user. If a step runs twice, its facts count once.
 */
export async function withRefusal<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly refusal: Refusal }> {
  const refusal: Trace = { reason: null, detail: null, clientId: null, userId: null };
  return { result: await traces.run(refusal, work), refusal };
}

/**
 * Records why the request is refused; null removes it, when a step runs again.
 * @param detail holds no secret, and no username that was typed
 */
export function noteRefusal(reason: RefusalReason | null, detail: string | null = null) {
  const trace = traces.getStore();
  if (trace) Object.assign(trace, { reason, detail });
}

/** Records which registered client sent the request. */
export function noteClient(clientId: string) {
  const trace = traces.getStore();
  if (trace) trace.clientId = clientId;
}

/** Records which account the request concerns. */
export function noteUser(userId: string) {
  const trace = traces.getStore();
  if (trace) trace.userId = userId;
}
