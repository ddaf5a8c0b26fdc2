import * as auditEvents from "../../stores/audit_events.ts";
import type { Deps } from "../deps/deps.ts";
import { cleanUp } from "../maintenance/cleanup.ts";
import { type AdminRequest, type Answer, answer } from "./admin_request.ts";
import { administratorSteps } from "./administrator.ts";
import { earlierAnswer, once } from "./idempotency.ts";
import { Problem } from "./problem.ts";

/**
 * Cleans up now, and tells what was removed.
 *
 * @throws {Problem} 409 if a cleanup is going on
 */
export async function runCleanup(deps: Deps, request: AdminRequest): Promise<Answer> {
  const step = await administratorSteps(deps, request);
  const before = await step((tx, caller) => earlierAnswer(deps, tx, request, caller));
  if (before !== null) return before;
  const removed = await cleanUp(deps);
  if (removed === null) throw new Problem("conflict", "a cleanup is going on");
  return await step((tx, caller) =>
    once(deps, tx, request, caller, () => {
      auditEvents.append(tx, { type: "cleanup_run" });
      return Promise.resolve(answer({ removed }));
    })
  );
}
