import { auditTrail } from "../audit/trail.ts";
import { verifyTrail } from "../audit/verify.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";

/** Verifies all events against their seals, and tells what was changed, removed or inserted. */
export async function verifyAuditTrail(deps: Deps, request: AdminRequest): Promise<Answer> {
  await asAdministrator(deps, request, () => {});
  const keptSince = deps.clock.milliseconds() - deps.config.lifetimes.auditEvent * 1000;
  const found = await verifyTrail(auditTrail(deps), { keptSince });
  return answer({
    verified: found.problems.length === 0,
    seals: found.seals,
    sealed_events: found.sealedEvents,
    unsealed_events: found.unsealedEvents,
    expired_events: found.expiredEvents,
    problems: found.problems.slice(0, 100),
  });
}

/** The whole trail as lines of JSON, for `deno task audit:verify` on another machine. */
export async function exportAuditTrail(
  deps: Deps,
  request: AdminRequest,
): Promise<ReadableStream<Uint8Array>> {
  await asAdministrator(deps, request, () => {});
  const lines = auditTrail(deps);
  return new ReadableStream<string>({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(`${JSON.stringify(value)}\n`);
    },
    async cancel() {
      await lines.return(undefined);
    },
  }).pipeThrough(new TextEncoderStream());
}
