import { auditTrail } from "../audit/trail.ts";
import type { Deps } from "../deps/deps.ts";

/** The whole trail as lines of JSON, for `deno task audit:verify` on another machine. */
export function exportedAuditTrail(deps: Deps): ReadableStream<Uint8Array> {
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
