import { auditTrail } from "../audit/trail.ts";
import type { Deps } from "../deps/deps.ts";
import type { AdminRequest } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";

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
