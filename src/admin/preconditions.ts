import type { Present } from "../../stores/engine/collection.ts";
import type { AdminRequest } from "./admin_request.ts";
import { Problem } from "./problem.ts";

/** Names a record as it is now: each commit that changes it gives it another one. */
export function etagOf(entry: Present<unknown>): string {
  return `"${entry.versionstamp}"`;
}

/**
 * Lets a change pass only of what its sender has seen. The step checks the record's versionstamp, so
 * between this and the commit nothing can come.
 *
 * A weak ETag counts as the strong one. Deno and proxies weaken it when they compress the answer, so a
 * client that accepts gzip has no other. That is safe here: every change of a record makes another ETag,
 * so equal ones always name the same state.
 *
 * @throws {Problem} 428 without `If-Match`, 412 if the record is another by now
 * @see RFC 9110 sections 8.8.3.3 and 13.1.1, RFC 6585 section 3
 */
export function assertMatch({ ifMatch }: AdminRequest, entry: Present<unknown>) {
  if (ifMatch === null) {
    throw new Problem("precondition_required", "send If-Match with the ETag of what you have read");
  }
  if (matches(ifMatch, etagOf(entry))) return;
  throw new Problem("precondition_failed", "read it again, and decide anew");
}

/** Like `assertMatch`, where a request need not say what it has seen. */
export function assertMatchIfGiven(request: AdminRequest, entry: Present<unknown>) {
  if (request.ifMatch !== null) assertMatch(request, entry);
}

/** Whether the caller has a record already, as it is now. @see RFC 9110 section 13.1.2 */
export function isKnown({ ifNoneMatch }: AdminRequest, entry: Present<unknown>): boolean {
  return ifNoneMatch !== null && matches(ifNoneMatch, etagOf(entry));
}

/** Weak comparison. Our ETags hold no comma. @see RFC 9110 section 8.8.3.2 */
function matches(header: string, etag: string): boolean {
  const tags = header.split(",").map((one) => one.trim());
  return tags.some((one) => one === "*" || one.replace(/^W\//, "") === etag);
}
