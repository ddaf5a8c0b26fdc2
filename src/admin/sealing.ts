import { sealAuditEvents } from "../audit/seal.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer } from "./admin_request.ts";
import { administratorSteps } from "./administrator.ts";
import { earlierAnswer, once } from "./idempotency.ts";

/**
 * Seals the audit events now, such as before an export. It takes some fifteen seconds: what was under
 * way when it was asked for is to be in the seal.
 *
 * The answer's `seal` is null if there was nothing new, or another process is at it.
 */
export async function runSealing(deps: Deps, request: AdminRequest): Promise<Answer> {
  const step = await administratorSteps(deps, request);
  const before = await step((tx, caller) => earlierAnswer(deps, tx, request, caller));
  if (before !== null) return before;
  const seal = await sealAuditEvents(deps);
  const shown = seal && {
    sequence: seal.sequence,
    count: seal.count,
    created_at: seal.createdAt,
    jws: seal.jws,
  };
  const told = answer({ seal: shown });
  return await step((tx, caller) => once(deps, tx, request, caller, () => Promise.resolve(told)));
}
