import { currentRequest, type RequestContext, withRequest } from "../telemetry/logger.ts";
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

export const noRefusal: Refusal = { reason: null, detail: null, clientId: null, userId: null };

/** A request at work, with the facts about it. */
class TracedRequest implements RequestContext {
  reason: RefusalReason | null = null;
  detail: string | null = null;
  clientId: string | null = null;
  userId: string | null = null;

  constructor(readonly requestId: string) {}
}

/**
 * Runs the work of one request, and collects the facts about a refusal: the code that refuses knows the
 * reason, and other code knows the client or the user. If a step runs twice, its facts count once.
 */
export function withRefusal<T>(
  requestId: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly refusal: Refusal }> {
  const refusal = new TracedRequest(requestId);
  return withRequest(refusal, work).then((result) => ({ result, refusal }));
}

/**
 * Records why the request is refused; null removes it, when a step runs again.
 * @param detail holds no secret, and no username that was typed
 */
export function noteRefusal(reason: RefusalReason | null, detail: string | null = null) {
  const request = currentRequest();
  if (!(request instanceof TracedRequest)) return;
  request.reason = reason;
  request.detail = detail;
}

/** Records which registered client sent the request. */
export function noteClient(clientId: string) {
  const request = currentRequest();
  if (request instanceof TracedRequest) request.clientId = clientId;
}

/** Records which account the request concerns. */
export function noteUser(userId: string) {
  const request = currentRequest();
  if (request instanceof TracedRequest) request.userId = userId;
}
