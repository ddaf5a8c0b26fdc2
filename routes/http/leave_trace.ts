import type { Deps } from "../../src/deps/deps.ts";
import { later } from "../../src/deps/later.ts";
import { addressBlock } from "../../src/limits/address_block.ts";
import type { RefusalReason } from "../../src/protocol/errors.ts";
import type { Refusal } from "../../src/protocol/refusals.ts";
import type { Incoming } from "./incoming.ts";

/** A process that was just started has refused nothing yet. */
const refusals = later(async () => {
  const { auditRefusal } = await import("../../src/audit/refused.ts");
  const { meaningOf } = await import("../../src/protocol/refusal_reasons.ts");
  return { auditRefusal, meaningOf };
});

/** A request, and the status of its answer. */
export interface AnsweredRequest {
  readonly origin: Incoming["origin"];
  readonly method: string;
  /** The path as in its declaration. */
  readonly route: string;
  readonly isPage: boolean;
  readonly status: number;
  /** Whether it sent a form that was rejected. Its page has status 200 and no error. */
  readonly isUnfilledForm: boolean;
}

/**
 * Leaves a trace of a refused request: a line in the log, and an audit event if it concerns security.
 * @param noted what the code that refused the request noted
 * @returns the reason, which development shows; null: the request was not refused
 */
export async function leaveTrace(
  deps: Deps,
  answered: AnsweredRequest,
  noted: Refusal,
): Promise<RefusalReason | null> {
  const { origin, status, isPage } = answered;
  // An unknown path or method is not a refusal.
  if (status === 404 || status === 405) {
    // A page shows a reference that must be found in the log. There is nothing to audit.
    if (isPage && noted.reason !== null) {
      await refusals.use(({ meaningOf }) => Promise.resolve(log(deps, answered, noted, meaningOf)));
    }
    return null;
  }
  const refusal = { ...noted, reason: noted.reason ?? reasonOf(answered) };
  if (refusal.reason === null) return null;
  try {
    await refusals.use(async ({ auditRefusal, meaningOf }) => {
      log(deps, answered, refusal, meaningOf);
      await auditRefusal(deps, origin, refusal, addressBlock(origin.address));
    });
  } catch (error) {
    const { requestId } = origin;
    deps.logger.warn("a refusal was not written to the audit log", { requestId, error });
  }
  return refusal.reason;
}

/** The reason of an answer for which none was noted, such as for an empty form. */
function reasonOf({ status, isUnfilledForm }: AnsweredRequest): RefusalReason | null {
  // A failure of the server has its own line.
  return isUnfilledForm || (status >= 400 && status < 500) ? "invalid_request" : null;
}

/**
 * Refusals of normal operation: a client cannot know the first nonce, browsers prefetch as they like, and
 * devices ask until their user has answered.
 */
const expected: ReadonlySet<string> = new Set([
  "authorization_pending",
  "opened_ahead",
  "slow_down",
  "use_dpop_nonce",
]);

function log(
  deps: Deps,
  { origin, method, route, status }: AnsweredRequest,
  { reason, detail, clientId, userId }: Refusal,
  meaningOf: (reason: string) => string | null,
) {
  const { requestId, address } = origin;
  const who = clientId === null ? "a request was refused" : `client "${clientId}" was refused`;
  const why = meaningOf(reason ?? "") ?? detail ?? reason;
  const level = reason !== null && expected.has(reason) ? "debug" : "info";
  deps.logger[level](`${who} at ${method} ${route}: ${why}`, {
    requestId,
    reason,
    detail: detail ?? undefined,
    status,
    client: clientId ?? undefined,
    account: userId ?? undefined,
    address: address ?? undefined,
  });
}
