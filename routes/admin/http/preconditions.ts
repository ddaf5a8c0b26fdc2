import type { Present } from "../../../stores/engine/collection.ts";
import { Problem } from "../../http/problem.ts";
import type { AdminRequest } from "./request.ts";

/** The ETag of a record. Each commit that changes the record changes its ETag. */
export function etagOf(entry: Present<unknown>): string {
  return `"${entry.versionstamp}"`;
}

/**
 * Allows a change only if the caller has seen the current state of the record. The step checks the
 * record's versionstamp, so the record cannot change between this check and the commit.
 *
 * A weak ETag is accepted like a strong one. Deno and proxies make it weak when they compress an answer,
 * so a client that accepts gzip has no other. This is safe: every change of a record makes another ETag.
 *
 * @throws {Problem} 428 without `If-Match`, 412 if the record has changed
 * @see RFC 9110 sections 8.8.3.3 and 13.1.1, RFC 6585 section 3
 */
export function assertMatch({ ifMatch }: AdminRequest, entry: Present<unknown>) {
  if (ifMatch === null) {
    throw new Problem(
      "precondition_required",
      "send If-Match with the ETag of the record that you read",
    );
  }
  if (matches(ifMatch, etagOf(entry))) return;
  throw new Problem(
    "precondition_failed",
    "the record has changed: read it again, and decide anew",
  );
}

/** Like `assertMatch`, for a request that may come without `If-Match`. */
export function assertMatchIfGiven(request: AdminRequest, entry: Present<unknown>) {
  if (request.ifMatch !== null) assertMatch(request, entry);
}

/** Whether the caller already has the current state of a record. @see RFC 9110 section 13.1.2 */
export function isKnown({ ifNoneMatch }: AdminRequest, entry: Present<unknown>): boolean {
  return ifNoneMatch !== null && matches(ifNoneMatch, etagOf(entry));
}

/** Weak comparison. Our ETags contain no comma. @see RFC 9110 section 8.8.3.2 */
function matches(header: string, etag: string): boolean {
  const tags = header.split(",").map((one) => one.trim());
  return tags.some((one) =>
    one === "*" || one.replace(/^W\//, "").replace(compressed, '"') === etag
  );
}

/** What a proxy that compresses adds to an ETag: Apache and Caddy `-gzip`, Jetty `--gzip`. */
const compressed = /(?:--?|;)(?:gzip|br|zstd|deflate)"$/;
